// Writing a report: the request, its stream into the panel, what the reader may do with it after.
import { groundPhrase, streamReport, wasStopped } from "./api.js";
import { offerChoice } from "./dialogs.js";
import { byId, make, plural } from "./dom.js";
import { copyText, downloadForm, kForms } from "./export.js";
import { kNotice, Review } from "./review.js";
import { clearError, say, showError, strip } from "./status.js";
import { openTab } from "./tabs.js";

export class ReportWriter {
  review = null;
  #key = null;                               // the arrangement of pictures the report was written for
  #texts = {};                               // the context it was written with
  #seconds = 0;
  #choices = {};                             // what the reader agreed to for this report
  #running = null;                           // AbortController
  #streamed = [];                            // findings of the running stream
  #before = null;                            // the report that was there when this one was begun

  constructor({ study, studyPanel, panel, boxes, selection }) {
    Object.assign(this, { study, studyPanel, panel, boxes, selection });
    this.#makeExports();
    byId("write").addEventListener("click", () => this.write());
    byId("cancel-report").addEventListener("click", () => this.stop());
    study.addEventListener("change", () => this.#studyChanged());
    byId("model").addEventListener("change", () => this.announceDemo());
    panel.addEventListener("edited", () => this.#showBoxes());
    this.#showButtons();
  }

  get isStale() { return this.review !== null && this.#key !== this.study.key; }

  // Whether the reader's work on the shown report may go.
  async mayDiscard() {
    const { accepted = 0, edited = 0, removed = 0 } = this.review?.changes ?? {}, count = accepted + edited + removed;
    return count === 0 || offerChoice({
      title: "Your changes to this report", reason: `${plural(count, "sentence")} accepted, edited or taken out. Copy or download the report first to keep that.`,
      label: "Let these changes go", action: "Go on",
    });
  }

  async write(choices = {}) {
    if (this.#running || !this.study.slots.frontal) return;
    if (this.studyPanel.task === "phrase" && !this.studyPanel.phrase) {
      openTab("study");
      byId("phrase").focus();
      say("Type the phrase to find first.");
      return;
    }
    if (!(await this.mayDiscard()) || this.#running) return;
    const running = this.#begin();
    const started = performance.now();
    const context = { model: this.studyPanel.model?.id, task: this.studyPanel.task, ...this.studyPanel.texts, ...choices };
    try {
      const report = context.task === "phrase"
        ? await groundPhrase(this.study.slots.frontal.file, { ...context, task: undefined, phrase: this.studyPanel.phrase }, running.signal)
        : await streamReport(this.study.files, context, {
          piece: (text) => this.panel.addPiece(text),
          finding: (finding) => this.#addFinding(finding),
        }, running.signal);
      if (this.#running !== running) return;      // the study was closed meanwhile
      this.review = new Review(report, new Date());
      this.#choices = choices;
      this.#seconds = (performance.now() - started) / 1000;
      this.#end();
      say(this.#show());
    } catch (error) {
      if (this.#running !== running) return;
      this.#end();
      this.#failed(error, choices);
    }
  }

  stop() { this.#running?.abort(); }

  clear() {
    this.stop();
    this.#running = null;
    this.#streamed = [];
    this.review = null;
    this.panel.showEmpty();
    this.#afterReport();
  }

  #begin() {
    this.#running = new AbortController();
    this.#before = { review: this.review, key: this.#key, texts: this.#texts, seconds: this.#seconds, choices: this.#choices };
    this.review = null;
    this.#streamed = [];
    this.#key = this.study.key;
    this.#texts = this.studyPanel.texts;
    clearError();
    this.selection.clear();
    this.#afterReport();
    this.panel.startStream();
    openTab("report");
    byId("cancel-report").focus();
    say("Writing the report.");
    return this.#running;
  }
  #end() {
    const focusWasHere = document.activeElement === byId("cancel-report");
    this.#running = null;
    this.#showButtons();
    if (focusWasHere) byId("write").focus();
  }

  #addFinding(finding) {
    this.panel.addFinding(finding);
    this.#streamed.push(finding);
    this.#showBoxes();
  }

  async #failed(error, choices) {
    const some = this.#streamed.length > 0;
    if (some) this.panel.endBroken(wasStopped(error) ? "Stopped before the end. These sentences are not a report." : "The report broke off. These sentences are not a report.");
    else this.#restore();
    if (wasStopped(error)) return say("Stopped.");
    if (error.asksForMismatch && !choices.allow_mismatch) {
      const go = await offerChoice({
        title: "These pictures may not belong together", reason: error.reason,
        label: "Write the report all the same, with a warning in it", action: "Write report",
      });
      return go ? this.write({ ...choices, allow_mismatch: true }) : undefined;
    }
    showError(error, [{ label: "Try again", run: () => this.write(choices) }]);
    say("The report was not written.");
  }

  // Nothing came: what was there before stays.
  #restore() {
    const { review, key, texts, seconds, choices } = this.#before;
    [this.review, this.#key, this.#texts, this.#seconds, this.#choices] = [review, key, texts, seconds, choices];
    if (review) this.#show();
    else this.panel.showEmpty();
  }

  #show() {
    const text = this.panel.show(this.review, { seconds: this.#seconds, stale: this.isStale });
    this.#afterReport();
    return text;
  }
  #afterReport() {
    this.#showBoxes();
    this.#showButtons();
    const { review } = this;
    this.announceDemo();
    strip("far", review?.isFar ? "This picture is unlike the phantoms the demo model knows: synthetic-trained demo, meaningless for patients." : "", { kind: "danger" });
    byId("provenance").textContent = review ? `${review.modelLine}, ${this.#seconds.toFixed(1)} s` : "";
  }
  // From the first film on, so that nothing moves when the report comes.
  announceDemo() {
    const demo = this.review ? this.review.report.demo : !this.study.isEmpty && this.studyPanel.model?.hilum.demo;
    strip("demo", demo ? "Demo model: knows synthetic phantoms only. Its text about a real radiograph is meaningless." : "");
  }
  #showBoxes() {
    const current = this.#key === this.study.key;
    this.boxes.show(!current ? [] : this.review ? this.review.kept : this.#streamed);
  }
  #showButtons() {
    const running = this.#running !== null, done = this.review !== null;
    byId("write").hidden = running;
    byId("write").disabled = !this.study.slots.frontal;
    byId("write").textContent = done ? "Write again" : "Write report";
    byId("write").className = done ? "quiet bordered" : "primary";
    byId("cancel-report").hidden = !running;
    byId("exports").hidden = !done;
    for (const button of byId("exports").querySelectorAll("button")) button.disabled = this.isStale;
  }
  #studyChanged() {
    this.announceDemo();
    if (this.review) this.#show();
    else this.#showButtons(), this.#showBoxes();
  }

  #makeExports() {
    byId("exports").append(
      make("span", { class: "kind" }, "Copy"), make("div", {},
        make("button", { type: "button", class: "bordered", id: "copy-plain", title: "Copy as one paragraph, with the notice (C)", "aria-label": "Copy text", onclick: () => this.copyPlain() }, "Text"),
        make("button", { type: "button", class: "bordered", id: "copy-headed", title: "Copy with indication, findings as a list, and the notice", "aria-label": "Copy with headings", onclick: () => this.#copy(this.review.toHeadedText(this.#texts)) }, "With headings")),
      make("span", { class: "kind" }, "Download"), make("div", {}, ...Object.entries(kForms).map(([form, { label, title }]) =>
        make("button", { type: "button", class: "bordered", id: `download-${form}`, title, "aria-label": `Download ${label}`, onclick: () => this.#download(form) }, label))));
  }
  copyPlain() { if (this.review && !this.isStale) return this.#copy(this.review.toPlainText()); }
  async #copy(text) {
    try {
      await copyText(text);
      say(`Copied, with the notice “${this.review.report.notice ?? kNotice}”`);
    } catch (error) {
      showError(error);
    }
  }

  async #download(form, choices = this.#choices) {
    const { label } = kForms[form];
    clearError();
    say(`Making the ${label} file.`);
    try {
      await downloadForm(form, this.review, this.study.files, this.study.slots.frontal.name, choices);
      this.#choices = choices;
      say(`${label} file downloaded.`);
    } catch (error) {
      if (wasStopped(error)) return;
      if (error.asksForDemo && !choices.allow_demo) {
        const go = await offerChoice({
          title: `The server does not write ${label} of the demo model`, reason: error.reason,
          label: "Allow demo output in this file. It is about synthetic phantoms and meaningless for patients.", action: "Download all the same",
        });
        return go ? this.#download(form, { ...choices, allow_demo: true }) : say(`No ${label} file was made.`);
      }
      showError(error);
      say(`No ${label} file was made.`);
    }
  }
}
