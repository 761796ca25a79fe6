// The viewer's pixels against pydicom's, on every real file of an encoding that the page draws.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { described, encapsulated, file } from "./support/dicom.js";
import { modules } from "./support/modules.js";
import { corpus, program, python, skipped } from "./support/peers.js";

const { AS_STORED, decode, imageOf, readFile, toned } = await modules("codecs", "dicom", "pixels", "tone");

/** Files to keep whose transfer syntax the page draws, as they are on a disc: files of PS3.10. */
function drawnFiles(folder) {
  const [head, ...lines] = readFileSync(join(folder, "MANIFEST.tsv"), "utf8").trimEnd().split("\n").map((line) => line.split("\t"));
  const column = (name) => head.indexOf(name);
  const drawn = / 1\.2\.840\.10008\.1\.2(\.1|\.2|\.1\.99|\.5|\.8\.1|\.4\.(5[0137]|70|8[01]|9[01]|20[123]))?$/;
  return lines.filter((line) => line[column("verdict")] === "keep" && drawn.test(line[column("transfer_syntax")])).map((line) => join(folder, line[column("file")])).filter((file) => readFileSync(file).subarray(128, 132).equals(Buffer.from("DICM")));
}

function expected(program, files, folder) {
  const ran = spawnSync(program, [new URL("support/expected.py", import.meta.url).pathname, folder], { input: files.join("\n"), encoding: "utf8", maxBuffer: 2 ** 28 });
  assert.equal(ran.status, 0, ran.stderr);
  return ran.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

async function imageIn(file) {
  const bytes = new Uint8Array(readFileSync(file));
  return imageOf(await readFile(bytes), decode);
}

/** Where the first pixel differs by more than `most`. */
function difference(found, wanted, most) {
  if (found.length !== wanted.length) return `${found.length} pixels for ${wanted.length}`;
  const at = found.findIndex((value, index) => !(Math.abs(value - wanted[index]) <= most) && !(Number.isNaN(value) && Number.isNaN(wanted[index])));
  return at < 0 ? undefined : `${found[at]} for ${wanted[at]} at ${at}`;
}

async function framesOf(image, each) {
  const frames = [];
  for (let number = 0; number < image.frames; number++) frames.push(Array.from(each(await image.frame(number))));
  return frames.flat();
}

const tell = {
  values: (image) => framesOf(image, ({ stored, voi }) => Array.from(stored, voi.modality)),
  // What pydicom does not do: the least is white.
  shown: (image) => framesOf(image, (frame) => toned({ ...frame, inverted: false }, AS_STORED).filter((_, at) => at % 4 === 0)),
  stored: (image) => framesOf(image, ({ stored }) => stored),
  rgb: (image) => framesOf(image, ({ rgba }) => rgba.filter((_, at) => at % 4 !== 3)),
};
// Brightness is rounded here, which is worth half a step; sums of decimal fractions differ in their last bits.
// Of JPEG of 12 bits, one level: the peer transforms with whole numbers, which rounds on the way; here it is exact.
const tolerance = { values: 1e-6, shown: 0.5 + 1e-6, rgb: 0, stored: 1 };
/** Of lossy JPEG, one step: decoders round the transformation of colors differently. */
const LOSSY_RGB = 1;

/** What differs, and why. */
const EXCEPTIONS = new Map([
  ["sop/sample-op.dcm", "is called lossless and is not: the peer decodes it with another library, which rounds differently"],
]);

const skip = corpus() === undefined ? skipped("no test files; set FILMROOM_CORPUS") : python() === undefined ? skipped("no Python with pydicom and numpy; set FILMROOM_TEST_PYTHON") : false;

if (!skip && !program("dcmdjpeg")) skipped("JPEG of 12 bits: dcmtk is not installed");

test("pixels are what pydicom says they are", { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "pixels-"));
  const wrong = [];
  const excepted = new Map(EXCEPTIONS);
  let compared = 0;
  try {
    for (const { file, refused, number, kinds, lossy } of expected(python(), drawnFiles(corpus()), folder)) {
      const image = await imageIn(file).catch((error) => error);
      // What pydicom cannot read is not held against a reader that can.
      if (refused) continue;
      if (image instanceof Error) {
        wrong.push(`${file}: refused: ${image.message}`);
        continue;
      }
      for (const kind of kinds) {
        const bytes = readFileSync(join(folder, `${number}.${kind}`));
        const wanted = kind === "rgb" ? bytes : new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
        const found = await tell[kind](image).catch((error) => error);
        const differs = found instanceof Error ? found.message : difference(found, wanted, kind === "rgb" && lossy ? LOSSY_RGB : tolerance[kind]);
        const known = Array.from(EXCEPTIONS.keys()).find((known) => file.endsWith(known));
        if (differs && known) excepted.delete(known);
        else if (differs) wrong.push(`${file}: ${kind}: ${differs}`);
        compared += 1;
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual(Array.from(excepted.keys()), [], "an exception that is none any more");
  assert.ok(compared > 380, `${compared} arrays compared`);
});

/** What `cjxl` makes of an image of 61 by 47 pixels, without loss. */
function jpegXl(kind, most, bytes, options) {
  const folder = mkdtempSync(join(tmpdir(), "jxl-"));
  const [plain, frame] = [join(folder, "plain.pnm"), join(folder, "frame.jxl")];
  try {
    writeFileSync(plain, Buffer.concat([Buffer.from(`${kind}\n61 47\n${most}\n`), bytes]));
    const ran = spawnSync("cjxl", [plain, frame, "-d", "0", ...options], { encoding: "utf8" });
    assert.equal(ran.status, 0, ran.stderr);
    return readFileSync(frame);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("JPEG XL by the encoder of its authors is drawn without loss, bare and in its container", { skip: program("cjxl") ? false : skipped("libjxl-tools are not installed") }, async () => {
  const shape = { rows: 47, columns: 61 };
  const drawn = async (frame, about) => {
    const head = file(described({ ...shape, ...about }), { uid: "1.2.3", syntax: "1.2.840.10008.1.2.4.110" });
    return imageOf(await readFile(new Uint8Array(Buffer.concat([head, encapsulated([frame])]))), decode).frame(0);
  };
  const gray = Uint16Array.from({ length: 61 * 47 }, (_, at) => at * 7919);
  const colors = Uint8Array.from({ length: 61 * 47 * 3 }, (_, at) => at * 31 + (at >> 7));
  for (const container of ["--container=0", "--container=1"]) {
    const wide = jpegXl("P5", 65535, Buffer.from(gray.buffer.slice()).swap16(), [container]);
    assert.deepEqual(Array.from((await drawn(wide, {})).stored), Array.from(gray));
    const { rgba } = await drawn(jpegXl("P6", 255, colors, [container]), { samples: 3, photometric: "RGB", allocated: 8 });
    assert.deepEqual(Array.from(rgba.filter((_, at) => at % 4 !== 3)), Array.from(colors));
  }
});
