// Follow-up questions about the frontal film. The whole dialogue goes with each question; it is kept here and nowhere else.
import { streamAnswer, wasStopped } from "./api.js";
import { byId, make } from "./dom.js";
import { copyText } from "./export.js";
import { kNotice, localTime } from "./review.js";
import { clearError, say, showError } from "./status.js";

const kSuggestions = ["What is the main finding?", "Is there a pleural effusion?", "Is the heart enlarged?"];
const kMediaTypes = { png: "image/png", jpeg: "image/jpeg", dicom: "application/dicom" };

export class ChatPanel {
  #turns = [];                               // {question, answer, finish, model, demo}
  #filmId = null;                            // the frontal film they are about
  #running = null;

  constructor({ study, studyPanel }) {
    Object.assign(this, { study, studyPanel });
    this.field = byId("question");
    byId("foot-ask").addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask(this.field.value);
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.ask(this.field.value);
      }
    });
    byId("cancel-ask").addEventListener("click", () => this.#running?.abort());
    byId("new-dialogue").addEventListener("click", () => {
      this.clear();
      this.field.focus();
    });
    byId("copy-dialogue").addEventListener("click", () => this.#copy());
    byId("model").addEventListener("change", () => this.show());
    study.addEventListener("change", () => this.#studyChanged());
    this.show();
  }

  clear() {
    this.#running?.abort();
    this.#turns = [];
    this.#filmId = null;
    this.show();
  }

  async ask(typed) {
    const question = typed.trim(), film = this.study.slots.frontal;
    if (!question || this.#running || !film || !this.studyPanel.answersQuestions) return;
    const running = new AbortController();
    this.#running = running;
    this.#filmId = film.id;
    clearError();
    const turn = { question, answer: "", finish: null };
    this.#turns.push(turn);
    this.field.value = "";
    this.show();
    const place = byId("dialogue").lastElementChild.querySelector(".answer-text");
    say("Asking.");
    try {
      const messages = await this.#messages(film);
      const answer = await streamAnswer(this.studyPanel.model.id, messages, (piece) => {
        turn.answer += piece;
        place.textContent = turn.answer;
        this.#scroll();
      }, running.signal);
      Object.assign(turn, { answer: answer.text, finish: answer.finish, model: answer.model, demo: answer.demo || this.studyPanel.model?.hilum.demo });
      say(`Answer: ${answer.text}`);
    } catch (error) {
      turn.finish = "stopped";
      if (!turn.answer && this.#turns.at(-1) === turn) {      // nothing came: the question goes back to its field
        this.#turns.pop();
        this.field.value ||= question;
      }
      if (wasStopped(error)) say("Stopped.");
      else showError(error, [{ label: "Try again", run: () => this.ask(this.field.value || question) }]);
    } finally {
      if (this.#running === running) this.#running = null;
    }
    this.show();
  }

  // The film travels in the first question; unfinished answers are left out of what the model reads.
  async #messages(film) {
    const address = await dataAddress(film.file, kMediaTypes[film.info.format] ?? "application/octet-stream");
    const told = this.#turns.filter((turn, i) => i === this.#turns.length - 1 || (turn.answer && turn.finish !== "stopped"));
    return told.flatMap(({ question, answer }, i) => [
      { role: "user", content: i ? question : [{ type: "text", text: question }, { type: "image_url", image_url: { url: address } }] },
      ...(i < told.length - 1 ? [{ role: "assistant", content: answer }] : []),
    ]);
  }

  show() {
    const film = this.study.slots.frontal, can = this.studyPanel.answersQuestions, running = this.#running !== null;
    const place = byId("dialogue");
    if (!this.#turns.length) {
      const reason = !film ? "Drop a frontal film first." : !can ? "This model does not answer questions. Choose another under Study." : null;
      place.replaceChildren(make("div", { class: "empty" }, make("p", { class: "lead" }, "No questions yet."),
        make("p", {}, reason ?? "Ask about the frontal film, or begin with one of these."),
        ...(reason ? [] : [make("div", { class: "suggestions" }, ...kSuggestions.map((text) => make("button", { type: "button", class: "bordered quiet", onclick: () => this.ask(text) }, text)))])));
    } else {
      place.replaceChildren(...this.#turns.map((turn, i) => this.#turn(turn, running && i === this.#turns.length - 1)));
    }
    const others = ["prior", "lateral"].filter((role) => this.study.slots[role]);
    byId("question-sees").textContent = `the answer sees this picture alone${others.length ? `, not the ${others.join(" or the ")}` : ""}`;
    byId("ask").hidden = running;
    byId("ask").disabled = !film || !can;
    this.field.disabled = !film || !can;
    byId("cancel-ask").hidden = !running;
    byId("new-dialogue").disabled = byId("copy-dialogue").disabled = !this.#turns.length || running;
    this.#scroll();
  }

  #turn({ question, answer, finish, model, demo }, isRunning) {
    const note = finish === "stopped" ? "Not complete" : finish === "length" ? "Cut off at its limit of length" : [model, demo && "demo model, knows phantoms only"].filter(Boolean).join(", ");
    return make("article", { class: "turn" },
      make("p", { class: "question" }, make("span", { class: "off-screen" }, "Question: "), question),
      make("p", { class: "answer" }, make("span", { class: "off-screen" }, "Answer: "), make("span", { class: "answer-text" }, answer), isRunning ? make("span", { class: "caret", "aria-hidden": "true" }) : ""),
      isRunning ? "" : make("p", { class: "fine" }, note));
  }

  #scroll() {
    const panel = byId("panel-questions");
    panel.scrollTop = panel.scrollHeight;
  }
  #studyChanged() {
    const film = this.study.slots.frontal;
    if (this.#turns.length && film?.id !== this.#filmId) {
      this.clear();
      say("The dialogue was about another film and was closed.");
    }
    this.show();
  }

  async #copy() {
    const demo = this.#turns.some((turn) => turn.demo) ? ["Demo model: knows synthetic phantoms only."] : [];
    const turns = this.#turns.flatMap(({ question, answer, finish }) => [`Q: ${question}`, `A: ${answer}${finish === "stopped" ? " [not complete]" : ""}`, ""]);
    try {
      await copyText([kNotice, ...demo, "", ...turns, `Model: ${this.#turns.at(-1).model ?? ""}, ${localTime(new Date())}`].join("\n"));
      say("Dialogue copied, with the notice.");
    } catch (error) {
      showError(error);
    }
  }
}

// The file as a data URI. The media type is ours: what a browser guesses for a .dcm file varies.
function dataAddress(file, type) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(new Blob([file], { type }));
  });
}
