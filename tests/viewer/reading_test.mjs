// What a reader does, from the dropped film to the files that leave.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import * as h from "./harness.mjs";
import { decode } from "./mock_decode.mjs";

before(h.start);
after(h.stop);

const kNotice = "Research use only. Not a medical device.";
const frontal = '.viewport[data-role="frontal"]';

async function box(page, selector) {
  return (await page.$(selector)).boundingBox();
}
// Presses at the middle of the frontal film, goes (dx, dy), lets go.
async function drag(page, dx, dy, button = "left") {
  const { x, y, width, height } = await box(page, frontal);
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down({ button });
  await page.mouse.move(x + width / 2 + dx / 2, y + height / 2 + dy / 2, { steps: 3 });
  await page.mouse.move(x + width / 2 + dx, y + height / 2 + dy, { steps: 3 });
  await page.mouse.up({ button });
  await h.settled(page);
}

test("DroppedFilmsGoWhereTheirHeadersSay", () => h.withViewer({}, async (page) => {
  await h.shot(page, "01-empty");
  await h.checkAxe(page, "empty");
  const films = h.phantom("dicom");
  await h.drop(page, [films.lateral, films.prior, films.frontal]);      // in an order that says nothing
  await h.panesShown(page, 3);
  const heads = await page.$$eval(".pane:not([hidden]) .pane-head", (all) => all.map((head) => head.textContent));
  for (const [i, [name, path]] of [["Frontal", films.frontal], ["Prior", films.prior], ["Lateral", films.lateral]].entries()) {
    assert.ok(heads[i].startsWith(name) && heads[i].includes(path.split("/").pop()), heads[i]);
  }
  assert.match(heads[0], /PA · 2020-03-01/);
  assert.match(heads[2], /LL/);
  await h.shot(page, "02-three-films");
  await h.checkAxe(page, "three films");
  await page.keyboard.press("x");
  assert.ok((await page.$$eval(".pane-head", (all) => all[0].textContent)).includes(films.prior.split("/").pop()), "X did not swap");
}));

test("PngIsReadTooAndOneFileGoesWhereItIsDropped", () => h.withViewer({}, async (page) => {
  const films = h.phantom("png");
  await h.drop(page, [films.frontal]);
  await h.panesShown(page, 1);
  await h.drop(page, [films.frontal], '.drop-zone[data-role="lateral"]');
  await h.panesShown(page, 2);
  assert.match(await h.status(page), /as lateral/);
  assert.equal(await page.isVisible("#drop-zones"), false);
}));

test("WindowByFieldShowsTheSamplesOfTheFile", () => h.withViewer({}, async (page) => {
  const { frontal: path } = await h.openStudy(page);
  await page.fill("#window-width", "70");
  await page.press("#window-width", "Tab");
  await page.fill("#window-centre", "45");
  await page.press("#window-centre", "Tab");
  await page.focus(frontal);
  await page.keyboard.press("z");
  await page.keyboard.press("n");                                       // one screen pixel a film pixel, not smoothed
  const file = decode(readFileSync(path)), view = await box(page, frontal);
  let between = 0;
  const [percentOff, greyOff] = h.isMock ? [0.06, 1] : [0.25, 2];        // `hilum serve` hands out DICOM as its models see it, 8 bits of 12
  for (const [dx, dy] of [[0.5, 0.5], [0.3, 0.4], [0.7, 0.6], [0.2, 0.8], [0.55, 0.35]]) {
    const px = Math.round(view.width * dx), py = Math.round(view.height * dy);
    await page.mouse.move(view.x + px + 0.5, view.y + py + 0.5);
    const { x, y, grey, width, centre } = await h.readingUnderPointer(page, "frontal");
    assert.deepEqual([width, centre], [70, 45]);
    const sample = file.samples.readUInt16LE(2 * (y * file.width + x));
    assert.ok(Math.abs((100 * sample) / 65535 - grey) < percentOff, `reading ${grey}, file ${(100 * sample) / 65535}`);
    const expected = Math.min(255, Math.max(0, ((sample / 65535 - 0.1) / 0.7) * 255));
    const [red] = await h.greyAt(page, px, py);
    assert.ok(Math.abs(red - expected) <= greyOff, `pixel ${red}, expected ${expected} at ${x}, ${y}`);
    between += expected > 0 && expected < 255;
  }
  assert.ok(between >= 2, "only black and white were looked at");
}));

