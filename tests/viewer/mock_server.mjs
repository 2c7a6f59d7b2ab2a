#!/usr/bin/env node
// A stand-in for `hilum serve` that the viewer's tests run against: the same routes, fixed answers taken from the phantoms' own truth, and
// faults on demand.   node mock_server.mjs --phantoms DIR... [--port 0] [--viewer DIR]      prints its address
//
// POST /mock {"fault": NAME, "count": 1} makes the next requests fail: busy (429), down (503), key (401 until Bearer secret), mismatch (422),
// break (the connection ends in the middle of a stream), cut (the stream ends without its last event), error (it ends with an error event),
// long (finish "length"), far (far from the phantoms), hang (a stream that goes on until the client leaves).  GET /mock lists the requests seen and how many clients left in the middle.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { decode } from "./mock_decode.mjs";
import { parseMultipart } from "./multipart.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const kTypes = { html: "text/html; charset=utf-8", css: "text/css; charset=utf-8", js: "text/javascript; charset=utf-8", svg: "image/svg+xml" };
const kNotice = "Research use only. Not a medical device.";
const kFar = "synthetic-trained demo, meaningless for patients";
const kDemo = {
  id: "hilum-demo", object: "model", created: 0, owned_by: "local",
  hilum: { kind: "reports", tasks: ["findings", "grounded", "phrase", "question"], demo: true, notice: "Research use only. Not a medical device.",
    views: ["frontal", "lateral", "prior_frontal"], weights_sha256: "13379283436f57d1a7114da223527a4044097a6a86c463df7132e949165c08da" },
};
const kSilent = { ...kDemo, id: "maira-2-shape", hilum: { ...kDemo.hilum, demo: false, notice: "", tasks: ["findings", "grounded", "phrase"], views: ["frontal"] } };
const kEmbedder = { ...kDemo, id: "embedder", hilum: { kind: "embeddings", tasks: [], demo: false, notice: "", views: [], weights_sha256: "" } };

const kBreakAfter = 1000;    // ms: a browser that has not read what came before the break forgets it

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

// image bytes -> the study it is the frontal film of
function readStudies(folders) {
  const studies = new Map();
  for (const folder of folders) {
    for (const line of readFileSync(join(folder, "studies.jsonl"), "utf8").split("\n").filter(Boolean)) {
      const study = JSON.parse(line);
      for (const { path, view } of study.images) if (view === "frontal") studies.set(sha256(readFileSync(join(folder, path))), study);
    }
  }
  return studies;
}

