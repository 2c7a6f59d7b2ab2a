// The panes: frontal, prior, lateral side by side, each an ImageView with its header; layouts 1 to 4; linked zoom and window.
import { addGestures } from "./gestures.js";
import { byId, iconButton, make } from "./dom.js";
import { ImageView } from "./image_view.js";
import { dateText, kRoleNames, kRoles } from "./study.js";
import { toPercent } from "./window_level.js";

// Which panes each layout shows, in order.
export const kLayouts = {
  1: { roles: ["frontal"], label: "Frontal alone" },
  2: { roles: ["frontal", "prior"], label: "Frontal and prior" },
  3: { roles: ["frontal", "lateral"], label: "Frontal and lateral" },
  4: { roles: ["frontal", "prior", "lateral"], label: "All three" },
};

// Events: "active" (another pane, or its window or zoom, changed), "layout".
export class Panes extends EventTarget {
  linkView = true;
  linkWindow = false;
  layout = 1;
  activeRole = "frontal";

  // onBoxClick(element): a press on the frontal film that did not move.
  constructor(study, onBoxClick) {
    super();
    this.study = study;
    this.panes = Object.fromEntries(kRoles.map((role) => [role, this.#makePane(role, onBoxClick)]));
    byId("panes").append(...kRoles.map((role) => this.panes[role].element));
    study.addEventListener("change", (event) => this.#studyChanged(event.detail.roles));
    this.setLayout(1);
  }

  get active() { return this.panes[this.activeRole].view; }
  view(role) { return this.panes[role].view; }
  get shown() { return kLayouts[this.layout].roles.filter((role) => this.study.slots[role]); }

  setLayout(layout) {
    this.layout = layout;
    const shown = this.shown;
    for (const role of kRoles) this.panes[role].element.hidden = !shown.includes(role);
    if (!shown.includes(this.activeRole)) this.activate(shown.includes("frontal") ? "frontal" : shown[0] ?? "frontal");
    this.dispatchEvent(new Event("layout"));
  }
  canLay(layout) { return layout === 1 ? !this.study.isEmpty : kLayouts[layout].roles.every((role) => this.study.slots[role]); }

  activate(role) {
    this.activeRole = role;
    for (const each of kRoles) this.panes[each].element.classList.toggle("active", each === role);
    this.dispatchEvent(new Event("active"));
  }

  setSmooth(smooth) {
    for (const role of kRoles) {
      this.view(role).smooth = smooth;
      this.view(role).redraw();
    }
  }
  setLinkView(on) {
    this.linkView = on;
    if (on) this.#follow(this.activeRole, "view");
  }
  setLinkWindow(on) {
    this.linkWindow = on;
    if (on) this.#follow(this.activeRole, "window");
  }

  #makePane(role, onBoxClick) {
    const title = make("span", { class: "pane-title" }), file = make("span", { class: "pane-file" }), facts = make("span", { class: "pane-facts" });
    const reading = make("span", { class: "pane-reading" });
    const viewport = make("div", { class: "viewport", tabindex: 0, role: "group", "data-role": role });
    const nudge = (name, label, dx, dy) => iconButton(name, label, { class: `quiet icon-only pan-${name}`, onclick: () => view.panBy(dx * 60, dy * 60) });
    const pad = make("div", { class: "pan-pad", hidden: true, role: "group", "aria-label": "Move the picture" },
      nudge("up", "Look further up", 0, 1), nudge("left", "Look further left", 1, 0), nudge("right", "Look further right", -1, 0), nudge("down", "Look further down", 0, -1));
    const element = make("section", { class: "pane", "aria-label": `${kRoleNames[role]} film` },
      make("header", { class: "pane-head" }, title, file, facts), viewport, make("div", { class: "pane-foot" }, reading), pad);
    const view = new ImageView(viewport);
    addGestures(view, { onClick: (target) => { if (role === "frontal") onBoxClick(target); }, onUse: () => this.activate(role) });
    viewport.addEventListener("focus", () => this.activate(role));
    for (const kind of ["view", "window"]) {
      view.addEventListener(kind, () => {
        this.#follow(role, kind);
        if (role === this.activeRole) this.dispatchEvent(new Event("active"));
      });
    }
    const read = (event) => { reading.textContent = readingText(view, event); };
    view.addEventListener("draw", () => {
      pad.hidden = !view.picture || view.view.zoom <= 1.01;
      read();
    });
    viewport.addEventListener("pointermove", read);
    viewport.addEventListener("pointerleave", () => read());
    return { element, view, title, file, facts };
  }

  // The other shown panes take over this one's view or window, if they are linked.
  #follow(role, kind) {
    const from = this.view(role);
    if (!(kind === "view" ? this.linkView : this.linkWindow)) return;
    for (const other of kRoles) {
      const to = this.view(other);
      // A lateral is another projection: its zoom goes along, its place and its window do not.
      if (other === role || !to.picture) continue;
      const lateral = role === "lateral" || other === "lateral";
      if (kind === "window") { if (!lateral) to.setWindow(from.window, true); }
      else to.setView(lateral ? { ...to.view, zoom: from.view.zoom } : from.view, true);
    }
  }

  #studyChanged(roles) {
    for (const role of roles) {
      const item = this.study.slots[role], pane = this.panes[role];
      pane.view.show(item?.picture ?? null);
      if (!item) continue;
      pane.title.textContent = kRoleNames[role];
      pane.file.textContent = item.name;
      pane.file.title = item.name;
      pane.facts.textContent = [item.info.view, dateText(item.info.study_date)].filter(Boolean).join(" · ");
      pane.view.viewport.setAttribute("aria-label", `${kRoleNames[role]} film, ${item.name}, ${item.info.width} by ${item.info.height} pixels`);
    }
    byId("panes").hidden = this.study.isEmpty;
    this.setLayout(this.#layoutFor());
  }

  // When slots were filled or emptied: the layout that shows all there is. Else the one chosen.
  #layoutFor() {
    const { frontal, prior, lateral } = this.study.slots;
    const filled = [frontal, prior, lateral].map(Boolean).join();
    if (filled === this.filled) return this.layout;
    this.filled = filled;
    return prior && lateral ? 4 : prior ? 2 : lateral ? 3 : 1;
  }
}

function readingText(view, event) {
  if (!view.picture) return "";
  const { centre, width, invert } = view.window;
  const parts = [`W ${Math.round(toPercent(width))} %`, `C ${Math.round(toPercent(centre))} %`, `${Math.round(100 * view.scale * devicePixelRatio)} %`];
  if (invert) parts.push("inverted");
  if (event) {
    const box = view.viewport.getBoundingClientRect();
    const [x, y] = view.toPicture(event.clientX - box.left, event.clientY - box.top);
    if (x >= 0 && x < 1 && y >= 0 && y < 1) {
      const column = Math.floor(x * view.picture.width), row = Math.floor(y * view.picture.height);
      parts.push(`x ${column}  y ${row}  grey ${toPercent(view.picture.sampleAt(column, row)).toFixed(1)} %`);
    }
  }
  return parts.join("   ");
}