test("WindowByDragAndBySliderAgreeAndResetBringsAllBack", () => h.withViewer({}, async (page) => {
  await h.openStudy(page);
  const { width } = await box(page, frontal);
  await drag(page, -width / 4, 0);                                      // a quarter of the pane: 25 % narrower
  let now = await h.reading(page, "frontal");
  assert.equal(now.width, 75);
  assert.equal(await page.inputValue("#window-width"), "75");
  assert.equal(await page.inputValue("#window-width-slider"), "75");
  assert.equal((await h.reading(page, "prior")).width, 100, "the prior's window is not linked until asked for");
  await page.focus("#window-centre-slider");
  for (let i = 0; i < 5; ++i) await page.keyboard.press("ArrowRight");
  now = await h.reading(page, "frontal");
  assert.equal(now.centre, 55);
  await page.focus(frontal);
  await page.keyboard.press("k");
  assert.equal((await h.reading(page, "prior")).width, 75, "linked now");
  const [before] = await h.greyAt(page, 300, 420);
  await page.keyboard.press("i");
  await h.settled(page);
  const [after] = await h.greyAt(page, 300, 420);
  assert.ok(Math.abs(before + after - 255) <= 1, "not inverted");
  await h.shot(page, "03-windowed");
  await page.keyboard.press("a");
  await page.keyboard.press("r");
  await h.settled(page);
  now = await h.reading(page, "frontal");
  assert.deepEqual([now.width, now.centre, now.text.includes("inverted")], [100, 50, false]);
}));

test("WheelZoomsAtThePointerAndThePriorFollows", () => h.withViewer({}, async (page) => {
  await h.openStudy(page);
  const view = await box(page, frontal);
  await page.mouse.move(view.x + view.width * 0.3, view.y + view.height * 0.4);
  await h.settled(page);
  const before = await h.reading(page, "frontal");
  for (let i = 0; i < 4; ++i) await page.mouse.wheel(0, -200);
  await h.settled(page);
  await page.mouse.move(view.x + view.width * 0.3, view.y + view.height * 0.4 + 0.1);
  await h.settled(page);
  const after = await h.reading(page, "frontal");
  assert.ok(after.zoom > 2 * before.zoom, `${before.text} -> ${after.text}`);
  assert.ok(Math.abs(after.x - before.x) <= 2 && Math.abs(after.y - before.y) <= 2, `${before.text} -> ${after.text}`);
  assert.equal((await h.reading(page, "prior")).zoom, after.zoom);
  await page.click('.pane:not([hidden]) .pan-pad [aria-label="Look further down"]');   // the click alternative to dragging
  await drag(page, 40, 0, "right");
  await drag(page, 0, 30, "middle");
  assert.equal((await h.reading(page, "frontal")).width, 100, "panning must not window");
  await page.mouse.move(view.x + view.width * 0.3, view.y + view.height * 0.4);
  await h.settled(page);
  const moved = await h.reading(page, "frontal"), scale = after.zoom / 100;
  assert.ok(Math.abs(moved.x - (after.x - 40 / scale)) <= 2, `${after.text} -> ${moved.text}`);
  assert.ok(Math.abs(moved.y - (after.y + 60 / scale - 30 / scale)) <= 2, `${after.text} -> ${moved.text}`);
  await h.shot(page, "04-zoomed");
  await page.keyboard.press("l");
  await page.keyboard.press("f");
  await h.settled(page);
  assert.notEqual((await h.reading(page, "prior")).zoom, (await h.reading(page, "frontal")).zoom, "unlinked now");
}));

