// A sealed disc in real browsers, from file:// and without a network: what its reader can do.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BROWSERS, downloaded, launch, openDisc } from "./support/browser.js";
import { partFile, WORDS, writeDisc } from "./support/disc.js";
import { shown } from "./support/dicom.js";
import { skipped } from "./support/peers.js";
import { sampleFiles, SLICES, SQUEEZED, valueAt } from "./support/samples.js";
import { unzipped } from "./support/unzip.js";

const files = await sampleFiles();
const scratch = mkdtempSync(join(tmpdir(), "discs-"));
const whole = join(scratch, "whole");
const { parts, files: placed } = writeDisc(whole, files);
after(() => rmSync(scratch, { recursive: true }));

/** A copy of the disc, with something done to it. */
function disc(name, change) {
  const folder = join(scratch, name);
  if (!existsSync(folder)) {
    cpSync(whole, folder, { recursive: true });
    change(folder);
  }
  return folder;
}

function flip(file, at) {
  const bytes = readFileSync(file);
  bytes[at] ^= 1;
  writeFileSync(file, bytes);
}

/** How many images lie in a part, counted from 0. */
function imagesIn(part) {
  const [begin, end] = [part * 65536, (part + 1) * 65536];
  return placed.reduce((sum, file, number) => sum + (file.offset < end && file.offset + file.bytes > begin ? (files[number].about?.instance.frames ?? 0) : 0), 0);
}

const allImages = SLICES + SQUEEZED + 1 + 8;

