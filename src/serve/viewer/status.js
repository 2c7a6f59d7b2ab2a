// What the viewer says: a quiet line that screen readers hear, strips across the page for what must not be missed, and errors.
import { byId, icon, iconButton, make } from "./dom.js";

export function say(text) {
  byId("status").textContent = text;
}

const strips = new Map();                    // name -> element

// A strip under the title bar. kind: "caution" or "danger". actions: [{label, run}]. An empty text takes it away.
export function strip(name, text, { kind = "caution", actions = [], closable = false } = {}) {
  strips.get(name)?.remove();
  strips.delete(name);
  if (!text) return;
  const buttons = actions.map(({ label, run }) => make("button", { type: "button", onclick: () => { strip(name, ""); run(); } }, label));
  if (closable) buttons.push(iconButton("close", "Close this message", { onclick: () => strip(name, "") }));
  const element = make("div", { class: `strip ${kind}`, "data-strip": name, role: kind === "danger" ? "alert" : "note" }, icon("warning"), make("p", {}, text), ...buttons);
  strips.set(name, element);
  byId("strips").append(element);
}

export const showError = (error, actions = []) => strip("error", error.message, { kind: "danger", actions, closable: true });
export const clearError = () => strip("error", "");