test("ReportStreamsInAndSentencesAndBoxesAnswerEachOther", () => h.withViewer({}, async (page) => {
  const { study } = await h.openStudy(page);
  await page.fill("#indication", "Follow up.");
  await page.evaluate(() => {
    window.first = null;                                                // what there was when the first sentence came
    new MutationObserver(() => {
      if (document.querySelector(".finding.in-stream")) window.first ??= { sentences: document.querySelectorAll(".finding").length, running: !document.getElementById("cancel-report").hidden };
    }).observe(document.getElementById("report-body"), { childList: true, subtree: true });
  });
  await page.click("#write");
  await page.waitForSelector("#exports:not([hidden])", { timeout: h.reportTimeout });
  assert.match(await h.status(page), /Report complete/);
  const early = await page.evaluate(() => window.first), all = (await page.$$(".finding")).length;
  assert.ok(early?.running && early.sentences <= all, "no sentence was there before the report was");
  if (h.isMock) assert.ok(early.sentences < all, "all sentences came at once");
  assert.match(await page.textContent("#strips"), /Demo model/);
  assert.match(await page.textContent("#provenance"), /hilum-demo \d+\.\d+\.\d+, grounded, \d{4}-\d\d-\d\d \d\d:\d\d, [\d.]+ s/);
  if (h.isMock) assert.deepEqual(await page.$$eval(".words", (all) => all.map((one) => one.textContent)), study.findings.map(({ text }) => text));
  await h.shot(page, "06-report");
  await h.checkAxe(page, "report");

  const indexes = await page.$$eval(".box", (all) => all.map((one) => Number(one.dataset.index)));
  assert.ok(indexes.length >= 2, "the report has too few boxes for this test");
  const [first, second] = [Math.min(...indexes), Math.max(...indexes)];
  await page.hover(`.sentence[data-index="${first}"]`);
  const shown = (index) => page.$eval(`.box[data-index="${index}"]`, (one) => ({ shown: one.classList.contains("shown"), dimmed: one.classList.contains("dimmed") }));
  assert.deepEqual(await shown(first), { shown: true, dimmed: false });
  assert.deepEqual(await shown(second), { shown: false, dimmed: true });
  await h.shot(page, "07-sentence-shows-box");

  // A box is drawn where it should be: its corners from the numbers in the list and the film's place in its pane (fit, centred, square).
  const edge = await page.$eval(`.box[data-index="${first}"] .edge`, (one) => ["x", "y", "width", "height"].map((name) => Number(one.getAttribute(name))));
  const view = await box(page, frontal), words = await page.textContent(`.sentence[data-index="${first}"] .where`);
  const percents = words.match(/\d+/g).slice(0, 4).map(Number), side = Math.min(view.width, view.height);
  const at = (percent, whole) => (whole - side) / 2 + (percent / 100) * side;
  const expected = [at(percents[0], view.width), at(percents[2], view.height), ((percents[1] - percents[0]) / 100) * side, ((percents[3] - percents[2]) / 100) * side];
  expected.forEach((value, i) => assert.ok(Math.abs(value - edge[i]) < 0.012 * side + 1, `${edge} instead of ${expected}`));

  // From box to sentence; a click pins, a click again lets go.
  const plate = await box(page, `.box[data-index="${second}"] .plate`);
  await page.mouse.move(plate.x + 5, plate.y + 5);
  const row = `.finding:has(.sentence[data-index="${second}"])`;
  assert.ok(await page.$eval(row, (one) => one.classList.contains("shown")));
  await page.mouse.click(plate.x + 5, plate.y + 5);
  await page.mouse.move(5, 5);
  assert.ok(await page.$eval(row, (one) => one.classList.contains("pinned") && one.classList.contains("shown")), "the pin must outlast the pointer");
  assert.equal(await page.getAttribute(`.sentence[data-index="${second}"]`, "aria-pressed"), "true");
  await page.mouse.click(plate.x + 5, plate.y + 5);
  await page.mouse.move(5, 5);
  assert.equal(await page.$eval(row, (one) => one.classList.contains("shown")), false);

  // Every number is within reach, whatever lies across it.
  for (const [at, index] of indexes.entries()) {
    const { x, y } = await page.locator(".box .plate").nth(at).boundingBox();
    await page.mouse.move(x + 5, y + 5);
    assert.deepEqual(await shown(index), { shown: true, dimmed: false }, `the number of finding ${index + 1} is covered`);
  }
  await page.mouse.move(5, 5);

  const looks = await page.$$eval(".box .edge", (all) => all.map((one) => `${getComputedStyle(one).stroke} ${getComputedStyle(one).strokeDasharray}`));
  assert.equal(new Set(looks).size, new Set(indexes).size, "two findings look alike");
  await page.keyboard.press("b");
  assert.equal(await page.isVisible(".boxes"), false);
  await page.keyboard.press("b");

  // Boxes of one film must not lie on another.
  await page.keyboard.press("x");
  assert.equal(await page.$$eval(".box", (all) => all.length), 0);
  assert.ok(await page.isDisabled("#copy-plain"));
  assert.match(await page.textContent("#report-body"), /other pictures/);
  await page.keyboard.press("x");
  assert.equal(await page.$$eval(".box", (all) => all.length), indexes.length);
}));

