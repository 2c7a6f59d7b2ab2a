// One picture on a canvas: window by lookup table, zoom, pan. Events: "window" and "view" when a person changed them (not when set
// from outside, so that linked views do not answer each other), "draw" after each drawing.
import { buildTable, clampWindow, fullWindow, kMaxSample } from "./window_level.js";
import { clamp } from "./dom.js";

const kMinZoom = 0.25, kMaxPixel = 24;      // times fit; screen pixels a picture pixel

export class ImageView extends EventTarget {
  // viewport: the element the picture fills; the canvas becomes its first child.
  constructor(viewport) {
    super();
    this.viewport = viewport;
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    viewport.prepend(this.canvas);
    this.picture = null;
    this.window = fullWindow();
    this.view = { zoom: 1, cx: 0.5, cy: 0.5 };   // zoom 1: fits; cx, cy: 0..1 of the picture, at the viewport's centre
    this.smooth = true;
    this.shaded = null;                          // the level as grey pixels, and what it was made of
    this.waiting = false;
    new ResizeObserver(() => this.#resize()).observe(viewport);
  }

  show(picture) {
    this.picture = picture;
    this.shaded = null;
    this.window = fullWindow();
    this.view = { zoom: 1, cx: 0.5, cy: 0.5 };
    this.redraw();
  }

  // CSS pixels a picture pixel at zoom 1.
  get fitScale() {
    if (!this.picture) return 1;
    return Math.min(this.canvas.clientWidth / this.picture.width, this.canvas.clientHeight / this.picture.height) || 1;
  }
  get scale() { return this.fitScale * this.view.zoom; }

  // Where the picture's corner is drawn, on a whole device pixel: at 1:1 each sample fills exactly one.
  get #corner() {
    const snap = (value) => Math.round(value * devicePixelRatio) / devicePixelRatio;
    return [snap(this.canvas.clientWidth / 2 - this.view.cx * this.picture.width * this.scale),
            snap(this.canvas.clientHeight / 2 - this.view.cy * this.picture.height * this.scale)];
  }
  // Screen pixels of the viewport <-> 0..1 of the picture.
  toScreen(x, y) {
    const [left, top] = this.#corner;
    return [left + x * this.picture.width * this.scale, top + y * this.picture.height * this.scale];
  }
  toPicture(px, py) {
    const [left, top] = this.#corner;
    return [(px - left) / (this.picture.width * this.scale), (py - top) / (this.picture.height * this.scale)];
  }

  // `quietly`: from a linked view.
  setWindow(window, quietly = false) {
    this.window = clampWindow(window);
    this.redraw();
    if (!quietly) this.dispatchEvent(new Event("window"));
  }
  setView({ zoom, cx, cy }, quietly = false) {
    const most = Math.max(1, kMaxPixel / this.fitScale);
    this.view = { zoom: clamp(zoom, kMinZoom, most), cx: clamp(cx, 0, 1), cy: clamp(cy, 0, 1) };
    this.redraw();
    if (!quietly) this.dispatchEvent(new Event("view"));
  }

  // The point of the picture under (px, py) stays there.
  zoomAt(factor, px = this.canvas.clientWidth / 2, py = this.canvas.clientHeight / 2) {
    if (!this.picture) return;
    const [x, y] = this.toPicture(px, py);
    const most = Math.max(1, kMaxPixel / this.fitScale);
    const zoom = clamp(this.view.zoom * factor, kMinZoom, most), ratio = this.view.zoom / zoom;
    this.setView({ zoom, cx: x + (this.view.cx - x) * ratio, cy: y + (this.view.cy - y) * ratio });
  }
  panBy(dx, dy) {
    if (!this.picture) return;
    this.setView({ ...this.view, cx: this.view.cx - dx / (this.picture.width * this.scale), cy: this.view.cy - dy / (this.picture.height * this.scale) });
  }
  fit() { this.setView({ zoom: 1, cx: 0.5, cy: 0.5 }); }
  actualSize() { this.setView({ ...this.view, zoom: 1 / (this.fitScale * devicePixelRatio) }); }
  reset() {
    this.setWindow(fullWindow());
    this.fit();
  }

  // Drag by (dx, dy) screen pixels from `start`: right widens the window, down raises its centre (darker). The whole viewport: 100 %.
  dragWindow(start, dx, dy) {
    this.setWindow({
      ...start,
      width: start.width + (dx / this.canvas.clientWidth) * kMaxSample,
      centre: start.centre + (dy / this.canvas.clientHeight) * kMaxSample,
    });
  }

  redraw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.#draw();
    });
  }

  #resize() {
    const width = Math.round(this.viewport.clientWidth * devicePixelRatio), height = Math.round(this.viewport.clientHeight * devicePixelRatio);
    if (width && height) this.viewport.style.setProperty("--drawn", width / height);   // the shape that print.css keeps
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    this.#draw();                            // at once: a resized canvas is empty
  }

  #draw() {
    const context = this.canvas.getContext("2d", { alpha: false });
    context.fillStyle = "#050607";
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    if (this.picture && this.canvas.width > 0) {
      const shown = this.#shade();
      const [left, top] = this.toScreen(0, 0), [right, bottom] = this.toScreen(1, 1);
      context.imageSmoothingEnabled = this.smooth;
      context.imageSmoothingQuality = this.scale * devicePixelRatio > 1 ? "high" : "low";   // shrunk, the level is at most twice too large
      const ratio = devicePixelRatio;
      context.drawImage(shown, left * ratio, top * ratio, (right - left) * ratio, (bottom - top) * ratio);
    }
    this.dispatchEvent(new Event("draw"));
  }

  // The level fit for this zoom, through the window's table, on a canvas of its own; made again only when one of them changed.
  #shade() {
    const index = this.picture.levelFor(this.scale * devicePixelRatio);
    const { centre, width, invert } = this.window;
    const made = [index, centre, width, invert].join();
    if (this.shaded?.made === made) return this.shaded.canvas;
    const level = this.picture.levels[index];
    let { canvas, pixels } = this.shaded ?? {};
    if (pixels?.width !== level.width || pixels?.height !== level.height) {
      canvas = Object.assign(document.createElement("canvas"), { width: level.width, height: level.height });
      pixels = new ImageData(level.width, level.height);
    }
    applyTable(buildTable(this.window), level.samples, pixels);
    canvas.getContext("2d", { alpha: false }).putImageData(pixels, 0, 0);
    this.shaded = { made, canvas, pixels };
    return canvas;
  }
}

function applyTable(table, samples, pixels) {
  const out = new Uint32Array(pixels.data.buffer);
  for (let i = 0; i < out.length; ++i) out[i] = table[samples[i]];
}

// A small still picture, full window, for lists.
export function drawThumbnail(canvas, picture) {
  const scale = Math.min(canvas.width / picture.width, canvas.height / picture.height);
  const level = picture.levels[picture.levelFor(scale)];
  const pixels = new ImageData(level.width, level.height);
  applyTable(buildTable(fullWindow()), level.samples, pixels);
  const whole = document.createElement("canvas");
  Object.assign(whole, { width: level.width, height: level.height });
  whole.getContext("2d").putImageData(pixels, 0, 0);
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  const w = picture.width * scale, h = picture.height * scale;
  context.drawImage(whole, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
}
