// The image tools above the panes. All act on the active pane (and on those linked to it).
import { byId, icon, iconButton, make, setPressed } from "./dom.js";
import { kLayouts } from "./panes.js";
import { fromPercent, percentileWindow, toPercent } from "./window_level.js";

export function makeToolbar(panes, boxes) {
  const tools = {
    invert: () => panes.active.setWindow({ ...panes.active.window, invert: !panes.active.window.invert }),
    auto: () => panes.active.picture && panes.active.setWindow({ ...percentileWindow(panes.active.picture.samples), invert: panes.active.window.invert }),
    reset: () => panes.active.reset(),
    fit: () => panes.active.fit(),
    actual: () => panes.active.picture && panes.active.actualSize(),
    zoom: (factor) => panes.active.zoomAt(factor),
    pan: (dx, dy) => panes.active.panBy(dx, dy),
    widen: (percent) => panes.active.setWindow({ ...panes.active.window, width: panes.active.window.width + fromPercent(percent) }),
    centre: (percent) => panes.active.setWindow({ ...panes.active.window, centre: panes.active.window.centre + fromPercent(percent) }),
    layout: (number) => { if (panes.canLay(number)) panes.setLayout(number); },
    boxes: () => {
      boxes.setHidden(!boxes.hidden);
      setPressed(buttons.boxes, !boxes.hidden);
    },
    linkView: () => {
      panes.setLinkView(!panes.linkView);
      setPressed(buttons.linkView, panes.linkView);
    },
    linkWindow: () => {
      panes.setLinkWindow(!panes.linkWindow);
      setPressed(buttons.linkWindow, panes.linkWindow);
    },
    smooth: () => {
      const smooth = !panes.active.smooth;
      panes.setSmooth(smooth);
      setPressed(buttons.pixels, !smooth);
    },
  };

  const layoutButtons = Object.entries(kLayouts).map(([number, { label }]) =>
    iconButton(`layout-${number}`, `${label} (${number})`, { "aria-pressed": "false", onclick: () => tools.layout(Number(number)) }));
  const width = percentControl("W", "width", "window-width", (percent) => panes.active.setWindow({ ...panes.active.window, width: fromPercent(percent) }), 1);
  const centre = percentControl("C", "centre", "window-centre", (percent) => panes.active.setWindow({ ...panes.active.window, centre: fromPercent(percent) }), 0);
  const buttons = {
    auto: iconButton("auto", "Window to the picture's own range (A)", { onclick: tools.auto }),
    invert: iconButton("invert", "Invert (I)", { "aria-pressed": "false", onclick: tools.invert }),
    boxes: iconButton("boxes", "Show boxes (B)", { "aria-pressed": "true", onclick: tools.boxes }),
    linkView: make("button", { type: "button", class: "quiet", "aria-pressed": "true", title: "Zoom and pan the films together (L)", onclick: tools.linkView }, icon("link"), "Zoom"),
    linkWindow: make("button", { type: "button", class: "quiet", "aria-pressed": "false", title: "Window the frontal films together (K)", onclick: tools.linkWindow }, icon("link"), "Window"),
    pixels: iconButton("pixels", "Show single pixels (N)", { "aria-pressed": "false", onclick: tools.smooth }),
  };
  const links = group("Linked films", buttons.linkView, buttons.linkWindow);
  byId("toolbar").append(
    group("Layout", ...layoutButtons),
    group("Window", width.element, centre.element, buttons.auto, buttons.invert),
    group("Zoom",
      iconButton("minus", "Smaller (−)", { onclick: () => tools.zoom(1 / 1.25) }), iconButton("plus", "Larger (+)", { onclick: () => tools.zoom(1.25) }),
      iconButton("fit", "Fit (F)", { onclick: tools.fit }),
      make("button", { type: "button", class: "quiet", "aria-label": "1:1, actual size (Z)", title: "One screen pixel a film pixel (Z)", onclick: tools.actual }, "1:1"),
      buttons.pixels),
    links,
    group("Boxes and reset", buttons.boxes, iconButton("reset", "Reset window and zoom (R)", { onclick: tools.reset })),
  );

  const follow = () => {
    const { window } = panes.active;
    width.set(toPercent(window.width));
    centre.set(toPercent(window.centre));
    setPressed(buttons.invert, window.invert);
  };
  panes.addEventListener("active", follow);
  panes.addEventListener("layout", () => {
    byId("toolbar").hidden = panes.study.isEmpty;
    layoutButtons.forEach((button, i) => {
      setPressed(button, panes.layout === i + 1);
      button.disabled = !panes.canLay(i + 1);
    });
    links.hidden = panes.shown.length < 2;
    follow();
  });
  return tools;
}

const group = (label, ...children) => make("div", { class: "tool-group", role: "group", "aria-label": label }, ...children);

// A slider and a number field for the same percentage.
function percentControl(letter, name, id, onChange, min) {
  const range = make("input", { type: "range", id: `${id}-slider`, min, max: 100, step: 1, "aria-label": `Window ${name} in percent, slider`, title: `Window ${name}, percent of the grey range` });
  const number = make("input", { type: "number", id, min, max: 100, step: 1, autocomplete: "off", title: `Window ${name}, percent of the grey range` });
  range.addEventListener("input", () => onChange(Number(range.value)));
  number.addEventListener("change", () => { if (number.value !== "") onChange(Number(number.value)); });
  return {
    element: make("div", { class: "window-control" }, make("label", { for: id }, letter, make("span", { class: "off-screen" }, `, window ${name} in percent`)), range, number),
    set(percent) {
      range.value = String(Math.round(percent));
      if (document.activeElement !== number || Number(number.value) !== Math.round(percent)) number.value = String(Math.round(percent));
    },
  };
}
