// Every request to the server. Addresses are relative, so the viewer also works behind a path of a reverse proxy.
import { readEvents } from "./sse.js";

// What went wrong, in words for people. `param` and `code` as in the server's error object.
export class ApiError extends Error {
  constructor(message, { status = 0, param = null, code = null, retryAfter = null, said = "" } = {}) {
    super(message);
    Object.assign(this, { status, param, code, retryAfter, said });
  }
  // What the server said, without how a program or a command line goes on: people have buttons.
  get reason() { return forPeople(this.said) || this.message; }
  get asksForMismatch() { return mentions(this, "mismatch"); }
  get asksForDemo() { return this.status === 409 && !this.asksForMismatch; }
}

// What names an option, a field or JSON goes: the field before a sentence, a clause, or the whole sentence.
const kOfPrograms = /--[a-z]|[a-z]_[a-z]|["{}]/;
export const forPeople = (said) => String(said ?? "").replace(/^[a-z]+_[a-z_]+: /, "").split(/(?<=[.;])\s+/)
  .map((sentence) => sentence.replace(/,? \b(?:unless|with|by|or)\b (?=[^.;]*(?:--[a-z]|[a-z]_[a-z]|["{}]))[^.;]*/, ""))
  .filter((sentence) => !kOfPrograms.test(sentence)).join(" ").replace(/;$/, ".");

const mentions = (error, word) => [error.said, error.param, error.code].some((text) => String(text ?? "").includes(word));

export const wasStopped = (error) => error?.name === "AbortError";

let key = "";                                // in memory only: gone with the page
let askForKey = null;                        // async (wrong) => the key typed, or null: set by main.js
export const onKeyNeeded = (ask) => { askForKey = ask; };

const url = (path) => new URL(path, document.baseURI);

async function send(path, options = {}) {
  for (let wrong = false; ; wrong = true) {
    const headers = new Headers(options.headers);
    if (key) headers.set("Authorization", `Bearer ${key}`);
    let response;
    try {
      response = await fetch(url(path), { ...options, headers, credentials: "omit", cache: "no-store", redirect: "error" });
    } catch (error) {
      if (wasStopped(error)) throw error;
      throw new ApiError("The server cannot be reached. Is hilum serve still running?");
    }
    if (response.status === 401 && askForKey) {
      const typed = await askForKey(wrong || key !== "", options.signal);
      if (typed) {
        key = typed;
        continue;
      }
    }
    if (!response.ok) throw await refusal(response);
    return response;
  }
}

const kPlain = {
  400: "The server could not use this request.", 401: "The server wants a key.", 403: "This key may not do that.",
  404: "The server does not know this model or address.", 408: "The request took too long.", 409: "The server refused.",
  413: "The file is larger than the server takes.", 415: "The server does not read this kind of file.",
  422: "The server cannot make this from these files.", 429: "The server is busy.", 500: "Something failed inside the server.",
  501: "The server does not offer this.", 503: "The server is not ready.", 504: "The server gave up waiting.",
};

async function refusal(response) {
  let error = {};
  try { error = (await response.json()).error ?? {}; } catch { /* not JSON: the status says enough */ }
  const said = typeof error === "string" ? error : error.message ?? "";
  const seconds = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(seconds) && seconds > 0 ? seconds : null;
  const wait = response.status === 429 ? ` Try again${retryAfter ? ` in ${retryAfter} s` : " soon"}.` : "";
  const plain = kPlain[response.status] ?? `The server answered with status ${response.status}.`;
  return new ApiError(`${plain}${wait}${forPeople(said) ? ` It says: ${forPeople(said)}` : ""}`,
    { status: response.status, param: error.param, code: error.code, retryAfter, said });
}

const streamError = (error) => new ApiError(`The server stopped. It says: ${error?.message ?? "nothing"}`,
  { status: 200, param: error?.param, code: error?.code, said: error?.message });
const brokenOff = () => new ApiError("The answer broke off before its end. What is shown is not complete.");

export async function listModels() {
  return (await (await send("v1/models")).json()).data ?? [];
}

// -> {samples: Uint16Array (width * height, 0..65535, row by row), info: the server's X-Hilum-Image}
export async function decodeImage(file, signal) {
  const form = new FormData();
  form.append("image", file, file.name);
  const response = await send("v1/images", { method: "POST", body: form, signal });
  const info = JSON.parse(response.headers.get("X-Hilum-Image") ?? "null");
  const bytes = await response.arrayBuffer();
  if (!info || bytes.byteLength !== info.width * info.height * 2) throw new ApiError("The server's picture is not whole.");
  return { samples: new Uint16Array(bytes), info };   // little-endian, as every machine with a browser is
}

function reportForm(files, context) {
  const form = new FormData();
  for (const [role, file] of Object.entries(files)) if (file) form.append(role, file, file.name);
  form.append("context", JSON.stringify(context));
  return form;
}

// Streams a report: on.piece(text), on.finding({index, text, boxes}); gives the whole Report JSON.
export async function streamReport(files, context, on, signal) {
  const response = await send("v1/reports",
    { method: "POST", body: reportForm(files, context), headers: { Accept: "text/event-stream" }, signal });
  let report = null, error = null;
  try {
    await readEvents(response.body, (name, data) => {
      const value = JSON.parse(data);
      if (name === "piece") on.piece(value.text);
      else if (name === "finding") on.finding(value);
      else if (name === "report") report = value;
      else if (name === "error") error = streamError(value.error);
    });
  } catch (failure) {
    if (wasStopped(failure)) throw failure;
    throw brokenOff();
  }
  if (error) throw error;
  if (!report) throw brokenOff();
  return report;
}

// Where a phrase is in the frontal film: a Report JSON with one finding.
export async function groundPhrase(frontal, context, signal) {
  return (await send("v1/grounding", { method: "POST", body: reportForm({ frontal }, context), signal })).json();
}

// The report in `context.report` put in another form; nothing is generated. type: "application/fhir+json" or "application/dicom".
export async function convertReport(files, context, type, signal) {
  return (await send("v1/reports", { method: "POST", body: reportForm(files, context), headers: { Accept: type }, signal })).blob();
}

// A dialogue's next answer, streamed: on_text(piece). -> {text, finish, model, demo}
export async function streamAnswer(model, messages, onText, signal) {
  const response = await send("v1/chat/completions", {
    method: "POST", body: JSON.stringify({ model, messages, stream: true }), headers: { "Content-Type": "application/json" }, signal,
  });
  const answer = { text: "", finish: null, model, demo: response.headers.get("X-Hilum-Demo") === "true" };
  let error = null, ended = false;
  try {
    await readEvents(response.body, (name, data) => {
      if (data === "[DONE]") {
        ended = true;
        return;
      }
      const chunk = JSON.parse(data);
      if (chunk.error) error = streamError(chunk.error);
      answer.model = chunk.model ?? answer.model;
      const choice = chunk.choices?.[0];
      if (!choice) return;
      if (choice.delta?.content) {
        answer.text += choice.delta.content;
        onText(choice.delta.content);
      }
      answer.finish = choice.finish_reason ?? answer.finish;
    });
  } catch (failure) {
    if (wasStopped(failure)) throw failure;
    throw brokenOff();
  }
  if (error) throw error;
  if (!ended && !answer.finish) throw brokenOff();
  return answer;
}