for (const kind of BROWSERS) {
  describe(`in ${kind.name}`, { skip: kind.path ? false : skipped(`${kind.name} is not installed`) }, () => {
    let session;
    before(async () => (session = await launch(kind)));
    after(() => session?.close());
    const open = (folder, tab) => openDisc(session.browser, folder, tab);

    test("the code leads to the list and to the first image, whose pixels are right", async () => {
      const reader = await open(whole);
      await reader.unlock(` ${WORDS.toUpperCase().replaceAll("-", "  ")} `);
      await reader.sees("Ana María Rivera");
      await reader.sees("CT chest <b>with contrast</b>");
      await reader.sees(`Images: ${SLICES + SQUEEZED + 1}`);
      await reader.sees("Nothing is damaged");
      await reader.press("Axial 5 mm");
      for (const number of [0, 1]) {
        const { width, height, red } = await reader.picture(number);
        assert.deepEqual([width, height], [64, 64]);
        const wanted = red.map((_, at) => shown(valueAt(number, at % 64, Math.floor(at / 64))));
        assert.deepEqual(red, wanted);
        await reader.page.keyboard.press("ArrowDown");
      }
      assert.deepEqual(reader.errors, []);
      await reader.page.close();
    });

    test("a disc of a set says which it is, what is here, and what is on the others", async () => {
      const folder = join(scratch, "set");
      const others = [{ number: 1, studies: [{ uid: "1.2", date: "20250708", description: "MR <i>knee</i>", modalities: ["MR"], instances: 240 }] }, { number: 3, studies: [{ uid: "1.3", date: "", description: "", modalities: ["CT", "SR"], instances: 1 }] }];
      if (!existsSync(folder)) writeDisc(folder, files, { set: { number: 2, of: 3, others } });
      const reader = await open(folder);
      await reader.unlock(WORDS);
      const here = files.filter(({ about }) => about).length;
      await reader.sees(`Disc 2 of 3 · Files here: ${here} of ${here}`);
      await reader.press("What is on the other discs");
      // What isolates a name in a text of another direction is read by one browser and not by the other.
      for (const words of ["Disc 1: ", "MR <i>knee</i>", " · July 8, 2025 · Files: 240"]) await reader.sees(words);
      await reader.sees("Disc 3: CT scan, Report · Files: 1");
      assert.deepEqual(reader.errors, []);
      await reader.page.close();
    });

    test("who has no code is told whom to ask, and what to say", async () => {
      const folder = join(scratch, "contact");
      if (!existsSync(folder)) writeDisc(folder, files, { contact: "Film Library\n<b>602-555-0100</b>, Monday to Friday, 8 to 5" });
      const reader = await open(folder);
      await reader.press("I don't have the opening code");
      await reader.sees("<b>602-555-0100</b>, Monday to Friday, 8 to 5");
      const id = /part\("([0-9a-f]{8})/.exec(readFileSync(partFile(folder, "H", 0), "latin1"))[1].toUpperCase();
      await reader.sees(`${id.slice(0, 4)}-${id.slice(4)}`);
      await reader.page.close();
      const silent = await open(whole);
      await silent.press("I don't have the opening code");
      await silent.sees("Tell them which disc it is:");
      assert.deepEqual(silent.errors, []);
      await silent.page.close();
    });

    test("another hospital is told what is here and how to read it", async () => {
      const reader = await open(whole);
      await reader.unlock(WORDS);
      await reader.press("For another hospital");
      const rows = await reader.page.waitForSelector(".sheet tbody").then((body) => body.$$eval("tr", (all) => all.map((row) => Array.from(row.cells, ({ innerText }) => innerText).join("|"))));
      assert.deepEqual(rows, [`October 12, 2026|CT chest <b>with contrast</b>|CT, MR, SR|A1|4|${SLICES + SQUEEZED + 2}`, "February 3, 2025||US||1|1"]);
      await reader.page.close();
    });

    test("compressed images are drawn as they were before", async () => {
      const reader = await open(whole);
      await reader.unlock(WORDS);
      await reader.sees("Compressed");
      await reader.press("Compressed");
      for (let number = 0; number < SQUEEZED; number++) {
        const { hidden, red } = await reader.picture(number);
        assert.equal(hidden, false);
        assert.deepEqual(red, red.map((_, at) => shown(valueAt(number, at % 64, Math.floor(at / 64)))));
        await reader.page.keyboard.press("ArrowDown");
      }
      assert.deepEqual(reader.errors, []);
      await reader.page.close();
    });

    test("a decoder that dies costs its picture, which says so, and no other", async () => {
      const reader = await open(whole, { before: workersDie });
      await reader.unlock(WORDS);
      await reader.sees("Compressed");
      await reader.press("Compressed");
      assert.equal(await reader.seesInPlaceOfPicture("This image is not complete"), true);
      await reader.page.evaluate(() => (window.healed = true));
      await reader.page.keyboard.press("ArrowDown");
      const { hidden, red } = await reader.picture(1);
      assert.deepEqual([hidden, red[5]], [false, shown(valueAt(1, 5, 0))]);
      await reader.page.keyboard.press("ArrowUp");
      assert.equal((await reader.picture(0)).red[5], shown(valueAt(0, 5, 0)), "and it can be drawn after all");
      assert.deepEqual(reader.errors, []);
      await reader.page.close();
    });

    test("pages are turned by wheel, keys, dragging and slider, and brightness changes the picture", async () => {
      const reader = await open(whole);
      await reader.unlock(WORDS);
      await reader.sees("Axial 5 mm");
      await reader.press("Axial 5 mm");
      await reader.picture(0);
      const stage = await (await reader.page.$(".stage")).boundingBox();
      const [x, y] = [stage.x + stage.width / 2, stage.y + stage.height / 2];
      await reader.page.mouse.move(x, y);
      await reader.page.mouse.wheel({ deltaY: 100 });
      await reader.sees(`Image 2 of ${SLICES}`);
      await reader.page.keyboard.press("End");
      await reader.sees(`Image ${SLICES} of ${SLICES}`);
      await reader.page.mouse.down();
      await reader.page.mouse.move(x, y - 50);
      await reader.page.mouse.up();
      await reader.sees(`Image ${SLICES - 4} of ${SLICES}`);
      await reader.page.focus("#position");
      await reader.page.keyboard.press("ArrowRight");
      await reader.sees(`Image ${SLICES - 3} of ${SLICES}`);
      const plain = await reader.picture(SLICES - 4);
      await reader.press("More tools");
      await reader.press("changes brightness");
      await reader.page.mouse.move(x, y);
      await reader.page.mouse.down();
      await reader.page.mouse.move(x, y - 60);
      await reader.page.mouse.up();
      const bright = await reader.picture(SLICES - 4);
      assert.ok(bright.red.every((value, at) => value >= plain.red[at]) && bright.red.some((value, at) => value > plain.red[at] + 20), "brighter");
      await reader.press("Back to how it was");
      assert.deepEqual((await reader.picture(SLICES - 4)).red, plain.red);
      await reader.page.close();
    });

    test("what cannot be drawn says so in its place, and no picture stays there", async () => {
      const reader = await open(whole);
      await reader.unlock(WORDS);
      await reader.sees("Unknown");
      await reader.press("Unknown");
      assert.equal(await reader.seesInPlaceOfPicture("This page cannot draw this image: it is compressed"), true);
      await reader.press("Back to the list");
      await reader.press("Radiologist's report");
      await reader.sees("This is not an image, but a report");
      await reader.page.close();
    });

    test("a wrong code, an unfinished one and a slip are told apart", async () => {
      const reader = await open(whole);
      await reader.unlock(WORDS.replace("garland", "garlands"));
      await reader.sees("This code does not open this disc");
      await reader.unlock("garland outfit");
      await reader.sees("The code is not complete");
      await reader.unlock("00000 00000 00000 00000 00000 00000");
      await reader.sees("There is a slip in group 1");
      await reader.page.close();
    });

    const faults = [
      ["damaged", "damaged", (folder) => flip(partFile(folder, "B", 2), 5000)],
      ["damaged in its beginning", "damaged", (folder) => flip(partFile(folder, "B", 2), 0)],
      ["missing", "missing", (folder) => rmSync(partFile(folder, "B", 2))],
      ["of another disc", "belongs to another disc", (folder) => {
        const other = join(scratch, "other");
        writeDisc(other, files);
        copyFileSync(partFile(other, "B", 2), partFile(folder, "B", 2));
      }],
      ["in another's place", "damaged", (folder) => copyFileSync(partFile(folder, "B", 1), partFile(folder, "B", 2))],
    ];
    for (const [name, words, change] of faults) {
      test(`a part that is ${name} is named, and what it costs; all else is shown`, async () => {
        const reader = await open(disc(name, change));
        await reader.unlock(WORDS);
        await reader.sees(`Part 3 of ${parts} ${words.startsWith("belongs") ? words : `is ${words}`}.`);
        await reader.sees(`${imagesIn(2)} of ${allImages} images cannot be shown or saved.`);
        await reader.press("Axial 5 mm");
        assert.equal((await reader.picture(0)).hidden, false);
        await reader.press("Back to the list");
        await reader.press("Series 1");
        assert.equal(await reader.seesInPlaceOfPicture(`Part 3 of ${parts} `), true);
        await reader.page.close();
      });
    }

    test("a disc that was cut short is found out before the list", async () => {
      const reader = await open(disc("cut", (folder) => rmSync(partFile(folder, "B", parts - 1))));
      await reader.unlock(WORDS);
      await reader.sees(`Part ${parts} of ${parts} is missing.`);
      await reader.page.close();
    });

    test("a damaged head and a damaged index are named before and after the code", async () => {
      const head = await open(disc("head", (folder) => flip(partFile(folder, "H", 0), 100)));
      await head.sees("The beginning of this disc is damaged.");
      await head.page.close();
      const index = await open(disc("index", (folder) => flip(partFile(folder, "I", 0), 5000)));
      await index.unlock(WORDS);
      await index.sees("The list of contents of this disc is damaged.");
      await index.page.close();
    });

    test("where scripts cannot be loaded, the folder is asked for and opens as well", async () => {
      const folder = disc("apart", (folder) => rmSync(join(folder, "DATA"), { recursive: true }));
      const reader = await open(folder);
      await reader.sees("The browser could not read the files of this disc");
      const picker = await reader.page.$("input[type=file]");
      const names = readdirSync(join(whole, "DATA")).map((name) => join(whole, "DATA", name));
      await picker.evaluate((input) => input.removeAttribute("webkitdirectory"));
      await picker.evaluate((input) => (input.multiple = true));
      await picker.uploadFile(...names);
      await reader.page.waitForFunction(() => !document.querySelector("form")?.hidden);
      await reader.unlock(WORDS);
      await reader.sees("Nothing is damaged");
      await reader.press("Axial 5 mm");
      assert.equal((await reader.picture(0)).red[5], shown(valueAt(0, 5, 0)));
      await reader.page.close();
    });

    test("the saved ZIP holds every file as it came in", async () => {
      const reader = await open(whole);
      await reader.unlock(WORDS);
      await reader.sees("Save all files");
      await reader.press("Save all files");
      await reader.press("Save ZIP 1 of 1");
      await reader.sees(`Done: ${files.length} files saved and checked.`);
      const archive = await downloaded(session.downloads, "images-1-of-1.zip");
      assert.deepEqual(unzipped(archive), sums(files));
      await reader.page.close();
    });

    test("what a bad part takes is missing in the saved copy, and named", async () => {
      const reader = await open(disc("damaged", (folder) => flip(partFile(folder, "B", 2), 5000)));
      await reader.unlock(WORDS);
      // What is said of it moves what stands below.
      await reader.sees("cannot be shown or saved");
      await reader.press("Save all files");
      await reader.press("Save ZIP 1 of 1");
      await reader.sees("1 files could not be saved");
      await reader.sees("IMAGES/US/I0");
      const archive = await downloaded(session.downloads, "images-1-of-1.zip");
      const { "IMAGES/US/I0": lost, ...rest } = sums(files);
      assert.ok(lost);
      assert.deepEqual(unzipped(archive), rest);
      await reader.page.close();
    });

    test("the shown picture is saved as it is shown", async () => {
      const reader = await open(whole);
      await reader.unlock(WORDS);
      await reader.sees("Axial 5 mm");
      await reader.press("Axial 5 mm");
      await reader.picture(0);
      await reader.press("Save this picture");
      const png = await downloaded(session.downloads, "image-1.png");
      assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [64, 64]);
      await reader.page.close();
    });

    test("the chosen folder gets every file as it came in, in a new folder", { skip: kind.kind === "chrome" ? false : "only Chromium lets a page write into a folder" }, async () => {
      const reader = await open(whole);
      await reader.page.evaluate(fakeFolder);
      await reader.unlock(WORDS);
      await reader.sees("Save all files");
      await reader.press("Save all files");
      await reader.press("Choose a folder and save");
      await reader.sees("They are in the folder images-2026-11-25-2.");
      const written = await reader.page.evaluate(() => window.written());
      const found = Object.fromEntries(written.map(([path, base64]) => [path, sha256(Buffer.from(base64, "base64"))]));
      assert.deepEqual(found, Object.fromEntries(Object.entries(sums(files)).map(([path, sum]) => [`images-2026-11-25-2/${path}`, sum])));
      await reader.page.close();
    });
  });
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

function sums(files) {
  return Object.fromEntries(files.map(({ path, bytes }) => [path, sha256(bytes)]));
}

/** Runs in the page: until it is healed, workers throw what nobody catches. */
function workersDie() {
  const dying = URL.createObjectURL(new Blob(["onmessage = () => { throw new Error(); };"]));
  const { Worker } = window;
  window.Worker = function (script) {
    return new Worker(window.healed ? script : dying);
  };
}

/** Runs in the page: a folder in memory in place of the one that the browser's own dialog would give. */
function fakeFolder() {
  const written = new Map();
  const directory = (path, names) => ({
    name: path.split("/").at(-1),
    keys: async function* () {
      yield* names;
    },
    getDirectoryHandle: async (name) => directory(path ? `${path}/${name}` : name, []),
    getFileHandle: async (name) => ({
      createWritable: async () => {
        const pieces = [];
        return {
          write: async (piece) => void pieces.push(piece.slice()),
          abort: async () => undefined,
          close: async () => void written.set(`${path}/${name}`, new Blob(pieces)),
        };
      },
    }),
  });
  window.showDirectoryPicker = async () => directory("", ["Images-2026-11-25", "notes.txt"]);
  window.written = async () =>
    Promise.all(
      Array.from(written, async ([path, blob]) => {
        const bytes = new Uint8Array(await blob.arrayBuffer());
        return [path, btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))];
      }),
    );
}
