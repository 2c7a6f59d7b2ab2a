// Pointer and wheel on a viewport -> window, pan, zoom. Left drag: window; right, middle or shift drag: pan; wheel: zoom at the pointer;
// double click: reset. Touch: one finger windows, two pan and zoom; where the page itself scrolls (a phone), one finger scrolls it. Every drag has
// a button or slider that does the same.

const kScrolls = matchMedia("(max-width: 820px)");    // as viewer.css has it
const kClickSlack = 4;                       // px moved before a press is a drag

// on_click(event): a press that did not move. on_use(): the viewport was pressed.
export function addGestures(view, { onClick, onUse }) {
  const { viewport } = view;
  const fingers = new Map();                 // pointerId -> {x, y}
  let drag = null;                           // {mode, x, y, window, moved}

  const place = (event) => {
    const box = viewport.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  viewport.addEventListener("pointerdown", (event) => {
    if (!view.picture || event.target.closest("button")) return;
    onUse();
    const at = place(event);
    fingers.set(event.pointerId, at);
    viewport.setPointerCapture(event.pointerId);
    const pan = event.button === 1 || event.button === 2 || event.shiftKey || fingers.size > 1;
    drag = { mode: pan ? "pan" : "window", ...at, window: { ...view.window }, moved: fingers.size > 1, target: event.target };
    if (event.button === 1) event.preventDefault();     // no autoscroll
  });

  viewport.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before || !drag) return;
    const at = place(event);
    fingers.set(event.pointerId, at);
    if (fingers.size === 2) {
      const [a, b] = fingers.values();
      const other = a === at ? b : a;
      const apart = (p) => Math.hypot(p.x - other.x, p.y - other.y);
      view.panBy((at.x - before.x) / 2, (at.y - before.y) / 2);
      if (apart(before) > 10) view.zoomAt(apart(at) / apart(before), (at.x + other.x) / 2, (at.y + other.y) / 2);
      return;
    }
    if (event.pointerType === "touch" && kScrolls.matches) return;
    if (!drag.moved && Math.hypot(at.x - drag.x, at.y - drag.y) < kClickSlack) return;
    drag.moved = true;
    viewport.dataset.drag = drag.mode;
    if (drag.mode === "pan") view.panBy(at.x - before.x, at.y - before.y);
    else view.dragWindow(drag.window, at.x - drag.x, at.y - drag.y);
  });

  const end = (event) => {
    if (!fingers.delete(event.pointerId)) return;
    if (fingers.size) return;
    if (drag && !drag.moved && event.type === "pointerup" && event.button === 0) onClick(drag.target);
    drag = null;
    delete viewport.dataset.drag;
  };
  viewport.addEventListener("pointerup", end);
  viewport.addEventListener("pointercancel", end);

  viewport.addEventListener("wheel", (event) => {
    if (!view.picture) return;
    event.preventDefault();
    const { x, y } = place(event);
    const pixels = event.deltaMode === 1 ? 16 * event.deltaY : event.deltaY;
    view.zoomAt(Math.exp(-0.0015 * pixels), x, y);
  }, { passive: false });

  viewport.addEventListener("dblclick", (event) => { if (!event.target.closest("button")) view.reset(); });
  viewport.addEventListener("contextmenu", (event) => event.preventDefault());
}
