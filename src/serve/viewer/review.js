// A report under a reader's eyes: its sentences accepted, changed or taken out; and the forms it leaves in. Pure: no page, no server.

export const kNotice = "Research use only. Not a medical device.";
const kDemo = "Demo model: knows synthetic phantoms only.";
const kFar = "synthetic-trained demo, meaningless for patients";    // as the engine writes it into `warnings`

export class Review {
  // report: Report JSON (hilum.report/1), kept as it came. made: Date of its arrival.
  constructor(report, made) {
    this.report = report;
    this.made = made;
    const items = report.findings?.length ? report.findings : report.report ? [{ text: report.report, boxes: null }] : [];
    this.isWhole = !report.findings?.length;           // one free text, not sentences
    this.sentences = items.map((item, index) => ({
      index, text: item.text, original: item.text, boxes: item.boxes ?? null, tokenProbability: item.token_probability ?? null, state: "open",
    }));
  }

  accept(index) { this.#toggle(index, "accepted"); }
  reject(index) { this.#toggle(index, "rejected"); }
  #toggle(index, state) {
    const sentence = this.sentences[index];
    sentence.state = sentence.state === state ? "open" : state;
  }
  edit(index, text) {
    const sentence = this.sentences[index], trimmed = text.trim();
    if (!trimmed) return;
    sentence.text = trimmed;
    if (sentence.state === "rejected") sentence.state = "open";
  }

  get kept() { return this.sentences.filter(({ state }) => state !== "rejected"); }
  isEdited(sentence) { return sentence.text !== sentence.original; }
  get changes() {
    return {
      accepted: this.kept.filter(({ state }) => state === "accepted").length,
      edited: this.kept.filter((sentence) => this.isEdited(sentence)).length,
      removed: this.sentences.length - this.kept.length,
    };
  }
  get isFar() { return (this.report.warnings ?? []).includes(kFar); }

  // The lines that go wherever the report goes.
  get cautions() {
    const lines = [this.report.notice ?? kNotice];
    if (this.report.demo) lines.push(kDemo);
    if (this.isFar) lines.push("The picture is unlike the phantoms this model knows: its text is meaningless for patients.");
    if (this.report.finish === "length") lines.push("Incomplete: the model reached its limit of length.");
    return lines;
  }
  get changeLine() {
    const { edited, removed } = this.changes;
    if (!edited && !removed) return "";
    return `Changed by a reader: ${edited} edited, ${removed} taken out.`;
  }
  get modelLine() {
    const { model = {}, task } = this.report;
    return `${model.name ?? "unknown model"} ${model.version ?? ""}`.trim() + `, ${task}, ${localTime(this.made)}`;
  }

  // The Report JSON as reviewed. Untouched, it is what the server sent. A probability belongs to the model's words alone.
  toReport() {
    const { accepted, edited, removed } = this.changes;
    if (!accepted && !edited && !removed) return this.report;
    const report = structuredClone(this.report);
    if (this.isWhole) {
      report.report = this.kept[0]?.text ?? null;
    } else {
      report.findings = this.kept.map((sentence) => ({
        ...this.report.findings[sentence.index], text: sentence.text,
        token_probability: this.isEdited(sentence) ? null : sentence.tokenProbability,
      }));
      if (report.report && (edited || removed)) report.report = report.findings.map(({ text }) => text).join(" ");
    }
    if (this.changeLine) report.warnings = [...(report.warnings ?? []), this.changeLine];
    report.review = this.sentences.map(({ original, text, state }) => ({ text: original, state, edited: text === original ? null : text }));
    return report;
  }

  // One paragraph, for pasting.
  toPlainText() {
    return [...this.cautions, "", this.kept.map(({ text }) => text).join(" "), "", ...this.#tail()].join("\n");
  }

  // context: {indication, technique, comparison} as typed; empty ones are left out.
  toHeadedText(context) {
    const heads = ["indication", "technique", "comparison"].filter((name) => context[name]?.trim());
    return [
      ...this.cautions, "",
      ...heads.flatMap((name) => [`${name.toUpperCase()}: ${context[name].trim()}`, ""]),
      "FINDINGS:", ...this.kept.map(({ text }, i) => (this.isWhole ? text : `${i + 1}. ${text}`)), "",
      ...this.#tail(),
    ].join("\n");
  }
  #tail() { return [this.changeLine, `Model: ${this.modelLine}`].filter(Boolean); }
}

export function localTime(date) {
  const two = (value) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
