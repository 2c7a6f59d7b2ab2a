// What the viewer says and does when the server refuses, breaks off or is gone. Needs the mock server, which fails on demand.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as h from "./harness.mjs";

before(h.start);
after(h.stop);
const skip = h.isMock ? false : "needs the mock server's faults";
const errorText = async (page) => {
  await page.waitForSelector("[data-strip=error]");
  return page.textContent("[data-strip=error] p");
};

test("BusyServerIsNamedAndTryingAgainWorks", { skip }, () => h.withViewer({}, async (page) => {
  await h.openStudy(page);
  await h.setFault("busy");
  await page.click("#write");
  assert.match(await errorText(page), /server is busy\. Try again in 3 s\. It says: the queue is full/i);
  await h.shot(page, "20-busy");
  await h.checkAxe(page, "busy");
  await page.click("[data-strip=error] button:has-text('Try again')");
  await page.waitForSelector("#exports:not([hidden])");
  assert.equal(await page.$("[data-strip=error]"), null);

  // A reader's work is not thrown away, neither by a refusal nor by a press.
  await page.click('[aria-label="Accept sentence 1"]');
  await page.click("#write");
  await page.waitForSelector("#choice-dialog[open]");
  await page.keyboard.press("Escape");
  assert.equal((await page.$$(".finding.accepted")).length, 1);
  await h.setFault("busy");
  await page.click("#write");
  await page.check("#choice-agree");
  await page.click("#choice-dialog .primary");
  await errorText(page);
  assert.equal((await page.$$(".finding.accepted")).length, 1);
  assert.ok(await page.isVisible("#exports"));
}));

test("KeyIsAskedForUsedAndForgotten", { skip }, () => h.withViewer({}, async (page) => {
  await h.setFault("key");
  try {
    const films = h.phantom("dicom");
    await h.drop(page, [films.frontal]);
    await page.waitForSelector("#key-dialog[open]");
    await h.shot(page, "21-key");
    await h.checkAxe(page, "key");
    await page.fill("#key-field", "wrong");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => /not accepted/.test(document.querySelector("#key-dialog[open]")?.textContent ?? ""));
    await page.fill("#key-field", "secret");
    await page.keyboard.press("Enter");
    await h.panesShown(page, 1);
    await h.writeReport(page);                                          // not asked again
    assert.equal(await page.evaluate(() => document.documentElement.outerHTML.includes("secret")), false);
    assert.equal((await h.mockSeen()).seen.at(-1).authorization, "Bearer secret");
    await page.reload();
    await page.waitForSelector("#key-dialog[open]");                    // gone with the page
    await page.keyboard.press("Escape");
    assert.match(await errorText(page), /wants a key/);
  } finally {
    await h.setFault(null);
  }
}));

for (const [fault, words] of [["break", /broke off before its end/], ["cut", /broke off before its end/], ["error", /server stopped\. It says: the request's time is over/]]) {
  test(`StreamWith${fault}IsNoReport`, { skip }, () => h.withViewer({}, async (page) => {
    await h.openStudy(page);
    await h.setFault(fault);
    await page.click("#write");
    assert.match(await errorText(page), words);
    assert.match(await page.textContent(".incomplete"), /not a report/);
    assert.ok((await page.$$(".finding")).length >= 1, "what came should stay to be read");
    assert.equal(await page.isVisible("#exports"), false, "nothing may leave");
    await page.keyboard.press("c");
    assert.doesNotMatch(await h.status(page), /Copied/);
    await h.shot(page, `22-${fault}`);
    await h.checkAxe(page, fault);
  }));
}

test("StopEndsTheRequestOnTheServerToo", { skip }, () => h.withViewer({}, async (page) => {
  await h.openStudy(page);
  const before = (await h.mockSeen()).abandoned;
  await h.setFault("hang");
  await page.click("#write");
  await page.waitForSelector(".finding.in-stream >> nth=1");
  await h.shot(page, "05-streaming");
  await h.checkAxe(page, "streaming");
  await page.click("#cancel-report");
  await page.waitForSelector(".incomplete");
  assert.match(await h.status(page), /Stopped/);
  assert.equal(await page.$("[data-strip=error]"), null, "stopping is no error");
  for (let i = 0; i < 100 && (await h.mockSeen()).abandoned === before; ++i) await page.waitForTimeout(20);
  assert.equal((await h.mockSeen()).abandoned, before + 1);
}));

test("NewStudyWhileWritingLeavesNothingBehind", { skip }, () => h.withViewer({}, async (page) => {
  await h.openStudy(page);
  await page.fill("#indication", "Cough.");
  await h.setFault("hang");
  await page.click("#write");
  await page.waitForSelector(".finding.in-stream");
  await page.click("#new-study");
  await page.waitForSelector("#welcome:not([hidden])");
  await page.waitForTimeout(200);
  assert.equal((await page.$$(".finding, .box, .incomplete, [data-strip]")).length, 0);
  assert.equal(await page.inputValue("#indication"), "");
  assert.ok(await page.isDisabled("#write"));
}));

test("FarFromThePhantomsIsSaidLoudlyAndTravels", { skip }, () => h.withViewer({}, async (page) => {
  await h.openStudy(page);
  await h.setFault("far");
  await h.writeReport(page);
  assert.match(await page.textContent("[data-strip=far]"), /meaningless for patients/);
  assert.equal(await page.getAttribute("[data-strip=far]", "role"), "alert");
  await h.shot(page, "23-far");
  await h.checkAxe(page, "far");
  await page.click("#copy-plain");
  await page.waitForFunction(() => document.getElementById("status").textContent.startsWith("Copied"));
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /meaningless for patients/);
  await page.click("#new-study");
  await page.waitForSelector("[data-strip=far]", { state: "detached" });
}));

test("CutOffReportIsMarkedAndTheMarkTravels", { skip }, () => h.withViewer({}, async (page) => {
  await h.openStudy(page);
  await h.setFault("long");
  await h.writeReport(page);
  assert.match(await page.textContent(".warnings"), /incomplete/);
  await page.click("#copy-plain");
  await page.waitForFunction(() => document.getElementById("status").textContent.startsWith("Copied"));
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /Incomplete/);
}));

