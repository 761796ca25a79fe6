// The tools of the picture screen in real browsers: enlarging, turning, measuring, several series side by side, touch.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BROWSERS, launch, openDisc } from "./support/browser.js";
import { CT, described, EXPLICIT, file, sequence } from "./support/dicom.js";
import { WORDS, writeDisc } from "./support/disc.js";
import { skipped } from "./support/peers.js";
import { sampleFiles, SLICES } from "./support/samples.js";

const scratch = mkdtempSync(join(tmpdir(), "discs-"));
const whole = join(scratch, "whole");
writeDisc(whole, await sampleFiles());
const reversed = join(scratch, "reversed");
const [alone, mixed] = ["Reversed", "Mixed"].map((description, at) => ({ uid: `1.2.3.9.${at}`, modality: "MR", number: String(at), description }));
const heart = { patient: { id: "1", name: "Rivera^Ana", birth_date: "", sex: "" }, study: { uid: "1.2.3.9", date: "", time: "", description: "Heart", accession: "" } };
writeDisc(reversed, [multiFrame(alone, 4), multiFrame(mixed, 1), multiFrame(mixed, 4)]);
after(() => rmSync(scratch, { recursive: true }));

/** Frames that lie in the file from the last in the body to the first. */
function multiFrame(series, frames) {
  const uid = `${series.uid}.${frames}`;
  const lying = Array.from({ length: frames }, (_, frame) => [[0x00209113, "SQ", sequence([[0x00200032, "DS", `0\\0\\${-frame}`]])]]);
  const groups = [[0x52009229, "SQ", sequence([[0x00209116, "SQ", sequence([[0x00200037, "DS", "1\\0\\0\\0\\1\\0"]])]])], [0x52009230, "SQ", sequence(...lying)]];
  const bytes = file([...described({ rows: 8, columns: 8, frames }), ...groups, [0x7fe00010, "OW", Buffer.alloc(8 * 8 * 2 * frames)]], { uid });
  return { path: `IMAGES/S${series.number}/I${frames}`, bytes, about: { ...heart, series, instance: { uid, class: CT, syntax: EXPLICIT, number: "1", frames } } };
}

/** The first slice on its stage, the tools unfolded. */
async function atFirstSlice(browser, window) {
  const reader = await openDisc(browser, whole, window);
  await reader.unlock(WORDS);
  await reader.press("Axial 5 mm");
  await reader.picture(0);
  await reader.press("More tools");
  await reader.page.$eval(".stage", (stage) => stage.scrollIntoView());
  return reader;
}

/** Where the canvas lies, as its matrix says. */
function matrix(reader, stage = 0) {
  return reader.page.$$eval(".stage canvas", (all, stage) => all[stage].style.transform.slice(7, -1).split(",").map(Number), stage);
}

async function middleOf(reader, stage = 0) {
  const { x, y, width, height } = await (await reader.page.$$(".stage"))[stage].boundingBox();
  return { x: x + width / 2, y: y + height / 2, width, height };
}

async function drag(reader, from, to) {
  await reader.page.mouse.move(from.x, from.y);
  await reader.page.mouse.down();
  await reader.page.mouse.move(to.x, to.y, { steps: 4 });
  await reader.page.mouse.up();
}

const near = (found, wanted) => Math.abs(found - wanted) < 0.01;

