// The side panel's tabs (ARIA tabs pattern: arrow keys move, one tab stop).
import { byId } from "./dom.js";

const kTabs = ["study", "report", "questions"];
const listeners = [];

export const currentTab = () => kTabs.find((name) => byId(`tab-${name}`).getAttribute("aria-selected") === "true");
export const onTab = (run) => listeners.push(run);

export function openTab(name, focus = false) {
  for (const each of kTabs) {
    const tab = byId(`tab-${each}`), on = each === name;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    byId(`panel-${each}`).hidden = !on;
  }
  byId("foot-write").hidden = name === "questions";
  byId("foot-ask").hidden = name !== "questions";
  if (focus) byId(`tab-${name}`).focus();
  for (const run of listeners) run(name);
}

export function startTabs() {
  kTabs.forEach((name, i) => {
    const tab = byId(`tab-${name}`);
    tab.addEventListener("click", () => openTab(name));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: kTabs.length - 1 }[event.key];
      const target = event.key === "Home" ? 0 : event.key === "End" ? kTabs.length - 1 : step === undefined ? null : (i + step) % kTabs.length;
      if (target === null) return;
      event.preventDefault();
      event.stopPropagation();
      openTab(kTabs[target], true);
    });
  });
}
