// Dark by default; light on request, for this page only.
import { byId, setPressed } from "./dom.js";

export function toggleTheme() {
  const light = document.documentElement.dataset.theme !== "light";
  document.documentElement.dataset.theme = light ? "light" : "dark";
  setPressed(byId("theme"), light);
}
