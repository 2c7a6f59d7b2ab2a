// Files in: dropped anywhere, a folder too, or chosen. While something is dragged over the page, one zone per role is offered.
import { byId, make } from "./dom.js";
import { kRoleNames, kRoles } from "./study.js";

const kMostFiles = 12;

// onFiles(files, role): role is where a single file was dropped or what it was chosen for, or null.
export function startDrop(onFiles) {
  const zones = byId("drop-zones"), input = byId("file-input");
  let wantedRole = null;
  zones.append(...kRoles.map((role) => make("div", { class: "drop-zone", "data-role": role },
    make("strong", {}, kRoleNames[role]), make("span", {}, role === "frontal" ? "or several at once, anywhere" : `one file as ${role}`))));

  const isFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const over = (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    zones.hidden = false;
    for (const zone of zones.children) zone.classList.toggle("over", zone === event.target.closest?.(".drop-zone"));
  };
  document.addEventListener("dragenter", over);
  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) zones.hidden = true; });
  document.addEventListener("drop", async (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    zones.hidden = true;
    const role = event.target.closest?.("[data-role]")?.dataset.role ?? null;
    onFiles(await droppedFiles(event.dataTransfer), role);
  });

  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";                        // the same file can be chosen again
    if (files.length) onFiles(files, wantedRole);
  });
  byId("choose").addEventListener("click", () => choose(null));

  function choose(role) {
    wantedRole = role;
    input.multiple = role === null;
    input.click();
  }
  return { choose };
}

// The files of a drop, folders opened. The entries must be taken before the first await: the list is emptied after it.
async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  const files = [];
  const walk = async (entry) => {
    if (files.length >= kMostFiles) return;
    if (entry.isFile) files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    else await Promise.all((await readAll(entry.createReader())).map(walk));
  };
  for (const entry of entries) await walk(entry);
  return files.filter(({ name }) => !name.startsWith(".") && name !== "DICOMDIR").sort((a, b) => a.name.localeCompare(b.name));
}

// readEntries gives a folder in portions.
async function readAll(reader) {
  const all = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return all;
    all.push(...some);
  }
}
