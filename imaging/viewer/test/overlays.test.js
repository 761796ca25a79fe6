// Overlay planes against pydicom's, and those that lie among the pixels.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { described, file } from "./support/dicom.js";
import { modules } from "./support/modules.js";
import { corpus, python, skipped } from "./support/peers.js";

const { imageOf, readFile } = await modules("dicom", "pixels");

const imageIn = async (bytes) => imageOf(await readFile(new Uint8Array(bytes)));
const skip = corpus() === undefined ? skipped("no test files; set FILMROOM_CORPUS") : python() === undefined ? skipped("no Python with pydicom; set FILMROOM_TEST_PYTHON") : false;

test("planes are what pydicom says they are, each over the frames that it is for", { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "overlays-"));
  try {
    const ran = spawnSync(python(), [new URL("support/overlays.py", import.meta.url).pathname, folder], { input: join(corpus(), "odd/slicethickness_empty_string.dcm"), encoding: "utf8", maxBuffer: 2 ** 26 });
    assert.equal(ran.status, 0, ran.stderr);
    const files = ran.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(files.map(({ planes }) => planes.length), [2, 2, 1]);
    for (const { file, planes } of files) {
      const image = await imageIn(readFileSync(file));
      for (let frame = 0; frame < image.frames; frame++) {
        const found = image.overlays(frame).map(({ bits, rows, columns, top, left }) => ({ bits: bits.join(""), shape: [rows, columns], top, left }));
        // One plane has two frames, for the image's second and third.
        const over = planes.flatMap(({ frames, shape, top, left }) => (frames.length > 1 ? frames.slice(frame - 1, frame) : frames).map((bits) => ({ bits, shape, top, left })));
        assert.deepEqual(found, over, `${file}: frame ${frame}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Four pixels of 12 bits with a plane in a bit beside them. */
function among(position, more = []) {
  const plane = [[0x60000010, "US", 2], [0x60000011, "US", 2], [0x60000050, "SS", Buffer.from([1, 0, 1, 0])], [0x60000100, "US", 16], [0x60000102, "US", position]];
  const pixels = Buffer.from(Uint16Array.from([0x0fff, 0x1001, 0x2002, 0x3003]).buffer);
  return file([...described({ rows: 2, columns: 2, stored: 12 }), ...plane, ...more, [0x7fe00010, "OW", pixels]], { uid: "1.2.3" });
}

test("a plane may lie in bits that the pixels do not use, and nowhere else", async () => {
  assert.deepEqual((await imageIn(among(12))).overlays(0).map(({ bits }) => Array.from(bits)), [[0, 1, 0, 1]]);
  assert.deepEqual((await imageIn(among(13))).overlays(0).map(({ bits }) => Array.from(bits)), [[0, 0, 1, 1]]);
  for (const position of [0, 11, 16, 65535]) assert.deepEqual((await imageIn(among(position))).overlays(0), []);
});

test("a plane that is cut short is not there, and the image is", async () => {
  const wide = [[0x60020010, "US", 9], [0x60020011, "US", 9], [0x60023000, "OW", Buffer.from([255, 255])]];
  const image = await imageIn(among(12, wide));
  assert.equal(image.overlays(0).length, 1);
  assert.deepEqual(Array.from((await image.frame(0)).stored), [0xfff, 1, 2, 3]);
});
