// What the browser tests share: one Chromium, a viewer per test, phantoms to read, axe, screenshots.
// Environment (set by `run`): HILUM_VIEWER_URL, HILUM_VIEWER_PHANTOMS, HILUM_VIEWER_SHOTS, HILUM_VIEWER_MOCK (1 where the server is the mock), CHROMIUM.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import axe from "axe-core";
import { chromium } from "playwright-core";

export const url = process.env.HILUM_VIEWER_URL;
export const isMock = process.env.HILUM_VIEWER_MOCK === "1";
const folder = process.env.HILUM_VIEWER_PHANTOMS, shots = process.env.HILUM_VIEWER_SHOTS;
mkdirSync(shots, { recursive: true });

// The first phantom study with all three films: {frontal, prior, lateral: paths, study}. Study ids differ between folders of one seed only by form.
export function phantom(form) {
  const lines = readFileSync(join(folder, form, "studies.jsonl"), "utf8").split("\n").filter(Boolean);
  const study = lines.map((line) => JSON.parse(line)).find(({ images }) => images.length === 3);
  const path = (view) => join(folder, form, study.images.find((image) => image.view === view).path);
  return { frontal: path("frontal"), prior: path("prior_frontal"), lateral: path("lateral"), study };
}

const kReportSeconds = isMock ? 20 : 500;    // a real model on a busy machine
export const reportTimeout = 1000 * kReportSeconds;

let browser = null;
export async function start() {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}
export const stop = () => browser?.close();

// A fresh viewer. After the test: no script error, no breach of the content policy, no request to anyone else, nothing stored, no object URL left.
export async function withViewer({ width = 1440, height = 900, strangeErrors = [], touch = false } = {}, run) {
  const context = await browser.newContext({ viewport: { width, height }, hasTouch: touch, reducedMotion: "reduce", acceptDownloads: true });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: new URL(url).origin });
  const page = await context.newPage(), problems = [];
  page.setDefaultTimeout(90000);             // builds and tests share small machines
  page.on("pageerror", (error) => problems.push(`script error: ${error.message}`));
  page.on("request", (request) => {
    const address = request.url();
    if (!address.startsWith(new URL(url).origin) && !/^(blob|data):/.test(address)) problems.push(`request to ${address}`);
  });
  page.on("console", (message) => { if (message.type() === "error" && !/Failed to load resource|net::ERR/.test(message.text())) problems.push(`console: ${message.text()}`); });
  await page.addInitScript(() => {
    window.watched = { made: 0, revoked: 0, breaches: [] };
    addEventListener("securitypolicyviolation", (event) => window.watched.breaches.push(`${event.violatedDirective} ${event.blockedURI}`));
    const { createObjectURL, revokeObjectURL } = URL;
    URL.createObjectURL = (blob) => { window.watched.made += 1; return createObjectURL.call(URL, blob); };
    URL.revokeObjectURL = (address) => { window.watched.revoked += 1; revokeObjectURL.call(URL, address); };
  });
  try {
    const response = await page.goto(url);
    const policy = response.headers()["content-security-policy"] ?? "";
    assert.match(policy, /default-src 'self'/, "the page is served without a content policy");
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|https?:/, "the content policy is loose");
    await page.waitForSelector("#model option", { state: "attached" });
    await run(page, context);
    await page.waitForFunction(() => window.watched.made === window.watched.revoked, null, { timeout: 5000 });
    assert.deepEqual(await page.evaluate(() => window.watched.breaches), []);
    assert.deepEqual(await stored(page, context), { local: 0, session: 0, cookies: 0, databases: 0, caches: 0, workers: 0 });
    assert.deepEqual(problems.filter((text) => !strangeErrors.some((known) => text.includes(known))), []);
  } finally {
    await context.close();
  }
}

async function stored(page, context) {
  const inside = await page.evaluate(async () => ({
    local: localStorage.length, session: sessionStorage.length,
    databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length, workers: (await navigator.serviceWorker.getRegistrations()).length,
  }));
  return { ...inside, cookies: (await context.cookies()).length };
}

export const shot = (page, name) => page.screenshot({ path: join(shots, `${name}.png`) });

// No violation of WCAG 2.2 A and AA, nor of axe's best practices.
export async function checkAxe(page, state) {
  await page.evaluate(axe.source);           // by the debugger: the page's content policy stays as it is
  const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const told = found.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(" | ")}`);
  assert.deepEqual(told, [], `axe, ${state}`);
  assert.ok(found.passes.length > 20, "axe looked at almost nothing");
}

// Files dropped on an element, as a person's drag from a folder does.
export async function drop(page, paths, selector = "#stage") {
  const files = paths.map((path) => ({ name: basename(path), data: readFileSync(path).toString("base64") }));
  const transfer = await page.evaluateHandle((list) => {
    const made = new DataTransfer();
    for (const { name, data } of list) made.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name));
    return made;
  }, files);
  await page.dispatchEvent("body", "dragenter", { dataTransfer: transfer });
  await page.dispatchEvent(selector, "dragover", { dataTransfer: transfer });
  await page.dispatchEvent(selector, "drop", { dataTransfer: transfer });
}

export const panesShown = (page, count) => page.waitForFunction((wanted) => document.querySelectorAll(".pane:not([hidden])").length === wanted, count);
export const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
export const status = (page) => page.textContent("#status");

export async function openStudy(page, films = phantom("dicom")) {
  await drop(page, [films.frontal, films.prior]);
  await panesShown(page, 2);
  return films;
}

export async function writeReport(page) {
  await page.click("#write");
  await page.waitForSelector("#exports:not([hidden])", { timeout: reportTimeout });
}

// The grey of the frontal canvas at (x, y) CSS px of its viewport (device pixel ratio 1).
export const greyAt = (page, x, y) => page.$eval('.viewport[data-role="frontal"] canvas', (canvas, [px, py]) => [...canvas.getContext("2d").getImageData(px, py, 1, 1).data], [x, y]);

// What a pane says under its picture: {width, centre, zoom} in percent, and {x, y, grey} under the pointer.
export async function reading(page, role) {
  await settled(page);                                                   // the line is written when the film is drawn: with the next frame
  const text = await page.$eval(`.viewport[data-role="${role}"]`, (element) => element.parentElement.querySelector(".pane-reading").textContent);
  const number = (pattern) => Number(pattern.exec(text)?.[1]);
  return { text, width: number(/W (\d+)/), centre: number(/C (\d+)/), zoom: number(/ (\d+) %(?! *\d)(?=$| {3}x| {3}inv)/), x: number(/x (\d+)/), y: number(/y (\d+)/), grey: number(/grey ([\d.]+)/) };
}

// The same once the film under the pointer has been decoded and its grey stands there.
export async function readingUnderPointer(page, role) {
  await page.waitForFunction((wanted) => document.querySelector(`.viewport[data-role="${wanted}"]`).parentElement.querySelector(".pane-reading").textContent.includes("grey"), role);
  return reading(page, role);
}

export const setFault = (fault, count = 1) => fetch(new URL("mock", url), { method: "POST", body: JSON.stringify({ fault, count }) });
export const mockSeen = async () => (await fetch(new URL("mock", url))).json();
