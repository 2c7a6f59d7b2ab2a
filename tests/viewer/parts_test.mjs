// The viewer's parts that need no browser, each against values worked out by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { forPeople } from "../../src/serve/viewer/api.js";
import { halve, Picture } from "../../src/serve/viewer/picture.js";
import { place } from "../../src/serve/viewer/placement.js";
import { Review } from "../../src/serve/viewer/review.js";
import { Selection } from "../../src/serve/viewer/selection.js";
import { readEvents } from "../../src/serve/viewer/sse.js";
import { buildTable, clampWindow, fullWindow, percentileWindow } from "../../src/serve/viewer/window_level.js";

const grey = (pixel) => pixel & 255;

test("FullWindowIsALineFromBlackToWhite", () => {
  const table = buildTable(fullWindow());
  assert.deepEqual([0, 128, 129, 257, 32767, 65535].map((sample) => grey(table[sample])), [0, 0, 1, 1, 127, 255]);
  assert.equal(table[65535], 0xffffffff);
});

test("WindowCutsBelowAndAboveAndInvertTurnsItOver", () => {
  const window = { centre: 30000, width: 20000, invert: false };
  const table = buildTable(window), inverted = buildTable({ ...window, invert: true });
  assert.deepEqual([0, 20000, 25000, 30000, 40000, 65535].map((sample) => grey(table[sample])), [0, 0, 64, 128, 255, 255]);
  assert.deepEqual([0, 20000, 25000, 40000].map((sample) => grey(inverted[sample])), [255, 255, 191, 0]);
});

test("WindowStaysWithinTheGreyRange", () => {
  assert.deepEqual(clampWindow({ centre: -5, width: 0, invert: true }), { centre: 0, width: 655.35, invert: true });
  assert.deepEqual(clampWindow({ centre: 1e9, width: 1e9, invert: false }), { centre: 65535, width: 65535, invert: false });
});

test("PercentileWindowLeavesOutTheFewExtremes", () => {
  const samples = new Uint16Array(1000).fill(20000);
  samples.fill(40000, 500);
  samples[0] = 0;
  samples[999] = 65535;
  const { centre, width } = percentileWindow(samples);
  assert.ok(Math.abs(centre - width / 2 - 20000) < 64 && Math.abs(centre + width / 2 - 40000) < 64, `${centre} ${width}`);
});

test("HalvingTakesMeansOfFour", () => {
  const half = halve({ samples: Uint16Array.from([1, 3, 65535, 65535, 7, 9, 2, 65535, 65535, 1, 2, 3, 4, 5, 6]), width: 5, height: 3 });
  assert.deepEqual([half.width, half.height, [...half.samples]], [2, 1, [4, 65535]]);
  const film = new Picture(new Uint16Array(2048 * 2048), { width: 2048, height: 2048 });
  assert.deepEqual([1.5, 1, 0.51, 0.5, 0.25, 0.01].map((scale) => film.levelFor(scale)), [0, 0, 0, 1, 2, 3]);
});

const item = (name, view = "", study_date = "") => ({ name, info: { view, study_date } });
const names = ({ slots }) => Object.fromEntries(Object.entries(slots).map(([role, { name }]) => [role, name]));
const none = { frontal: null, prior: null, lateral: null };

test("SeveralFilmsArePlacedByHeaderThenNameThenOrder", () => {
  assert.deepEqual(names(place([item("a", "LL", "2020"), item("b", "PA", "2019"), item("c", "AP", "2020")], none)), { lateral: "a", frontal: "c", prior: "b" });
  assert.deepEqual(names(place([item("p1_pf.png"), item("p1_l.png"), item("p1_f.png")], none)), { lateral: "p1_l.png", frontal: "p1_f.png", prior: "p1_pf.png" });
  assert.deepEqual(names(place([item("one.png"), item("two.png")], none)), { frontal: "one.png", prior: "two.png" });
  assert.deepEqual(names(place([item("old.png"), item("new.png")], none)), { frontal: "new.png", prior: "old.png" });
  assert.deepEqual(names(place([item("all.png"), item("small.png")], none)), { frontal: "all.png", prior: "small.png" }, "an l inside a word is no lateral");
  assert.deepEqual(place([item("1"), item("2"), item("3")], none).left.map(({ name }) => name), ["3"]);
  assert.equal(place([item("1"), item("2")], none).fresh, true);
});

