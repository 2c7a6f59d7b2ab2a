// The report as a list of sentences that answer to their boxes, each to be accepted, edited or taken out.
import { boxText } from "./boxes.js";
import { byId, iconButton, make, makeSvg, plural, setPressed } from "./dom.js";
import { localTime } from "./review.js";
import { styleOf } from "./selection.js";

export class ReportPanel extends EventTarget {
  #rows = [];                                // {item, button} per sentence
  #partial = null;                           // the sentence being written

  constructor(selection) {
    super();
    this.selection = selection;
    this.body = byId("report-body");
    this.details = false;
    this.selection.addEventListener("change", () => this.#mark());
    this.showEmpty();
  }

  showEmpty() {
    this.#rows = [];
    this.body.replaceChildren(make("div", { class: "empty" },
      make("p", { class: "lead" }, "No report yet."),
      make("p", {}, "Drop a frontal film, add what is known under Study, then press Write report (G).")));
  }

  // ---- while it is written
  startStream() {
    this.#rows = [];
    this.#partial = make("span", { class: "partial" });
    this.list = make("ol", { class: "sentences" });
    this.body.replaceChildren(make("p", { class: "report-facts is-busy" }, make("span", { class: "busy", "aria-hidden": "true" }), "Writing"), this.list,
      make("p", { class: "writing", "aria-hidden": "true" }, this.#partial, make("span", { class: "caret" })));
  }
  addPiece(text) {
    this.#partial.textContent += text;
    this.#keepEndInView();
  }
  addFinding(finding) {
    this.#partial.textContent = "";
    this.list.append(this.#row({ ...finding, state: "open", original: finding.text }, null));
    this.#mark();
    this.#keepEndInView();
  }
  // The stream ended before the report: what came stays to be read, and nothing can be done with it.
  endBroken(text) {
    this.body.querySelector(".report-facts")?.replaceChildren("Not complete");
    this.body.querySelector(".caret")?.remove();
    this.body.append(make("p", { class: "incomplete" }, text));
  }
  #keepEndInView() {
    const panel = byId("panel-report");
    if (panel.scrollHeight - panel.scrollTop - panel.clientHeight < 120) panel.scrollTop = panel.scrollHeight;
  }

  // ---- when it is there
  show(review, { seconds, stale }) {
    const { report } = review;
    this.review = review;
    this.#rows = [];
    this.list = make("ol", { class: "sentences" });
    this.list.append(...review.sentences.map((sentence) => this.#row(sentence, review)));
    const boxed = review.sentences.filter(({ boxes }) => boxes).length;
    this.body.replaceChildren(
      make("p", { class: "report-facts" }, make("span", {}, review.modelLine.split(", ")[0]), make("span", {}, `${clockTime(review.made)}, ${seconds.toFixed(1)} s`)),
      ...(stale ? [make("p", { class: "incomplete" }, "Written for other pictures than those shown. Put them back, or write it again.")] : []),
      ...this.#warnings(review),
      this.list,
      ...(review.sentences.length ? [] : [make("p", { class: "lead" }, "The model wrote nothing.")]),
      ...this.#labels(report.labels),
      make("details", { class: "details", open: this.details, ontoggle: (event) => this.#setDetails(event.currentTarget.open) },
        make("summary", {}, "Details"),
        make("p", { class: "fine" }, "Token probability is the mean over a sentence's tokens. It is not calibrated and says nothing of certainty."),
        this.#facts(report)),
    );
    this.body.classList.toggle("with-details", this.details);
    byId("panel-report").scrollTop = 0;
    this.#mark();
    return `Report complete: ${plural(review.sentences.length, "sentence")}, ${boxed} with boxes.`;
  }

  #setDetails(open) {
    this.details = open;
    this.body.classList.toggle("with-details", open);
  }
  #warnings(review) {
    const rest = (review.report.warnings ?? []).filter((text) => !(review.isFar && text.startsWith("synthetic-trained")));
    if (review.report.finish === "length") rest.unshift("The report is incomplete: the model reached its limit of length.");
    return rest.length ? [make("ul", { class: "warnings", "aria-label": "Warnings" }, ...rest.map((text) => make("li", {}, text)))] : [];
  }
  #labels(labels) {
    if (!labels) return [];
    const words = { 1: "present", 0: "absent", "-1": "uncertain" };
    return [make("table", { class: "labels" }, make("caption", {}, "Labels"),
      make("tbody", {}, ...Object.entries(labels).map(([name, state]) => make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, words[state] ?? String(state))))))];
  }
  #facts({ image = {}, seed, sampling, usage = {}, timing_ms: timing = {}, model = {} }) {
    const seconds = ["decode", "image", "prefill", "generate"].filter((name) => timing[name]).map((name) => `${name} ${(timing[name] / 1000).toFixed(2)} s`);
    const rows = [
      ["Weights", model.weights_sha256?.slice(0, 16)], ["Sampling", sampling && `${sampling}, seed ${seed}`],
      ["Picture", image.width && `${image.width} × ${image.height} px`], ["Pixels seen", image.used?.join(", ")],
      ["Steps", image.steps?.join("; ")], ["Tokens", usage.completion_tokens && `${usage.prompt_tokens} in, ${usage.completion_tokens} out`], ["Time", seconds.join(", ")],
    ].filter(([, value]) => value);
    return make("dl", { class: "facts" }, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, String(value))]));
  }

  // review: null while the sentence is still part of a stream.
  #row(sentence, review) {
    const { index, boxes } = sentence;
    const words = boxes ? `${boxes.length > 1 ? "Boxes" : "Box"} ${boxes.map(boxText).join("; ")}` : "";
    const note = !review ? "" : sentence.state === "rejected" ? "Taken out" : [sentence.state === "accepted" && "Accepted", review.isEdited(sentence) && "Edited"].filter(Boolean).join(", ");
    const button = make("button", { type: "button", class: "sentence", "aria-pressed": "false", "data-index": index },
      chip(index, boxes),
      make("span", { class: "sentence-text" }, make("span", { class: "words" }, sentence.text), words && make("span", { class: "where" }, words),
        sentence.tokenProbability ? make("span", { class: "where probability" }, `Token probability ${sentence.tokenProbability.toFixed(2)}`) : "",
        note && make("span", { class: "where verdict-note" }, note)));
    button.addEventListener("click", () => this.selection.togglePin(index));
    button.addEventListener("focus", () => { if (button.matches(":focus-visible")) this.selection.focus(index); });   // a click pins instead
    button.addEventListener("blur", () => this.selection.focus(null));
    const item = make("li", { class: `finding ${review ? sentence.state : "in-stream"}` }, button);
    item.addEventListener("pointerenter", () => this.selection.hover(index));
    item.addEventListener("pointerleave", () => this.selection.hover(null));
    if (review) {
      const name = `sentence ${index + 1}`;
      const accept = iconButton("check", `Accept ${name}`, { "aria-pressed": String(sentence.state === "accepted"), onclick: () => this.#act("accept", index) });
      const reject = iconButton("close", `Take out ${name}`, { "aria-pressed": String(sentence.state === "rejected"), onclick: () => this.#act("reject", index) });
      const edit = iconButton("edit", `Edit ${name}`, { onclick: () => this.#edit(index) });
      item.append(make("div", { class: "verdict" }, accept, edit, reject));
    }
    this.#rows[index] = { item, button };
    return item;
  }

  #act(what, index) {
    this.review[what](index);
    this.#redraw(index, what === "accept" ? "Accept" : "Take out");
  }
  #edit(index) {
    const sentence = this.review.sentences[index], { item } = this.#rows[index];
    const field = make("textarea", { rows: Math.max(2, Math.ceil(sentence.text.length / 44)), "aria-label": `Text of sentence ${index + 1}`, autocomplete: "off" });
    field.value = sentence.text;
    const close = (keep) => {
      if (keep) this.review.edit(index, field.value);
      this.#redraw(index, "Edit");
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
        event.preventDefault();
        event.stopPropagation();
        close(event.key === "Enter");
      }
    });
    const restore = this.review.isEdited(sentence) && make("button", { type: "button", class: "quiet", onclick: () => { field.value = sentence.original; field.focus(); } }, "As written");
    item.replaceChildren(make("div", { class: "editor" }, field, make("div", { class: "editor-actions" },
      make("button", { type: "button", class: "primary small", onclick: () => close(true) }, "Save"),
      make("button", { type: "button", class: "quiet", onclick: () => close(false) }, "Cancel"), restore)));
    field.focus();
  }
  #redraw(index, focusOn) {
    const old = this.#rows[index].item;
    const item = this.#row(this.review.sentences[index], this.review);
    old.replaceWith(item);
    item.querySelector(`.verdict [aria-label^="${focusOn}"]`)?.focus();
    this.#mark();
    this.dispatchEvent(new Event("edited"));
  }

  // The next or the previous sentence takes the focus, and so shows its boxes.
  step(by) {
    if (!this.#rows.length) return;
    const at = this.#rows.findIndex(({ button }) => button === document.activeElement);
    const from = at >= 0 ? at : this.selection.pinned ?? (by > 0 ? -1 : this.#rows.length);
    const to = Math.min(this.#rows.length - 1, Math.max(0, from + by));
    this.#rows[to].button.focus();
  }
  // A hover on a box brings its sentence into sight.
  #mark() {
    const { shown, pinned, hovered } = this.selection;
    const some = this.#rows.length > shown && shown !== null;
    this.#rows.forEach(({ item, button }, index) => {
      item.classList.toggle("shown", index === shown);
      item.classList.toggle("dimmed", some && index !== shown);
      item.classList.toggle("pinned", index === pinned);
      setPressed(button, index === pinned);
      if (index === shown && hovered === index && !item.matches(":hover")) item.scrollIntoView({ block: "nearest" });
    });
  }
}

const clockTime = (date) => localTime(date).slice(-5);

// The sentence's number, drawn as its box is.
function chip(index, boxes) {
  return makeSvg("svg", { class: `chip ${boxes ? styleOf(index) : "no-box"}`, viewBox: "0 0 28 24" },
    makeSvg("rect", { class: "edge", x: 1.5, y: 1.5, width: 25, height: 21, rx: 3 }),
    makeSvg("text", { class: "number", x: 14, y: 16.5, "text-anchor": "middle" }, String(index + 1)));
}
