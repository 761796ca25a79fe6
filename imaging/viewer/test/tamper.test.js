// Fifty discs that chance has damaged, in a browser: each says so, and shows nothing that is not what was sealed.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BROWSERS, launch, openDisc } from "./support/browser.js";
import { WORDS, writeDisc } from "./support/disc.js";
import { shown } from "./support/dicom.js";
import { skipped } from "./support/peers.js";
import { sampleFiles, SLICES, valueAt } from "./support/samples.js";

const DISCS = 50;
const SUFFIX = Buffer.from("*/});");
/** What a page says of a disc that is not whole. */
const NAMED = /is damaged|is missing|belongs to another disc|made in a newer way/;
const [chromium] = BROWSERS;

/** A number below `limit`, always the same ones. */
function below(state, limit) {
  state.seed = (Math.imul(state.seed, 1103515245) + 12345) >>> 0;
  return Math.floor((state.seed / 2 ** 32) * limit);
}

/** Flips a bit, cuts the end off, takes a byte out or puts one in, where somebody looks. */
function damage(folder, chance) {
  const parts = readdirSync(join(folder, "DATA")).sort();
  const file = join(folder, "DATA", parts[below(chance, parts.length)]);
  const bytes = readFileSync(file);
  const place = below(chance, bytes.lastIndexOf(SUFFIX) + SUFFIX.length);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  const changes = [
    () => Buffer.concat([before, Buffer.from([after[0] ^ (1 << below(chance, 8))]), after.subarray(1)]),
    () => before,
    () => Buffer.concat([before, after.subarray(1)]),
    () => Buffer.concat([before, Buffer.from("*"), after]),
  ];
  writeFileSync(file, changes[below(chance, changes.length)]());
  return file;
}

/** Turns all pages of the first series; each is the slice that was sealed, or none. */
async function checkSlices(reader, file) {
  await reader.page.evaluate(() => (location.hash = "#series-0"));
  for (let number = 0; number < SLICES; number++) {
    const settled = (words) => {
      const canvas = document.querySelector(".stage canvas");
      const note = document.querySelector(".stage .note")?.innerText;
      if (canvas?.getAttribute("aria-label") !== words || (canvas.hidden && (!note || note === "Loading"))) return undefined;
      if (canvas.hidden || canvas.width !== 64) return canvas.hidden ? [] : undefined;
      return Array.from(canvas.getContext("2d").getImageData(0, 0, 64, 64).data.filter((_, at) => at % 4 === 0));
    };
    const wanted = Array.from({ length: 64 * 64 }, (_, at) => shown(valueAt(number, at % 64, Math.floor(at / 64))));
    const isRight = (pixels) => pixels.length === 0 || pixels.every((value, at) => value === wanted[at]);
    // What stood there before may still stand there for a moment.
    for (let tries = 0; ; tries++) {
      const pixels = await (await reader.page.waitForFunction(settled, { timeout: 20_000 }, `Image ${number + 1} of ${SLICES}`)).jsonValue();
      if (isRight(pixels)) break;
      assert.ok(tries < 20, `${file}: slice ${number} is shown as something else`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await reader.page.keyboard.press("ArrowDown");
  }
}

test(`${DISCS} damaged discs are named as damaged, and show nothing else than was sealed`, { skip: chromium.path ? false : skipped("Chromium is not installed") }, async () => {
  const scratch = mkdtempSync(join(tmpdir(), "discs-"));
  const session = await launch(chromium);
  const chance = { seed: 2026 };
  try {
    writeDisc(join(scratch, "whole"), await sampleFiles());
    for (let disc = 0; disc < DISCS; disc++) {
      const folder = join(scratch, String(disc));
      cpSync(join(scratch, "whole"), folder, { recursive: true });
      const file = damage(folder, chance);
      const reader = await openDisc(session.browser, folder);
      await reader.page.waitForFunction(() => document.querySelector("#code") && (document.querySelector("form").hidden || !document.querySelector("form button").disabled));
      if (await reader.page.$eval("form", ({ hidden }) => !hidden)) await reader.unlock(WORDS);
      await reader.page.waitForFunction((named) => new RegExp(named).test(document.body.innerText), { timeout: 20_000 }, NAMED.source).catch(async () => assert.fail(`${file} is not named:\n${await reader.text()}`));
      if ((await reader.text()).includes("Ana María Rivera")) await checkSlices(reader, file);
      await reader.page.close();
      rmSync(folder, { recursive: true });
    }
  } finally {
    await session.close();
    rmSync(scratch, { recursive: true });
  }
});