test("NumbersOfBoxesWithOneCornerLieSideBySideAndAboveEveryBox", () => h.withViewer({}, async (page) => {
  const found = await page.evaluate(async () => {
    const [{ BoxOverlay }, { Selection }] = await Promise.all([import("/viewer/boxes.js"), import("/viewer/selection.js")]);
    const viewport = document.body.appendChild(document.createElement("div"));
    viewport.style.cssText = "position: fixed; inset: 0; z-index: 99";
    const view = Object.assign(new EventTarget(), { picture: {}, viewport, toScreen: (x, y) => [x * 800, y * 800] });
    const overlay = new BoxOverlay(view, new Selection()), text = "A.";
    overlay.show([
      { index: 0, text, boxes: [[0.3, 0.1, 0.8, 0.9]] }, { index: 1, text, boxes: [[0.3, 0.1, 0.8, 0.9]] }, { index: 11, text, boxes: [[0.31, 0.1, 0.5, 0.5]] },
      { index: 3, text, boxes: [[0.4, 0.3, 0.9, 0.8]] }, { index: 4, text, boxes: null },
    ]);
    const plates = [...viewport.querySelectorAll(".box")].map((group) => ({ index: Number(group.dataset.index), ...group.querySelector(".plate").getBoundingClientRect().toJSON() }));
    const under = plates.map(({ left, top }) => Number(document.elementFromPoint(left + 4, top + 4).closest("[data-index]").dataset.index));
    const within = Number(document.elementFromPoint(600, 500).dataset.index);   // in three boxes: the smallest answers
    viewport.remove();
    return { plates, under, within };
  });
  assert.deepEqual(found.under, found.plates.map(({ index }) => index));
  assert.deepEqual([...found.under].sort((a, b) => a - b), [0, 1, 3, 11]);
  for (const one of found.plates)
    for (const other of found.plates)
      if (one !== other) assert.ok(one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top, `${one.index} and ${other.index} overlap`);
  assert.equal(found.within, 3);
}));

test("ReviewedReportLeavesWithTheNotice", () => h.withViewer({}, async (page) => {
  const films = await h.openStudy(page);
  await page.fill("#indication", "Follow up.");
  await h.writeReport(page);
  const texts = await page.$$eval(".words", (all) => all.map((one) => one.textContent));
  const download = async (form) => {
    const waiting = page.waitForEvent("download");
    await page.click(`#download-${form}`);
    const file = await waiting;
    return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
  };
  const untouched = JSON.parse((await download("json")).bytes);
  assert.equal(untouched.schema, "hilum.report/1");
  assert.deepEqual(untouched.findings.map(({ text }) => text), texts);
  assert.equal(untouched.review, undefined);

  await page.click('[aria-label="Accept sentence 1"]');
  await page.click('[aria-label="Take out sentence 2"]');
  await page.click('[aria-label="Edit sentence 3"]');
  await page.fill('[aria-label="Text of sentence 3"]', "Words of the reader.");
  await h.checkAxe(page, "editing");
  await page.keyboard.press("Control+Enter");
  await h.shot(page, "08-reviewed");
  await h.checkAxe(page, "reviewed");
  const expected = [texts[0], "Words of the reader.", ...texts.slice(3)];

  const clipboard = async (id) => {
    await page.click(id);
    await page.waitForFunction(() => document.getElementById("status").textContent.startsWith("Copied"));
    return page.evaluate(() => navigator.clipboard.readText());
  };
  const plain = await clipboard("#copy-plain");
  assert.ok(plain.startsWith(`${kNotice}\n`), plain);
  assert.match(plain, /Demo model: knows synthetic phantoms only\./);
  assert.ok(plain.includes(expected.join(" ")), plain);
  assert.match(plain, /Changed by a reader: 1 edited, 1 taken out\./);
  assert.match(plain, /Model: hilum-demo \d/);
  await page.evaluate(() => { document.getElementById("status").textContent = ""; });
  const headed = await clipboard("#copy-headed");
  assert.ok(headed.startsWith(`${kNotice}\n`) && headed.includes("INDICATION: Follow up.") && headed.includes("FINDINGS:\n1. "), headed);

  const json = JSON.parse((await download("json")).bytes);
  assert.deepEqual(json.findings.map(({ text }) => text), expected);
  assert.equal(json.findings[1].token_probability, null, "a probability must not stand by the reader's words");
  assert.equal(json.notice, kNotice);
  assert.ok(json.warnings.includes("Changed by a reader: 1 edited, 1 taken out."));
  assert.deepEqual(json.review.slice(0, 3).map(({ state, edited }) => [state, edited]), [["accepted", null], ["rejected", null], ["open", "Words of the reader."]]);

  // The demo model's report is refused, with the reason; only a choice that is ticked lets it through.
  await page.click("#download-fhir");
  await page.waitForSelector("#choice-dialog[open]");
  assert.match(await page.textContent("#choice-reason"), /demo/i);
  assert.ok(await page.isDisabled("#choice-dialog .primary"));
  await h.shot(page, "09-demo-refused");
  await h.checkAxe(page, "refusal");
  await page.check("#choice-agree");
  const waiting = page.waitForEvent("download");
  await page.click("#choice-dialog .primary");
  const fhir = readFileSync(await (await waiting).path(), "utf8");
  assert.ok(JSON.parse(fhir).resourceType);
  assert.ok(fhir.includes("Words of the reader.") && !fhir.includes(texts[1]) && fhir.includes(kNotice), fhir);

  const narrative = page.waitForEvent("download", (file) => file.suggestedFilename().endsWith(".sr.text.dcm"));
  const sr = await download("sr");                                      // agreed once for this report
  assert.equal(sr.bytes.subarray(128, 132).toString(), "DICM");
  assert.ok(sr.bytes.includes("Words of the reader."));
  assert.equal(sr.name, `${films.frontal.split("/").pop().replace(".dcm", "")}.sr.dcm`);
  const text = readFileSync(await (await narrative).path());            // the second document, beside the boxes
  assert.equal(text.subarray(128, 132).toString(), "DICM");
  assert.ok(!text.equals(sr.bytes) && text.includes("Words of the reader."));
}));

