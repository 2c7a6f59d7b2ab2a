// Puts the viewer together. Reading order: study.js, image_view.js, panes.js, api.js, writer.js, report_panel.js.
import { decodeImage, onKeyNeeded, wasStopped } from "./api.js";
import { BoxOverlay } from "./boxes.js";
import { ChatPanel } from "./chat_panel.js";
import { askForKey } from "./dialogs.js";
import { byId, plural } from "./dom.js";
import { startDrop } from "./drop.js";
import { openHelp, startKeys } from "./keys.js";
import { Panes } from "./panes.js";
import { Picture } from "./picture.js";
import { place } from "./placement.js";
import { ReportPanel } from "./report_panel.js";
import { Selection } from "./selection.js";
import { clearError, say, showError } from "./status.js";
import { kRoleNames, makeItem, Study } from "./study.js";
import { StudyPanel } from "./study_panel.js";
import { openTab, startTabs } from "./tabs.js";
import { toggleTheme } from "./theme.js";
import { makeToolbar } from "./toolbar.js";
import { ReportWriter } from "./writer.js";

onKeyNeeded(askForKey);
const study = new Study();
const selection = new Selection();
const panes = new Panes(study, (target) => {
  const box = target.closest?.(".box, .hit");
  if (box) selection.togglePin(Number(box.dataset.index));
});
const boxes = new BoxOverlay(panes.view("frontal"), selection);
const tools = makeToolbar(panes, boxes);
const { choose } = startDrop(takeFiles);
const studyPanel = new StudyPanel(study, choose);
const panel = new ReportPanel(selection);
const writer = new ReportWriter({ study, studyPanel, panel, boxes, selection });
const chat = new ChatPanel({ study, studyPanel });
startTabs();

let taking = 0;                              // files on their way to the server

// Decodes the files and puts each where it belongs. role: where a single file was dropped, or null.
async function takeFiles(files, role) {
  if (!files.length) return;
  clearError();
  taking += 1;
  byId("stage").setAttribute("aria-busy", "true");
  say(`Reading ${plural(files.length, "file")}.`);
  const items = [], failures = [];
  for (const file of files) {
    try {
      const { samples, info } = await decodeImage(file);
      items.push(makeItem(file, new Picture(samples, info)));
    } catch (error) {
      if (!wasStopped(error)) failures.push({ file, error });
    }
  }
  taking -= 1;
  if (!taking) byId("stage").removeAttribute("aria-busy");
  if (items.length) {
    const { slots, fresh, left } = place(items, study.slots, items.length === 1 ? role : null);
    study.put(slots, fresh);
    const placed = Object.entries(slots).map(([name, item]) => `${item.name} as ${kRoleNames[name].toLowerCase()}`);
    say(`Placed ${placed.join(", ")}.${left.length ? ` Left out, no place for them: ${left.map(({ name }) => name).join(", ")}.` : ""}${slots.prior ? " X swaps frontal and prior." : ""}`);
  } else {
    say("No picture was read.");
  }
  if (failures.length) showError({ message: failures.map(({ file, error }) => `${file.name}: ${error.message}`).join(" ") }, [{ label: "Try again", run: () => takeFiles(failures.map(({ file }) => file), role) }]);
}

study.addEventListener("change", () => {
  byId("welcome").hidden = !study.isEmpty;
  byId("new-study").disabled = study.isEmpty;
});
byId("new-study").disabled = true;
byId("new-study").addEventListener("click", async () => {
  if (!(await writer.mayDiscard())) return;
  writer.clear();
  chat.clear();
  studyPanel.clearTexts();
  study.clear();
  clearError();
  openTab("study");
  say("New study.");
});
byId("help").addEventListener("click", openHelp);
byId("theme").addEventListener("click", toggleTheme);

const key = (keys, label, run, show) => ({ keys: [keys].flat(), label, run, show });
startKeys([
  { title: "Films", keys: [
    key("o", "choose files", () => choose(null)),
    key("x", "swap frontal and prior", () => { if (study.slots.prior || study.slots.frontal) study.swap("frontal", "prior"); }),
    key(["1", "2", "3", "4"], "frontal, with prior, with lateral, all", (event) => tools.layout(Number(event.key)), ["1", "2", "3", "4"]),
    key(["+", "=", "-", "_"], "larger, smaller", (event) => tools.zoom("+=".includes(event.key) ? 1.25 : 1 / 1.25), ["+", "−"]),
    key("f", "fit", () => tools.fit()), key("z", "actual size", () => tools.actual()),
    key(["Shift+ArrowUp", "Shift+ArrowDown", "Shift+ArrowLeft", "Shift+ArrowRight"], "move the film", (event) =>
      tools.pan(...{ ArrowUp: [0, 60], ArrowDown: [0, -60], ArrowLeft: [60, 0], ArrowRight: [-60, 0] }[event.key]), ["Shift", "arrows"]),
    key(["[", "]"], "narrower, wider window", (event) => tools.widen(event.key === "[" ? -2 : 2)),
    key([",", "."], "brighter, darker", (event) => tools.centre(event.key === "," ? -2 : 2)),
    key("a", "window to the picture's own range", () => tools.auto()), key("i", "invert", () => tools.invert()), key("r", "reset window and zoom", () => tools.reset()),
    key("l", "link zoom", () => tools.linkView()), key("k", "link window", () => tools.linkWindow()), key("n", "single pixels or smooth", () => tools.smooth()),
  ] },
  { title: "Report", keys: [
    key("g", "write the report", () => writer.write()),
    key(["ArrowDown", "ArrowRight"], "next finding", () => { openTab("report"); panel.step(1); }, ["↓", "→"]),
    key(["ArrowUp", "ArrowLeft"], "previous finding", () => { openTab("report"); panel.step(-1); }, ["↑", "←"]),
    key("Enter", "on a finding: pin it", undefined), key("Escape", "let go of the pinned finding", () => selection.clear()),
    key("b", "boxes on or off", () => tools.boxes()), key("c", "copy the report", () => writer.copyPlain()),
  ] },
  { title: "Elsewhere", keys: [
    key("s", "study and context", () => openTab("study", true)), key("q", "ask a question", () => { openTab("questions"); byId("question").focus(); }),
    key("t", "light or dark", toggleTheme), key("?", "this page", openHelp),
  ] },
]);

await studyPanel.loadModels();
chat.show();
writer.announceDemo();
