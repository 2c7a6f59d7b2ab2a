// Small helpers over the page's own interface.

export const byId = (id) => document.getElementById(id);

// make("button", {class: "quiet", type: "button", onclick: f, "aria-label": "Close"}, "text", element, ...)
// Text is always set as text, never as markup: what a server or a file says cannot become part of the page.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const kSvg = "http://www.w3.org/2000/svg";

export function makeSvg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(kSvg, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export const icon = (name) => makeSvg("svg", { class: "icon", "aria-hidden": "true" }, makeSvg("use", { href: `viewer/icons.svg#${name}` }));

export const iconButton = (name, label, attributes = {}, ...children) =>
  make("button", { type: "button", class: "quiet icon-only", "aria-label": label, title: label, ...attributes }, icon(name), ...children);

export function setPressed(button, on) {
  button.setAttribute("aria-pressed", String(on));
}

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