export function startMock({ phantoms = [], port = 0, viewer = join(here, "../../src/serve/viewer"), delay = 25 } = {}) {
  const studies = readStudies(phantoms), files = new Set(readdirSync(viewer)), seen = [];
  let fault = null, left = 0, abandoned = 0, wantsKey = false;

  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://mock").pathname;
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    response.setHeader("X-Request-Id", "mock");
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Content-Security-Policy", "default-src 'self'; img-src 'self' blob: data:");
    const answer = (status, type, value, headers = {}) => response.writeHead(status, { "Content-Type": type, ...headers }).end(value);
    const json = (status, value, headers) => answer(status, "application/json", JSON.stringify(value), headers);
    const refuse = (status, message, { code = null, param = null, type = "invalid_request_error", headers } = {}) => json(status, { error: { message, type, param, code } }, headers);
    const take = (...names) => {
      if (left < 1 || !names.includes(fault)) return null;
      left -= 1;
      return fault;
    };
    try {
      if (path === "/mock") {
        if (request.method === "POST") {
          ({ fault, count: left = 1 } = JSON.parse(body));
          wantsKey = fault === "key";
          return json(200, {});
        }
        return json(200, { seen, abandoned });
      }
      if (path === "/") return answer(200, kTypes.html, readFileSync(join(viewer, "index.html")));
      if (path.startsWith("/viewer/")) {
        const name = path.slice(8);
        return files.has(name) ? answer(200, kTypes[name.split(".").pop()], readFileSync(join(viewer, name))) : refuse(404, "no such file");
      }
      seen.push({ path, method: request.method, accept: request.headers.accept, authorization: request.headers.authorization ?? null });
      if (wantsKey && request.headers.authorization !== "Bearer secret") return refuse(401, "a key is needed", { type: "authentication_error" });
      switch (take("busy", "down")) {
        case "busy": return refuse(429, "the queue is full", { type: "rate_limit_error", headers: { "Retry-After": "3" } });
        case "down": return refuse(503, "the model is being loaded", { type: "unavailable_error" });
      }
      if (path === "/v1/models") return json(200, { object: "list", data: [kDemo, kSilent, kEmbedder] });
      if (path === "/v1/images") return image(body, request, answer, refuse);
      if (path === "/v1/reports" || path === "/v1/grounding") return await report(path, body, request, response, { answer, json, refuse, take });
      if (path === "/v1/chat/completions") return await chat(JSON.parse(body), request, response, { json, refuse, take });
      refuse(404, "no such address", { type: "not_found_error" });
    } catch (error) {
      refuse(400, String(error.message));
    }
  });

  function image(body, request, answer, refuse) {
    const file = parseMultipart(request.headers["content-type"], body).get("image");
    let picture;
    try { picture = decode(file.bytes); } catch (error) { return refuse(415, `${file?.filename} ${error.message}`); }
    const { samples, ...info } = picture;
    answer(200, "application/octet-stream", samples, { "X-Hilum-Image": JSON.stringify({ ...info, warnings: [] }) });
  }

  async function report(path, body, request, response, { answer, json, refuse, take }) {
    const parts = parseMultipart(request.headers["content-type"], body), frontal = parts.get("frontal");
    if (!frontal) return refuse(400, "the part \"frontal\" is missing", { param: "frontal" });
    const context = JSON.parse(parts.get("context").bytes);
    Object.assign(seen.at(-1), { context, parts: [...parts.keys()] });
    const accept = request.headers.accept;
    if (accept === "application/fhir+json" || accept === "application/dicom") return convert(accept, context, frontal.bytes, answer, refuse);
    if (!context.allow_mismatch && take("mismatch")) return refuse(422, "prior: another PatientID than the frontal's; send \"allow_mismatch\": true to go on", { param: "allow_mismatch" });
    const study = studies.get(sha256(frontal.bytes)) ?? { study_id: "unknown", findings: [{ text: "No finding is known of this picture.", boxes: null }] };
    const made = makeReport(study, frontal.bytes, context, path === "/v1/grounding" ? "phrase" : context.task ?? "grounded", take("long", "far"));
    const demo = made.demo ? { "X-Hilum-Demo": "true" } : {};
    if (accept !== "text/event-stream") return json(200, made, demo);
    await stream(made, response, demo, take("break", "cut", "error", "hang"));
  }

  async function stream(made, response, headers, trouble) {
    let gone = false;
    response.on("close", () => {
      if (response.writableEnded) return;
      gone = true;
      abandoned += 1;
    });
    response.writeHead(200, { "Content-Type": "text/event-stream", ...headers });
    const send = (name, data) => response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    response.write(": ping\n\n");
    const parts = made.findings.length ? made.findings : [{ text: made.report }];
    for (let index = 0; index < parts.length && !gone; ++index) {
      for (const piece of parts[index].text.match(/\S+\s*/g)) {
        await wait(delay);
        send("piece", { text: piece });
      }
      if (made.findings.length) send("finding", { index, text: parts[index].text, boxes: parts[index].boxes });
      if (index === 1 && trouble === "break") {
        await wait(kBreakAfter);
        return response.destroy();
      }
      if (index === 1 && trouble === "cut") return response.end();
      if (index === 1 && trouble === "error") {
        send("error", { error: { message: "the request's time is over", type: "server_error", param: null, code: "deadline" } });
        return response.end();
      }
      while (index === 1 && trouble === "hang" && !gone) await wait(10);
    }
    if (gone) return;
    send("report", made);
    response.end();
  }

  function convert(accept, { report: given, allow_demo: allow, sr = "auto" }, frontal, answer, refuse) {
    if (given?.schema !== "hilum.report/1") return refuse(422, "report: has no \"schema\"", { param: "report" });
    if (given.demo && !allow) return refuse(409, "The demo model's output is meaningless for patients and is not written as a clinical document unless \"allow_demo\" is true.", { param: "allow_demo" });
    if (accept === "application/dicom") {
      if (frontal.subarray(128, 132).toString() !== "DICM") return refuse(422, "frontal: has no DICOM identifiers, so no structured report can refer to it. Give the DICOM file.");
      return answer(200, "application/dicom", Buffer.concat([Buffer.alloc(128), Buffer.from("DICM"), Buffer.from(`${sr} ${JSON.stringify(given.findings)}`)]));
    }
    answer(200, "application/fhir+json", JSON.stringify({
      resourceType: "DiagnosticReport", status: "preliminary", code: { text: "Chest radiograph" }, conclusion: given.findings.map(({ text }) => text).join(" "),
      text: { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">${kNotice}</div>` },
    }));
  }

  async function chat({ messages, stream: streamed, model }, request, response, { json, refuse, take }) {
    const images = messages.flatMap(({ content }) => (Array.isArray(content) ? content : [])).filter(({ type }) => type === "image_url");
    Object.assign(seen.at(-1), { messages: messages.map(({ role, content }) => ({ role, text: Array.isArray(content) ? content[0].text : content })),
      images: images.map(({ image_url: { url } }) => url.slice(0, 40)) });
    if (!images.length) return refuse(400, "no image", { param: "messages" });
    const last = messages.at(-1).content, question = Array.isArray(last) ? last[0].text : last;
    const study = studies.get(sha256(Buffer.from(images[0].image_url.url.split(",")[1], "base64")));
    const known = study?.dialogues?.flat().find((turn) => turn.question === question)?.answer;
    const text = known ?? `This is answer ${messages.filter(({ role }) => role === "user").length} about “${question}”`;
    const head = { id: "chatcmpl-mock", created: 1760000000, model };
    if (!streamed) return json(200, { ...head, object: "chat.completion", choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }] });
    const trouble = take("break", "error");
    response.writeHead(200, { "Content-Type": "text/event-stream", ...(model === kDemo.id ? { "X-Hilum-Demo": "true" } : {}) });
    const send = (delta, finish = null) => response.write(`data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
    send({ role: "assistant", content: "" });
    for (const [i, piece] of text.match(/\S+\s*/g).entries()) {
      await wait(delay);
      send({ content: piece });
      if (i === 1 && trouble === "break") {
        await wait(kBreakAfter);
        return response.destroy();
      }
    }
    send({}, "stop");
    response.end("data: [DONE]\n\n");
  }

  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve({ server, url: `http://127.0.0.1:${server.address().port}/` })));
}