for (const kind of BROWSERS) {
  describe(`in ${kind.name}`, { skip: kind.path ? false : skipped(`${kind.name} is not installed`) }, () => {
    let session;
    before(async () => (session = await launch(kind)));
    after(() => session?.close());

    test("frames come as they lie in the body, and an address leads to the frame of its number in the file", async () => {
      const reader = await openDisc(session.browser, reversed);
      await reader.unlock(WORDS);
      await reader.press("Reversed");
      await reader.sees("Image 1 of 4");
      await reader.page.evaluate(() => (location.hash = "#series-0-1"));
      await reader.sees("Image 4 of 4");
      await reader.page.evaluate(() => (location.hash = "#series-0-2"));
      await reader.sees("Image 3 of 4");
      await reader.page.evaluate(() => (location.hash = "#series-1-1"));
      await reader.sees("Image 1 of 5");
      await reader.picture(0);
      await reader.page.keyboard.press("ArrowDown");
      await reader.picture(1);
      await reader.sees("Image 2 of 5");
      assert.deepEqual(reader.errors, []);
    });

    test("a picture is enlarged, moved, turned, mirrored and put back", async () => {
      const reader = await atFirstSlice(session.browser);
      const [scale, , , , left] = await matrix(reader);
      await reader.page.click('button[aria-label="Larger"]');
      await reader.page.click('button[aria-label="Larger"]');
      assert.ok(near((await matrix(reader))[0], scale * 2.25));
      await reader.press("moves the image");
      const middle = await middleOf(reader);
      const before = (await matrix(reader))[4];
      await drag(reader, middle, { x: middle.x + 30, y: middle.y });
      assert.ok(near((await matrix(reader))[4], before + 30));
      await reader.press("Turn");
      const [a, b] = await matrix(reader);
      assert.ok(near(a, 0) && b > 0, "a quarter turn clockwise");
      await reader.press("Swap left and right");
      assert.ok((await matrix(reader))[2] > 0, "and mirrored");
      await reader.press("Back to how it was");
      assert.deepEqual([(await matrix(reader))[0], (await matrix(reader))[4]], [scale, left]);
      const plain = (await reader.picture(0)).red;
      await reader.press("Swap black and white");
      assert.deepEqual((await reader.picture(0)).red, plain.map((value) => 255 - value));
      assert.deepEqual(reader.errors, []);
      await reader.page.close();
    });

    test("a range of values is chosen by what it is for", async () => {
      const reader = await atFirstSlice(session.browser);
      const plain = (await reader.picture(0)).red;
      const choose = (name) => reader.page.$$eval(".tools select", (all, name) => {
        const select = all.find((one) => Array.from(one.options).some(({ text }) => text === name));
        select.value = Array.from(select.options).find(({ text }) => text === name).value;
        select.dispatchEvent(new Event("change"));
      }, name);
      await choose("Brain");
      const brain = (await reader.picture(0)).red;
      assert.ok(brain.filter((value) => value === 0 || value === 255).length > plain.filter((value) => value === 0 || value === 255).length, "a narrow range is harder");
      await choose("As the hospital set it");
      assert.deepEqual((await reader.picture(0)).red, plain);
      await reader.page.close();
    });

    test("a length and an angle are measured by dragging, in millimetres and degrees, and go with their picture", async () => {
      const reader = await atFirstSlice(session.browser);
      const [scale] = await matrix(reader);
      const { x, y } = await middleOf(reader);
      await reader.press("measures a length");
      // Twenty pixels of half a millimetre.
      await drag(reader, { x, y }, { x: x + 20 * scale, y });
      await reader.sees("10 mm");
      await reader.press("measures an angle");
      await drag(reader, { x: x + 10 * scale, y }, { x, y });
      await reader.page.mouse.click(x, y - 10 * scale);
      await reader.sees("90°");
      await reader.page.keyboard.press("PageDown");
      assert.equal(await reader.page.$$eval(".drawing polyline", ({ length }) => length), 0, "they lie on the first picture");
      await reader.page.keyboard.press("Home");
      await reader.sees("90°");
      await reader.press("Remove measurements");
      assert.equal(await reader.page.$$eval(".drawing polyline", ({ length }) => length), 0);
      await reader.page.close();
    });

    test("the keyboard measures too", async () => {
      const reader = await atFirstSlice(session.browser);
      await reader.press("measures a length");
      await reader.page.focus(".stage");
      await reader.page.keyboard.press("Enter");
      await reader.page.keyboard.down("Shift");
      for (let times = 0; times < 2; times++) await reader.page.keyboard.press("ArrowRight");
      await reader.page.keyboard.up("Shift");
      await reader.page.keyboard.press("Enter");
      await reader.sees("10 mm");
      await reader.page.close();
    });

    test("four series stand side by side and turn their pages together", async () => {
      const reader = await atFirstSlice(session.browser);
      await reader.page.select(".tools details label.select:nth-of-type(2) select", "4");
      await reader.page.waitForFunction(() => document.querySelectorAll(".stage").length === 4);
      await reader.page.waitForFunction(() => document.querySelectorAll(".stage canvas")[1].style.transform);
      const words = () => reader.page.$$eval(".stage canvas", (all) => all.map((canvas) => canvas.getAttribute("aria-label")));
      await reader.page.focus(".stage");
      await reader.page.keyboard.press("ArrowDown");
      assert.deepEqual((await words()).slice(0, 2), [`Image 2 of ${SLICES}`, "Image 2 of 4"]);
      await reader.press("All turn pages together");
      await reader.page.focus(".stage");
      await reader.page.keyboard.press("ArrowDown");
      assert.deepEqual((await words()).slice(0, 2), [`Image 3 of ${SLICES}`, "Image 2 of 4"]);
      await reader.page.$$eval(".pane select", ([, second]) => {
        second.value = second.options[0].value;
        second.dispatchEvent(new Event("change"));
      });
      await reader.page.waitForFunction((wanted) => document.querySelectorAll(".stage canvas")[1].getAttribute("aria-label") === wanted, {}, `Image 1 of ${SLICES}`);
      assert.deepEqual(reader.errors, []);
      await reader.page.close();
    });

    test("writing tells whose picture it is and which way it faces", async () => {
      const reader = await atFirstSlice(session.browser);
      await reader.press("Writing on the images");
      const written = await reader.page.$eval(".writing", ({ innerText }) => innerText);
      for (const words of ["Ana María Rivera", "MRN-00417", "October 12, 2026", `Image 1 of ${SLICES}`, "W 1024 L 512"]) assert.ok(written.includes(words), written);
      const edges = () => reader.page.$$eval(".writing .edge", (all) => all.map(({ innerText }) => innerText).join(""));
      assert.equal(await edges(), "RLAP");
      await reader.press("Swap left and right");
      assert.equal(await edges(), "LRAP");
      await reader.press("Turn");
      assert.equal(await edges(), "PALR");
      await reader.page.close();
    });

    test("a series plays by itself at its speed", async () => {
      const reader = await atFirstSlice(session.browser);
      await reader.page.select(".tools details label.select select", "30");
      await reader.press("Play");
      await reader.page.waitForFunction(() => Number(document.querySelector("#position").value) > 4, { timeout: 5000 });
      await reader.press("Pause");
      const at = await reader.page.$eval("#position", ({ value }) => value);
      await new Promise((resolve) => setTimeout(resolve, 200));
      assert.equal(await reader.page.$eval("#position", ({ value }) => value), at);
      await reader.page.close();
    });
  });
}

const [chromium] = BROWSERS;

test("two fingers enlarge, or turn pages", { skip: chromium.path ? false : skipped("Chromium is not installed") }, async () => {
  const session = await launch(chromium);
  try {
    const reader = await atFirstSlice(session.browser, { width: 390, height: 844 });
    const [scale] = await matrix(reader);
    const { x, y } = await middleOf(reader);
    const touch = await reader.page.createCDPSession();
    const fingers = async (...steps) => {
      const points = (step) => step.map(([dx, dy], id) => ({ x: x + dx, y: y + dy, id }));
      await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: points(steps[0]).slice(0, 1) });
      await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: points(steps[0]) });
      for (const step of steps.slice(1)) await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: points(step) });
      await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    };
    await fingers([[-40, 0], [40, 0]], [[-60, 0], [60, 0]], [[-80, 0], [80, 0]]);
    assert.equal((await matrix(reader))[0], scale * 2, "twice as far apart is twice as large");
    await fingers([[-40, 0], [40, 0]], [[-40, 20], [40, 20]], [[-40, 37], [40, 37]]);
    await reader.sees(`Image 4 of ${SLICES}`);
    await reader.page.close();
  } finally {
    await session.close();
  }
});