test("OneFilmGoesWhereItIsDroppedOrWhereItsDateSays", () => {
  const open = { ...none, frontal: item("f", "PA", "20200301") };
  assert.deepEqual(names(place([item("x", "LL")], none, "prior")), { prior: "x" });
  assert.deepEqual(names(place([item("x", "LL")], open)), { lateral: "x" });
  assert.deepEqual(names(place([item("x", "PA", "20190101")], open)), { prior: "x" });
  assert.deepEqual(names(place([item("x", "PA", "20210101")], open)), { frontal: "x", prior: "f" });
  assert.deepEqual(names(place([item("x")], open)), { prior: "x" });
  assert.deepEqual(names(place([item("x")], { ...open, prior: item("p") })), { frontal: "x" });
});

async function events(...chunks) {
  const bytes = chunks.map((chunk) => (typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk));
  const body = new ReadableStream({ start(controller) { bytes.forEach((chunk) => controller.enqueue(chunk)); controller.close(); } });
  const seen = [];
  await readEvents(body, (name, data) => seen.push([name, data]));
  return seen;
}

test("EventsAreReadHoweverTheyAreCut", async () => {
  const text = ": ping\n\nevent: piece\ndata: {\"text\":\"ä\"}\n\ndata: a\r\ndata: b\r\n\r\n: ping\ndata:c\n\n";
  const wanted = [["piece", "{\"text\":\"ä\"}"], ["message", "a\nb"], ["message", "c"]];
  assert.deepEqual(await events(text), wanted);
  const bytes = new TextEncoder().encode(text);
  assert.deepEqual(await events(...[...bytes].map((byte) => Uint8Array.of(byte))), wanted, "byte by byte");
  assert.deepEqual(await events("event: report\ndata: {}\n"), [], "an event without its end is none");
});

const report = () => ({
  schema: "hilum.report/1", notice: "Research use only. Not a medical device.", demo: true, model: { name: "m", version: "1" }, task: "grounded",
  findings: [{ text: "A.", boxes: [[0, 0, 1, 1]], token_probability: 0.9 }, { text: "B.", boxes: null, token_probability: 0.8 }], report: null, finish: "stop", warnings: [],
});
const made = new Date(2026, 0, 2, 3, 4);

test("UntouchedReportLeavesAsItCame", () => {
  const given = report();
  assert.equal(new Review(given, made).toReport(), given);
  assert.equal(new Review(given, made).toPlainText(),
    "Research use only. Not a medical device.\nDemo model: knows synthetic phantoms only.\n\nA. B.\n\nModel: m 1, grounded, 2026-01-02 03:04");
});

test("ReviewedReportSaysWhatWasChanged", () => {
  const review = new Review(report(), made);
  review.reject(0);
  review.edit(1, "  C. ");
  const out = review.toReport();
  assert.deepEqual(out.findings, [{ text: "C.", boxes: null, token_probability: null }]);
  assert.deepEqual(out.warnings, ["Changed by a reader: 1 edited, 1 taken out."]);
  assert.deepEqual(out.review, [{ text: "A.", state: "rejected", edited: null }, { text: "B.", state: "open", edited: "C." }]);
  review.edit(1, "   ");
  assert.equal(review.sentences[1].text, "C.", "an empty edit is none");
  review.reject(0);
  assert.equal(review.kept.length, 2, "taken out twice is put back");
});

test("PlainReportIsOneTextThatCanBeChanged", () => {
  const review = new Review({ ...report(), findings: [], report: "All is well." }, made);
  review.edit(0, "Nearly all.");
  assert.equal(review.toReport().report, "Nearly all.");
  assert.match(review.toHeadedText({ indication: "Cough.", technique: " " }), /\n\nINDICATION: Cough\.\n\nFINDINGS:\nNearly all\.\n\n/);
});

test("WhatIsSaidToPeopleNamesNoOptionOrField", () => {
  assert.equal(forPeople("prior: another PatientID than the frontal's. Name images of one patient, or pass --allow-mismatch to go on."), "prior: another PatientID than the frontal's. Name images of one patient.");
  assert.equal(forPeople("allow_demo: the demo model knows phantoms only. Set \"allow_demo\": true in the context."), "the demo model knows phantoms only.");
  assert.equal(forPeople("It is not written as a document unless \"allow_demo\" is true."), "It is not written as a document.");
  assert.equal(forPeople("prior: another PatientID; send \"allow_mismatch\": true to go on"), "prior: another PatientID.");
  assert.equal(forPeople("the queue is full"), "the queue is full");
});

test("HoverComesBeforeFocusBeforePin", () => {
  const selection = new Selection();
  selection.togglePin(3);
  selection.focus(2);
  selection.hover(1);
  assert.equal(selection.shown, 1);
  selection.hover(null);
  assert.equal(selection.shown, 2);
  selection.focus(null);
  assert.equal(selection.shown, 3);
  selection.togglePin(3);
  assert.equal(selection.shown, null);
});