test("PictureWithoutDicomIdentifiersGetsNoSrAndTheReason", () => h.withViewer({}, async (page) => {
  await h.openStudy(page, h.phantom("png"));
  await h.writeReport(page);
  await page.click("#download-sr");
  await page.waitForSelector("#choice-dialog[open], [data-strip=error]");
  if (await page.$("#choice-dialog[open]")) {
    await page.check("#choice-agree");
    await page.click("#choice-dialog .primary");
  }
  await page.waitForSelector("[data-strip=error]");
  assert.match(await page.textContent("[data-strip=error]"), /DICOM/);
  await h.shot(page, "10-no-sr");
  await h.checkAxe(page, "error");
}));

test("QuestionsAreAnsweredAndTheDialogueIsKept", () => h.withViewer({}, async (page) => {
  await h.openStudy(page);
  await page.click("#tab-questions");
  await h.checkAxe(page, "questions, empty");
  await page.click(".suggestions button");
  await page.waitForSelector("#ask:not([hidden])", { timeout: h.reportTimeout });
  assert.ok((await page.textContent(".answer-text")).length > 1);
  await h.shot(page, "11-question");
  await h.checkAxe(page, "questions");
  await page.click("#copy-dialogue");
  const copied = await page.waitForFunction(() => navigator.clipboard.readText()).then((handle) => handle.jsonValue());
  assert.ok(copied.startsWith(`${kNotice}\n`) && copied.includes("Q: What is the main finding?\nA: "), copied);
  if (!h.isMock) return;                                                // the demo model takes single questions
  await page.fill("#question", "And what else?");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelectorAll(".turn").length === 2 && !document.querySelector("#ask").hidden);
  const { seen } = await h.mockSeen();
  const { messages, images } = seen.filter(({ path }) => path === "/v1/chat/completions").at(-1);
  assert.deepEqual(messages.map(({ role }) => role), ["user", "assistant", "user"]);
  assert.equal(messages.at(-1).text, "And what else?");
  assert.deepEqual(images.map((address) => address.slice(0, 29)), ["data:application/dicom;base64"]);
}));