// A Report JSON as the engine writes it, with the phantom's truth for the model's words.
function makeReport(study, bytes, context, task, special) {
  const { width, height, steps } = decode(bytes), demo = context.model !== kSilent.id;
  const found = task === "phrase" ? [{ text: context.phrase, boxes: [[0.55, 0.3, 0.8, 0.6]] }] : study.findings;
  const whole = task === "findings";
  return {
    schema: "hilum.report/1", notice: kNotice, demo, study_id: study.study_id,
    model: { name: context.model ?? kDemo.id, weights_sha256: kDemo.hilum.weights_sha256, version: "0.1.0" }, task, seed: 0, sampling: "greedy",
    findings: whole ? [] : found.map(({ text, boxes }, i) => ({ text, boxes, token_probability: 0.5 + 0.05 * (i % 9) })),
    report: whole ? study.findings.map(({ text }) => text).join(" ") : null,
    finish: special === "long" ? "length" : "stop",
    image: { width, height, view: "frontal", used: [0, 0, width, height], steps: [...steps, "resize 320x320 bicubic"] },
    warnings: special === "far" ? [kFar] : [], usage: { prompt_tokens: 83, image_tokens: 64, completion_tokens: 85 },
    timing_ms: { load: 0, decode: 3.2, image: 420.5, prefill: 96.1, generate: 1310.9 },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { phantoms: { type: "string", multiple: true }, port: { type: "string", default: "0" }, viewer: { type: "string" } } });
  const { url } = await startMock({ ...values, port: Number(values.port) });
  console.log(url);
}
