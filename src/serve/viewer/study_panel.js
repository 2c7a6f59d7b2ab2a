// The Study tab: the three slots, the context as typed, the choice of model and task.
import { listModels } from "./api.js";
import { byId, iconButton, make, plural } from "./dom.js";
import { drawThumbnail } from "./image_view.js";
import { showError } from "./status.js";
import { dateText, kRoleNames, kRoles } from "./study.js";

const kTaskNames = {
  grounded: "Findings with boxes", findings: "Findings", report: "Report", summary: "Summary", ddx: "Differential diagnosis", labels: "Labels", phrase: "Find a phrase",
};
const isQuestion = (task) => task.endsWith("question");

export class StudyPanel {
  #models = [];

  // onChoose(role): a file for that slot.
  constructor(study, onChoose) {
    this.study = study;
    this.onChoose = onChoose;
    study.addEventListener("change", () => this.#showSlots());
    byId("model").addEventListener("change", () => this.#showTasks());
    byId("task").addEventListener("change", () => this.#showPhrase());
    byId("study-form").addEventListener("submit", (event) => event.preventDefault());
    this.#showSlots();
  }

  async loadModels() {
    try {
      this.#models = (await listModels()).filter(({ hilum }) => hilum?.kind === "reports");
    } catch (error) {
      showError(error, [{ label: "Try again", run: () => this.loadModels() }]);
      return;
    }
    byId("model").replaceChildren(...this.#models.map(({ id }) => make("option", { value: id }, id)));
    this.#showTasks();
  }

  get model() { return this.#models.find(({ id }) => id === byId("model").value) ?? null; }
  get task() { return byId("task").value; }
  get answersQuestions() { return this.model?.hilum.tasks?.some(isQuestion) ?? false; }
  get phrase() { return byId("phrase").value.trim(); }

  // As typed; empty fields are left out.
  get texts() {
    const fields = { indication: "indication", technique: "technique", comparison: "comparison", prior_report: "prior-report" };
    return Object.fromEntries(Object.entries(fields).map(([name, id]) => [name, byId(id).value.trim()]).filter(([, text]) => text));
  }
  clearTexts() { byId("study-form").querySelectorAll("textarea, #phrase").forEach((field) => { field.value = ""; }); }

  #showTasks() {
    const { model } = this;
    const tasks = (model?.hilum.tasks ?? []).filter((task) => !isQuestion(task));
    byId("task").replaceChildren(...tasks.map((task) => make("option", { value: task, selected: task === "grounded" }, kTaskNames[task] ?? task)));
    const views = model?.hilum.views ?? [];
    const unread = views.length ? [["lateral", "lateral"], ["prior_frontal", "prior"]].filter(([view]) => !views.includes(view)).map(([, name]) => name) : [];
    byId("model-note").textContent = !this.#models.length ? "This server has no model that writes reports."
      : [model?.hilum.notice, unread.length && `This model does not look at a ${unread.join(" or a ")}.`].filter(Boolean).join(" ");
    this.#showPhrase();
  }
  #showPhrase() { byId("phrase-field").hidden = this.task !== "phrase"; }

  #showSlots() {
    byId("slots").replaceChildren(...kRoles.map((role) => this.#slot(role, this.study.slots[role])));
  }

  #slot(role, item) {
    const name = kRoleNames[role];
    if (!item) {
      return make("li", { class: "slot empty-slot", "data-role": role },
        make("button", { type: "button", class: "slot-choose", onclick: () => this.onChoose(role) }, make("strong", {}, name), make("span", {}, "Drop or choose")));
    }
    const thumbnail = make("canvas", { class: "thumbnail", width: 104, height: 104, "aria-hidden": "true" });
    drawThumbnail(thumbnail, item.picture);
    const { width, height, bits, format, spacing_mm: spacing, view, study_date: date, steps = [], warnings = [] } = item.info;
    const facts = [`${width} × ${height}`, `${format.toUpperCase()}, ${bits} bit`, spacing > 0 && `${spacing} mm`].filter(Boolean);
    const others = role === "frontal" ? [] : ["frontal"];
    return make("li", { class: "slot", "data-role": role }, thumbnail,
      make("div", { class: "slot-text" },
        make("p", {}, make("strong", {}, name), " ", make("span", { class: "fine" }, [view, dateText(date)].filter(Boolean).join(" · "))),
        make("span", { class: "slot-name", title: item.name }, item.name), make("span", { class: "fine" }, facts.join(" · ")),
        ...warnings.map((text) => make("span", { class: "slot-warning" }, text)),
        steps.length > 0 && make("details", { class: "steps" }, make("summary", {}, plural(steps.length, "step")), make("ul", {}, ...steps.map((step) => make("li", {}, step))))),
      make("div", { class: "slot-actions" },
        ...others.map((other) => iconButton("swap", `Swap ${name.toLowerCase()} and ${other}${role === "prior" ? " (X)" : ""}`, { onclick: () => this.study.swap(role, other) })),
        iconButton("close", `Remove ${name.toLowerCase()}`, { onclick: () => this.study.remove(role) })));
  }
}
