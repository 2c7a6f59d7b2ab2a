// Keys: one table for the handler and for the help page. Single letters can be switched off (WCAG 2.1.4), for this page only.
import { byId, iconButton, make } from "./dom.js";

let table = [];
let lettersOn = true;

// groups: [{title, keys: [{keys: ["I"], label, run}]}]; a key is event.key as typed, "Shift+ArrowUp" with its modifier.
export function startKeys(groups) {
  table = groups;
  const byKey = new Map(groups.flatMap(({ keys }) => keys.flatMap((entry) => entry.keys.map((key) => [key.toLowerCase(), entry]))));
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const target = event.target;
    if (target.closest("textarea, select, input:not([type=checkbox], [type=range])")) return;
    const shifted = event.shiftKey && event.key.startsWith("Arrow");
    const entry = byKey.get((shifted ? "shift+" : "") + event.key.toLowerCase());
    if (!entry?.run || (event.key.length === 1 && !lettersOn && event.key !== "?")) return;
    if (event.key.startsWith("Arrow") && !event.shiftKey && target.closest('[role="tab"], [type=range]')) return;   // theirs
    event.preventDefault();
    entry.run(event);
  });
}

const kShown = { "shift+arrowup": "Shift ↑", "shift+arrowdown": "Shift ↓", "shift+arrowleft": "Shift ←", "shift+arrowright": "Shift →",
  arrowup: "↑", arrowdown: "↓", arrowleft: "←", arrowright: "→", escape: "Esc", "-": "−" };
const shownAs = (key) => kShown[key.toLowerCase()] ?? (key.length === 1 ? key.toUpperCase() : key);

export function openHelp() {
  const dialog = byId("help-dialog");
  const letters = make("input", { type: "checkbox", id: "letters", onchange: (event) => { lettersOn = event.currentTarget.checked; } });
  letters.checked = lettersOn;
  dialog.replaceChildren(
    make("header", {}, make("h2", { id: "help-title" }, "Help"), iconButton("close", "Close help", { onclick: () => dialog.close() })),
    make("div", { class: "help-body", tabindex: 0, role: "group", "aria-label": "Help text" },
      make("h3", {}, "Pointer"),
      definitions([
        [["Drag"], "window: right is wider, down is darker"], [["Right or Shift drag"], "move the film"], [["Wheel"], "zoom at the pointer"],
        [["Double click"], "window and zoom as at first"], [["Click a box"], "pin it and its sentence; again to let go"],
      ]),
      ...table.flatMap(({ title, keys }) => [make("h3", {}, title), definitions(keys.filter(({ label }) => label).map(({ keys: names, label, show }) => [show ?? names.map(shownAs), label]))]),
      make("div", { class: "choice" }, letters, make("label", { for: "letters" }, "Single-letter keys")),
      make("h3", {}, "What this is"),
      make("p", {}, "Hilum is for research. It is not a medical device, and this page is not a diagnostic display. Text and boxes come from a model and can be wrong. "
        + "Pictures go to the server this page came from and nowhere else; nothing is stored in the browser."),
    ));
  dialog.showModal();
}

const definitions = (rows) => make("dl", { class: "keys" }, ...rows.map(([names, label]) =>
  make("div", {}, make("dt", {}, ...names.flatMap((name, i) => (i ? [" ", make("kbd", {}, name)] : [make("kbd", {}, name)]))), make("dd", {}, label))));