test("MismatchNeedsATickedChoice", { skip }, () => h.withViewer({}, async (page) => {
  await h.openStudy(page);
  await h.setFault("mismatch", 2);
  await page.click("#write");
  await page.waitForSelector("#choice-dialog[open]");
  assert.match(await page.textContent("#choice-reason"), /PatientID/);
  assert.doesNotMatch(await page.textContent("#choice-dialog"), /allow_|--/, "speaks of a program's field");
  await page.check("#choice-agree");
  await page.click("#choice-dialog .primary");
  await page.waitForSelector("#exports:not([hidden])");
  assert.equal((await h.mockSeen()).seen.at(-1).context.allow_mismatch, true);
}));

test("UnreadableFileIsNamedAndTheOthersAreTaken", { skip }, () => h.withViewer({}, async (page) => {
  const films = h.phantom("dicom");
  await h.drop(page, [films.frontal, new URL("package.json", import.meta.url).pathname]);
  assert.match(await errorText(page), /package\.json: The server does not read this kind of file/);
  await h.panesShown(page, 1);
}));

test("ServerThatIsGoneIsSaidSo", { skip }, () => h.withViewer({}, async (page, context) => {
  await h.openStudy(page);
  await context.setOffline(true);
  await page.click("#write");
  assert.match(await errorText(page), /cannot be reached/);
  await context.setOffline(false);
}));

test("BrokenAnswerIsMarkedAndNotToldToTheModelAgain", { skip }, () => h.withViewer({}, async (page) => {
  await h.openStudy(page);
  await page.keyboard.press("q");
  await h.setFault("break");
  await page.keyboard.type("What now?");
  await page.keyboard.press("Enter");
  assert.match(await errorText(page), /broke off/);
  assert.match(await page.textContent(".turn"), /Not complete/);
  await page.fill("#question", "Again?");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelectorAll(".turn").length === 2 && !document.querySelector("#ask").hidden);
  assert.deepEqual((await h.mockSeen()).seen.at(-1).messages.map(({ text }) => text), ["Again?"]);
}));

test("ModelThatCannotAnswerSaysSoAndPhraseTaskGrounds", { skip }, () => h.withViewer({}, async (page) => {
  await h.openStudy(page);
  assert.deepEqual(await page.$$eval("#task option", (all) => all.map(({ value }) => value)), ["findings", "grounded", "phrase"], "a question is no report");
  assert.equal(await page.inputValue("#task"), "grounded");
  await page.selectOption("#model", "maira-2-shape");
  assert.match(await page.textContent("#model-note"), /does not look at a lateral or a prior/);
  await page.click("#tab-questions");
  assert.ok(await page.isDisabled("#question"));
  assert.match(await page.textContent("#dialogue"), /does not answer questions/);
  await page.click("#tab-study");
  assert.deepEqual(await page.$$eval("#model option", (all) => all.map(({ value }) => value)), ["hilum-demo", "maira-2-shape"]);
  await page.selectOption("#task", "phrase");
  await page.fill("#phrase", "Small left pleural effusion.");
  await h.writeReport(page);
  const last = (await h.mockSeen()).seen.at(-1);
  assert.deepEqual([last.path, last.context.phrase, last.parts], ["/v1/grounding", "Small left pleural effusion.", ["frontal", "context"]]);
  assert.equal(await page.$("[data-strip=demo]"), null, "not the demo model");
  await page.click("#tab-study");
  await page.selectOption("#task", "findings");
  await h.writeReport(page);
  assert.equal((await page.$$(".finding")).length, 1, "a plain report is one text");
}));

test("WhatTheServerSaysNeverBecomesMarkup", { skip }, () => h.withViewer({}, async (page) => {
  await page.route("**/v1/reports", (route) => {
    const report = { schema: "hilum.report/1", notice: "<b>n</b>", demo: true, model: { name: "<img src=x>", version: "1" }, task: "grounded",
      findings: [{ text: "<img src=x onerror=alert(1)>", boxes: [[0.1, 0.1, 0.2, 0.2]] }], report: null, finish: "stop", warnings: ["<script>1</script>"] };
    route.fulfill({ contentType: "text/event-stream", body: `event: report\ndata: ${JSON.stringify(report)}\n\n` });
  });
  await h.openStudy(page);
  await h.writeReport(page);
  assert.equal(await page.textContent(".words"), "<img src=x onerror=alert(1)>");
  assert.equal(await page.$$eval("#report-body img, #report-body script, #report-body b", (all) => all.length), 0);
}));
