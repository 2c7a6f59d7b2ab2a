// The page on paper and on a phone.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as h from "./harness.mjs";

before(h.start);
after(h.stop);

// Where each box's line lies on the frontal film, in 0..1 of the canvas; and the canvas's shape.
const boxesOnFilm = (page) => page.$eval('.viewport[data-role="frontal"]', (viewport) => {
  const film = viewport.querySelector("canvas").getBoundingClientRect();
  const places = [...viewport.querySelectorAll(".box .edge")].map((line) => {
    const rect = line.getBoundingClientRect();
    return [(rect.left - film.left) / film.width, (rect.top - film.top) / film.height, (rect.right - film.left) / film.width, (rect.bottom - film.top) / film.height];
  });
  return { places, shape: film.width / film.height, width: film.width };
});

test("OnPaperFilmAndBoxesKeepTogether", () => h.withViewer({}, async (page) => {
  await h.openStudy(page);
  await h.writeReport(page);
  await page.keyboard.press("s");                                        // another tab is open: the report is printed all the same
  const screen = await boxesOnFilm(page), sentences = await page.$$eval(".finding", (all) => all.length);
  assert.ok(screen.places.length > 0, "the report has no box");
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 700, height: 1000 });              // the width of a page
  await h.settled(page);
  const paper = await boxesOnFilm(page);
  assert.ok(Math.abs(paper.shape / screen.shape - 1) < 0.02, `the film is squeezed: ${screen.shape} on the screen, ${paper.shape} on paper`);
  assert.ok(paper.width < screen.width);
  for (const [i, place] of paper.places.entries()) place.forEach((value, k) => assert.ok(Math.abs(value - screen.places[i][k]) < 0.01, `box ${i}: ${place} on paper, ${screen.places[i]} on the screen`));
  const seen = await page.$$eval(".finding", (all) => all.filter((one) => one.getBoundingClientRect().height > 0).length);
  assert.equal(seen, sentences, "not every finding is printed");
  assert.ok(await page.isVisible("#research"), "the notice is not printed");
  for (const gone of ["#toolbar", ".tabs", "#foot-write", ".verdict", ".top-actions"]) assert.equal(await page.isVisible(gone), false, gone);
  await page.screenshot({ path: join(process.env.HILUM_VIEWER_SHOTS, "30-paper.png"), fullPage: true });
  await page.emulateMedia({ media: null });
  await page.setViewportSize({ width: 1440, height: 900 });
  await h.settled(page);
  const pdf = await page.pdf({ format: "A4", printBackground: false });
  writeFileSync(join(process.env.HILUM_VIEWER_SHOTS, "30-paper.pdf"), pdf);
  assert.ok((pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? []).length <= 3, "more pages than the report needs");
}));

test("OnAPhoneNothingScrollsSideways", () => h.withViewer({ width: 390, height: 844 }, async (page) => {
  const films = h.phantom("dicom");
  await h.drop(page, [films.frontal, films.prior, films.lateral]);
  await h.panesShown(page, 3);
  await h.writeReport(page);
  for (const width of [320, 390, 430]) {
    await page.setViewportSize({ width, height: 844 });
    await h.settled(page);
    const wide = await page.evaluate(() => [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".boxes, .off-screen")).map((one) => `${one.className.baseVal ?? one.className} ${one.id || one.textContent.slice(0, 30)} ${Math.round(one.getBoundingClientRect().right)}`));
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `scrolls sideways at ${width}: ${wide.slice(0, 8)}`);
  }
  for (const role of ["frontal", "prior", "lateral"]) assert.ok((await (await page.$(`.viewport[data-role="${role}"]`)).boundingBox()).width > 300, `${role} is squeezed`);
  await page.screenshot({ path: join(process.env.HILUM_VIEWER_SHOTS, "31-phone.png"), fullPage: true });
  await h.checkAxe(page, "phone");
}));

test("OnAPhoneOneFingerScrollsThePage", () => h.withViewer({ width: 390, height: 844, touch: true }, async (page, context) => {
  await h.openStudy(page);
  const wire = await context.newCDPSession(page);
  const { x, y, width, height } = await (await page.$('.viewport[data-role="frontal"]')).boundingBox();
  const before = await h.reading(page, "frontal"), from = { x: x + width / 2, y: Math.min(y + height / 2, 700) };
  await wire.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [from] });
  for (let gone = 20; gone <= 320; gone += 20) {
    await wire.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: [{ x: from.x, y: from.y - gone }] });
    await h.settled(page);
  }
  await wire.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await h.settled(page);
  assert.ok(await page.evaluate(() => scrollY) > 100, "the page did not scroll");
  const now = await h.reading(page, "frontal");
  assert.deepEqual([now.width, now.centre, now.zoom], [before.width, before.centre, before.zoom], "the finger changed the film");
  await page.evaluate(() => scrollTo(0, 0));
  const finger = (id, dx, dy) => ({ id, x: x + width / 2 + dx, y: y + height / 2 + dy });
  await wire.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [finger(0, -20, 0)] });
  await wire.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [finger(0, -20, 0), finger(1, 20, 0)] });
  for (const apart of [40, 60, 80]) await wire.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: [finger(0, -apart, 0), finger(1, apart, 0)] });
  await wire.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  assert.ok((await h.reading(page, "frontal")).zoom > before.zoom * 1.5, "two fingers did not zoom");
}));

test("TheQuestionSaysWhichPicturesAreSeen", () => h.withViewer({}, async (page) => {
  const films = h.phantom("dicom");
  await h.drop(page, [films.frontal]);
  await h.panesShown(page, 1);
  await page.keyboard.press("q");
  assert.equal(await page.textContent("#question-sees"), "the answer sees this picture alone");
  await h.drop(page, [films.frontal, films.prior, films.lateral]);
  await h.panesShown(page, 3);
  assert.equal(await page.textContent("#question-sees"), "the answer sees this picture alone, not the prior or the lateral");
}));