test("EverythingByKeyboardAlone", () => h.withViewer({}, async (page) => {
  const films = h.phantom("dicom"), choosing = page.waitForEvent("filechooser");
  await h.settled(page);                                                // the browser is told to hand the chooser over
  await page.keyboard.press("o");
  await (await choosing).setFiles([films.frontal, films.prior]);
  await h.panesShown(page, 2);
  await page.keyboard.press("s");
  for (let i = 0; i < 40 && (await page.evaluate(() => document.activeElement.id)) !== "indication"; ++i) await page.keyboard.press("Tab");
  await page.keyboard.type("Gggg. [x]");                                // letters in a field are letters
  assert.equal(await page.inputValue("#indication"), "Gggg. [x]");
  for (let i = 0; i < 40 && (await page.evaluate(() => document.activeElement.id)) !== "write"; ++i) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#exports:not([hidden])", { timeout: h.reportTimeout });
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.index), "0");
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.index), "1");
  await page.keyboard.press("Enter");
  assert.equal(await page.getAttribute('.sentence[data-index="1"]', "aria-pressed"), "true");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");                                   // accepts the sentence it stands beside
  assert.match(await page.textContent(".finding.accepted"), /Accepted/);
  await page.keyboard.press("c");
  await page.waitForFunction(() => document.getElementById("status").textContent.startsWith("Copied"));
  await page.keyboard.press("[");
  await page.keyboard.press(".");
  await page.keyboard.press("+");
  await page.keyboard.press("Shift+ArrowLeft");
  await h.settled(page);
  const now = await h.reading(page, "frontal");
  assert.deepEqual([now.width, now.centre], [98, 52]);
  await page.keyboard.press("1");
  await h.panesShown(page, 1);
  await page.keyboard.press("?");
  await page.waitForSelector("#help-dialog[open]");
  await h.shot(page, "12-help");
  await h.checkAxe(page, "help");
  for (let i = 0; i < 10 && (await page.evaluate(() => document.activeElement.id)) !== "letters"; ++i) await page.keyboard.press("Tab");
  await page.keyboard.press("Space");                                   // single letters off (WCAG 2.1.4)
  await page.keyboard.press("Escape");
  await page.keyboard.press("b");
  assert.ok(await page.isVisible(".boxes"), "the letter should do nothing now");
  // No trap: Tab from the top reaches every kind of control and comes back.
  const reached = new Set();
  for (let i = 0; i < 120; ++i) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.className.baseVal || document.activeElement.className));
  }
  for (const wanted of ["new-study", "theme", "window-width-slider", "window-width", "viewport", "download-sr", "write"]) assert.ok(reached.has(wanted), `Tab never reached ${wanted}: ${[...reached]}`);
}));

for (const [width, height] of [[1920, 1080], [1024, 768]]) {
  test(`NothingIsCutOffAt${width}x${height}`, () => h.withViewer({ width, height }, async (page) => {
    const films = h.phantom("dicom");
    await h.shot(page, `13-empty-${width}`);
    await h.drop(page, [films.frontal, films.prior, films.lateral]);
    await h.panesShown(page, 3);
    await h.shot(page, `14-study-${width}`);
    await h.writeReport(page);
    await h.settled(page);
    await h.shot(page, `15-report-${width}`);
    const over = await page.$$eval("body, .workspace, .stage, .side, .toolbar, .panes, .panel:not([hidden]), .exports", (all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className || one.tagName));
    assert.deepEqual(over, []);
    const small = await page.$$eval("button, input, select, textarea", (all) => all.filter((one) => one.checkVisibility() && !one.closest(".off-screen") && one.getBoundingClientRect().width > 1)
      .map((one) => [one.getAttribute("aria-label") ?? one.id, one.getBoundingClientRect()]).filter(([, { width: w, height: t }]) => w < 24 || t < 24).map(([name]) => name));
    assert.deepEqual(small, [], "targets under 24 px (WCAG 2.5.8)");
    await page.keyboard.press("t");
    await h.settled(page);
    await h.shot(page, `16-light-${width}`);
    await h.checkAxe(page, "light");
  }));
}

test("ReflowsIntoOneColumnOnANarrowScreen", () => h.withViewer({ width: 400, height: 800 }, async (page) => {
  await h.openStudy(page);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "scrolls sideways");
  assert.ok((await box(page, frontal)).width > 150, "the film is squeezed");
  await h.writeReport(page);
  assert.ok((await box(page, ".sentence")).width > 300, "the report is squeezed");
  await h.checkAxe(page, "narrow");
  await h.shot(page, "17-narrow");
}));
