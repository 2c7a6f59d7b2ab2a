// The questions the viewer puts to its user: a key, and whether a refused form is wanted all the same.
import { byId, make } from "./dom.js";

function open(dialog, ...children) {
  dialog.replaceChildren(...children);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => {
    const { returnValue } = dialog;
    resolve(returnValue);
  }, { once: true }));
}

let asking = null;                           // one prompt for however many requests were turned away

// -> the key, or null where none was given. It is held by the page alone and forgotten with it.
export function askForKey(wasWrong) {
  asking ??= prompt(wasWrong).finally(() => { asking = null; });
  return asking;
}

async function prompt(wasWrong) {
  const dialog = byId("key-dialog");
  const field = make("input", { type: "password", id: "key-field", autocomplete: "off", required: true, spellcheck: "false" });
  const answer = await open(dialog, make("form", { method: "dialog", autocomplete: "off" },
    make("h2", { id: "key-title" }, "This server wants a key"),
    make("p", {}, wasWrong ? "That key was not accepted. " : "", "Ask whoever runs the server. The key is kept in this tab's memory only."),
    make("label", { for: "key-field" }, "Key"), field,
    make("div", { class: "dialog-actions" },
      make("button", { type: "submit", class: "primary", value: "ok" }, "Use key"),
      make("button", { type: "submit", class: "quiet", value: "", formnovalidate: true }, "Cancel"))));
  const typed = answer === "ok" ? field.value.trim() : "";
  field.value = "";
  dialog.replaceChildren();
  return typed || null;
}

// A refusal with its reason, and a labelled choice to go on. -> whether to go on.
export async function offerChoice({ title, reason, label, action }) {
  const go = make("button", { type: "submit", class: "primary", value: "ok", disabled: true }, action);
  const agree = make("input", { type: "checkbox", id: "choice-agree", onchange: () => { go.disabled = !agree.checked; } });
  const answer = await open(byId("choice-dialog"), make("form", { method: "dialog", autocomplete: "off" },
    make("h2", { id: "choice-title" }, title), make("p", { id: "choice-reason" }, reason),
    make("div", { class: "choice" }, agree, make("label", { for: "choice-agree" }, label)),
    make("div", { class: "dialog-actions" }, go, make("button", { type: "submit", class: "quiet", value: "" }, "Cancel"))));
  return answer === "ok";
}
