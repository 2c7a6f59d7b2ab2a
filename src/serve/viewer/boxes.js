// The findings' boxes over the frontal film, as SVG in screen pixels: lines keep their width at every zoom.
// The areas that answer the pointer lie below, small ones on top; over all of them the lines and the number plates, so that each number can be reached.
import { makeSvg } from "./dom.js";
import { styleOf } from "./selection.js";

const kPlateHeight = 20;

export class BoxOverlay {
  #findings = [];
  #shapes = [];                              // {index, box, group, parts}

  constructor(view, selection) {
    this.view = view;
    this.selection = selection;
    this.hidden = false;
    this.svg = makeSvg("svg", { class: "boxes", role: "group", "aria-label": "Boxes of the findings", preserveAspectRatio: "none" });
    view.viewport.append(this.svg);
    view.addEventListener("draw", () => this.#place());
    selection.addEventListener("change", () => this.#mark());
  }

  // findings: [{index, text, boxes}], boxes in 0..1 of the frontal film or null.
  show(findings) {
    this.#findings = findings;
    this.#build();
  }
  setHidden(hidden) {
    this.hidden = hidden;
    this.svg.toggleAttribute("hidden", hidden);
  }

  #build() {
    const held = this.svg.contains(document.activeElement) ? document.activeElement.dataset.shape : null;
    this.#shapes = [];
    for (const { index, text, boxes } of this.#findings) {
      (boxes ?? []).forEach((box, part) => this.#shapes.push(this.#shape(index, box, text, `${index}.${part}`)));
    }
    const area = ({ box }) => (box[2] - box[0]) * (box[3] - box[1]);
    const drawn = [...this.#shapes].sort((a, b) => area(b) - area(a));
    this.svg.replaceChildren(...drawn.map(({ parts }) => parts.hit), ...drawn.map(({ group }) => group));
    if (held) this.svg.querySelector(`[data-shape="${held}"]`)?.focus();
    this.#place();
    this.#mark();
  }

  #shape(index, box, text, name) {
    const hit = makeSvg("rect", { class: "hit", "data-index": index, "aria-hidden": "true" }), halo = makeSvg("rect", { class: "halo" }), line = makeSvg("rect", { class: "edge" });
    const plate = makeSvg("rect", { class: "plate", rx: 3, height: kPlateHeight });
    const number = makeSvg("text", { class: "number", "text-anchor": "middle" }, String(index + 1));
    const group = makeSvg("g", {
      class: `box ${styleOf(index)}`, role: "button", tabindex: 0, "data-index": index, "data-shape": name,
      "aria-label": `Box of finding ${index + 1}: ${text}`, "aria-pressed": "false",
    }, halo, line, plate, number);
    for (const part of [hit, group]) {
      part.addEventListener("pointerenter", () => this.selection.hover(index));
      part.addEventListener("pointerleave", () => this.selection.hover(null));
    }
    group.addEventListener("focus", () => { if (group.matches(":focus-visible")) this.selection.focus(index); });   // a click pins instead
    group.addEventListener("blur", () => this.selection.focus(null));
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      this.selection.togglePin(index);
    });
    return { index, box, group, parts: { hit, halo, line, plate, number } };
  }

  #place() {
    if (!this.view.picture) return;
    // In the units of the drawing: on paper, where the film has another size, the boxes have it too
    const { clientWidth, clientHeight } = this.view.viewport;
    if (clientWidth && clientHeight) this.svg.setAttribute("viewBox", `0 0 ${clientWidth} ${clientHeight}`);
    const plates = [];                       // of boxes with one corner side by side, so that no number hides another
    for (const { index, box, parts } of this.#shapes) {
      const [x0, y0] = this.view.toScreen(box[0], box[1]), [x1, y1] = this.view.toScreen(box[2], box[3]);
      for (const rect of [parts.hit, parts.halo, parts.line]) set(rect, { x: x0, y: y0, width: Math.max(1, x1 - x0), height: Math.max(1, y1 - y0) });
      const width = index + 1 > 9 ? 28 : 20;
      const top = y0 >= 22 ? y0 - 21 : y0 + 1;                 // above the box where there is room
      let left = x0 - 1;
      for (let other; (other = plates.find((one) => Math.abs(one.top - top) < kPlateHeight && left < one.right && left + width > one.left));) left = other.right + 1;
      plates.push({ left, right: left + width, top });
      set(parts.plate, { x: left, y: top, width });
      set(parts.number, { x: left + width / 2, y: top + 14.5 });
    }
  }

  #mark() {
    const { shown, pinned } = this.selection;
    for (const { index, group } of this.#shapes) {
      group.classList.toggle("shown", index === shown);
      group.classList.toggle("dimmed", shown !== null && index !== shown);
      group.setAttribute("aria-pressed", String(index === pinned));
    }
  }
}

function set(element, numbers) {
  for (const [name, value] of Object.entries(numbers)) element.setAttribute(name, Math.round(value * 100) / 100);
}

// A box in words: where it is, in percent of the film's width and height.
export function boxText([x0, y0, x1, y1]) {
  const percent = (value) => Math.round(100 * value);
  return `x ${percent(x0)}–${percent(x1)} %, y ${percent(y0)}–${percent(y1)} %`;
}
