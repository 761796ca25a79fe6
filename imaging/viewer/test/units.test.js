// Codes, carriers, archives and hostile files, without a browser.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { described, encapsulated, file, slice } from "./support/dicom.js";
import { flatJpeg12 } from "./support/encoders.js";
import { modules } from "./support/modules.js";
import { unzipped } from "./support/unzip.js";

const { archives, CannotShow, crc32, dataSetIn, dateInWords, decode, Decoders, directory, imageOf, LANGUAGES, localHeader, Malformed, NotArrived, onlyPart, overhead, preferred, readFile, Service, Sha256, spokenName, textIn, toned, AS_STORED, understand, unescaped } = await modules(
  "code", "codecs", "decoders", "dicom", "dicomjson", "holding", "parts", "pixels", "service", "sums", "texts", "tone", "zip",
);

test("an answer's one part is what lies between its boundaries, and one that broke off is refused", () => {
  for (const bytes of [0, 700, 5000]) {
    const part = randomBytes(bytes);
    const whole = Buffer.concat([Buffer.from("\r\n--b\r\nContent-Type: application/dicom\r\n\r\n"), part, Buffer.from("\r\n--b--")]);
    assert.deepEqual(Buffer.from(onlyPart(whole, "b")), part);
    for (const cut of [1, 8, Math.min(bytes, 900)]) assert.throws(() => onlyPart(whole.subarray(0, whole.length - cut - 1), "b"), Malformed);
  }
});

test("words are taken as people type them", () => {
  const normal = "garland-outfit-unsmooth-sixtieth-crumb-velcro";
  for (const typed of [normal, "  Garland Outfit  UNSMOOTH\tsixtieth, crumb; velcro. ", normal.replaceAll("-", "—")]) {
    assert.deepEqual(understand(typed), { kind: "whole", normal });
  }
});

test("words too few, too many or with digits are not a whole code", () => {
  for (const typed of ["", "garland outfit", "a b c d e f g", "garland outfit unsmooth sixtieth crumb velcr0", "12345 67890"]) {
    assert.notEqual(understand(typed).kind, "whole", typed);
  }
});

test("digits are taken in any grouping and any digits of the three scripts", () => {
  const groups = groupsOf("4021 1987 0003 5834 9175 2204");
  const normal = groups.join("-");
  const plain = groups.join("");
  const shifted = (zero) => Array.from(plain, (digit) => String.fromCodePoint(zero + Number(digit))).join("");
  for (const typed of [normal, plain, groups.join(" "), plain.replace(/(...)/g, "$1 "), shifted(0x660), shifted(0x6f0), shifted(0xff10)]) {
    assert.deepEqual(understand(typed), { kind: "whole", normal }, typed);
  }
});

test("each wrong digit, each swap of neighbours and each group in another's place is named by its group", () => {
  const groups = groupsOf("4021 1987 0003 5834 9175 2204");
  for (let group = 0; group < 6; group++) {
    for (let at = 0; at < 5; at++) {
      const digits = Array.from(groups[group]);
      for (let other = 0; other < 10; other++) {
        const changed = digits.with(at, String(other)).join("");
        if (changed !== groups[group]) assert.deepEqual(understand(groups.with(group, changed).join(" ")), { kind: "slip", group: group + 1 });
      }
      const swapped = at < 4 ? digits.with(at, digits[at + 1]).with(at + 1, digits[at]).join("") : groups[group];
      if (swapped !== groups[group]) assert.deepEqual(understand(groups.with(group, swapped).join(" ")), { kind: "slip", group: group + 1 });
    }
  }
  assert.equal(understand(groups.with(0, groups[1]).with(1, groups[0]).join(" ")).kind, "slip");
});

/** Six right groups of these four digits each. */
function groupsOf(fours) {
  const groups = [];
  for (const [index, four] of fours.split(" ").entries()) {
    const right = Array.from("0123456789", (digit) => four + digit).filter((five) => understand([...groups, five].join(" ")).group !== index + 1);
    assert.equal(right.length, 1, "one check digit is right");
    groups.push(right[0]);
  }
  return groups;
}

function escape(bytes) {
  const out = [];
  bytes.forEach((byte, at) => out.push(byte, ...(byte === 0x2a && [0x2f, 0x5c].includes(bytes[at + 1]) ? [0x5c] : [])));
  return out;
}

test("what was escaped comes back, whatever it is", () => {
  const alphabet = [0x2a, 0x2f, 0x5c, 0x41];
  for (let number = 0; number < 4 ** 6; number++) {
    const bytes = Uint8Array.from({ length: 6 }, (_, at) => alphabet[(number >> (2 * at)) & 3]);
    const carried = Uint8Array.from([...escape(bytes), ...Buffer.from("*/});  ")]);
    assert.deepEqual(unescaped(carried, bytes.length, true), bytes);
    assert.equal(unescaped(carried, bytes.length - 1, true), undefined, "longer than it should be");
  }
  const noise = new Uint8Array(randomBytes(300_000));
  assert.deepEqual(unescaped(Uint8Array.from(escape(noise)), noise.length), noise);
  assert.equal(unescaped(new Uint8Array(10), 11), undefined, "shorter than it should be");
});

test("an archive of stored and deflated members is one that unzip takes", () => {
  const contents = { "DICOMDIR": Buffer.from("x".repeat(5000)), "IMAGES/A/I1": randomBytes(70_000), "README.TXT": Buffer.alloc(0) };
  const members = [];
  const pieces = [];
  for (const [path, bytes] of Object.entries(contents)) {
    const deflated = path === "DICOMDIR";
    const placed = deflated ? deflateRawSync(bytes) : bytes;
    const member = { path, deflated, crc32: crc32(bytes), bytes: bytes.length, placedBytes: placed.length };
    members.push(member);
    pieces.push(localHeader(member, "2026-11-25"), placed);
  }
  const archive = Buffer.concat([...pieces, directory(members, "2026-11-25")]);
  assert.equal(archive.length, members.reduce((sum, { path, placedBytes }) => sum + overhead(path) + placedBytes, 22));
  assert.deepEqual(Object.keys(unzipped(archive)).sort(), Object.keys(contents).sort());
});

test("SHA-256 in memory and beyond it is the same as another's", async () => {
  const piece = new Uint8Array(randomBytes(2 ** 20));
  for (const pieces of [0, 3, 70]) {
    const [ours, other] = [new Sha256(), createHash("sha256")];
    for (let at = 0; at < pieces; at++) {
      ours.update(piece);
      other.update(piece);
    }
    assert.equal(await ours.digest(), other.digest("hex"));
  }
});

test("files are split over archives that hold no more than allowed, each file once and in order", () => {
  const files = Array.from({ length: 50 }, (_, number) => ({ path: `I${number}`, bytes: (number * 37) % 400 }));
  const split = archives(files, 1000);
  assert.deepEqual(split.flat(), files);
  assert.ok(split.length > 10);
  for (const part of split) assert.ok(part.reduce((sum, { path, bytes }) => sum + bytes + overhead(path), 22) <= 1000);
});

test("a file cut anywhere, or with any byte changed, is refused or drawn, and never more than that", async () => {
  const look = async (bytes) => {
    try {
      const image = imageOf(await readFile(new Uint8Array(bytes)), decode);
      if (image.rows * image.columns * image.frames < 1e6) for (let frame = 0; frame < image.frames; frame++) toned(await image.frame(frame), AS_STORED);
    } catch (error) {
      assert.ok(error instanceof Malformed || error instanceof CannotShow || error instanceof RangeError, `${error.stack}`);
    }
  };
  for (const whole of [slice({ uid: "1.2.3", rows: 4, columns: 4, value: (x, y) => x * y }), packed(RLE, [runs([7, 9]), runs([1, 2])]), jpeg12(LEVELS, 1)]) {
    for (let length = 0; length < whole.length; length++) await look(whole.subarray(0, length));
    for (let at = 128; at < whole.length; at++) {
      for (const bit of [1, 128]) {
        const changed = Buffer.from(whole);
        changed[at] ^= bit;
        await look(changed);
      }
    }
  }
});

test("packed frames are found one a fragment, by either offset table, and in no other way", async () => {
  const frames = [runs([7, 9]), runs([1, 2])];
  const seen = async (bytes) => {
    const image = imageOf(await readFile(new Uint8Array(bytes)), decode);
    return Promise.all(Array.from({ length: image.frames }, async (_, number) => Array.from((await image.frame(number)).stored)));
  };
  const wanted = [[...Array(8).fill(7), ...Array(8).fill(9)], [...Array(8).fill(1), ...Array(8).fill(2)]];
  assert.deepEqual(await seen(packed(RLE, frames)), wanted);
  assert.deepEqual(await seen(packed(DEFLATED_FRAMES, wanted.map((frame) => deflateRawSync(Buffer.from(frame))))), wanted);
  const halves = frames.flatMap((frame) => [frame.subarray(0, 66), frame.subarray(66)]);
  const second = halves[0].length + halves[1].length + 16;
  assert.deepEqual(await seen(packed(RLE, halves, { basic: [0, second] })), wanted);
  assert.deepEqual(await seen(packed(RLE, halves, { extended: [0, second] })), wanted);
  await assert.rejects(seen(packed(RLE, halves)), Malformed);
  await assert.rejects(seen(packed("1.2.840.10008.1.2.4.94", frames)), CannotShow);
  await assert.rejects(seen(packed("1.2.840.10008.1.2.4.90", frames)), Malformed, "no JPEG 2000");
  await assert.rejects(seen(packed("1.2.840.10008.1.2.4.110", [Buffer.from("ff0affff", "hex"), Buffer.from("ff0a0000", "hex")])), Malformed, "no whole JPEG XL");
});

const RLE = "1.2.840.10008.1.2.5";
const DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1";

/** An RLE frame of eight pixels of each value. */
function runs(values) {
  const header = Buffer.alloc(64);
  header.writeUInt32LE(1, 0);
  header.writeUInt32LE(64, 4);
  return Buffer.concat([header, Buffer.from(values.flatMap((value) => [257 - 8, value]))]);
}

/** A file of two frames of 4 by 4 bytes in these fragments. */
function packed(syntax, fragments, { basic = [], extended } = {}) {
  const table = Buffer.alloc(basic.length * 4);
  for (const [number, offset] of basic.entries()) table.writeUInt32LE(offset, number * 4);
  const offsets = extended ? [[0x7fe00001, "OV", Buffer.from(BigUint64Array.from(extended, BigInt).buffer)]] : [];
  const head = file([...described({ rows: 4, columns: 4, allocated: 8, frames: 2 }), ...offsets], { uid: "1.2.3", syntax });
  return Buffer.concat([head, encapsulated(fragments, table)]);
}

/** What blocks of a JPEG of 12 bits are: each level's coded difference has other bits, and some a byte of 255. */
const LEVELS = [0, 4095, 2048, 2047, 4094, 1];

/** A file of three blocks by two of these levels, of which the last row and column are cut off. */
function jpeg12(levels, interval) {
  const shape = { rows: 15, columns: 23 };
  const head = file(described({ ...shape, stored: 12 }), { uid: "1.2.3", syntax: "1.2.840.10008.1.2.4.51" });
  return Buffer.concat([head, encapsulated([flatJpeg12({ ...shape, levels, interval })])]);
}

test("JPEG of 12 bits is drawn with and without restarts, and refused where it is cut", async () => {
  const wanted = Array.from({ length: 15 * 23 }, (_, at) => LEVELS[Math.floor(at / 23 / 8) * 3 + Math.floor((at % 23) / 8)]);
  for (const interval of [0, 1, 4]) {
    const image = imageOf(await readFile(new Uint8Array(jpeg12(LEVELS, interval))), decode);
    assert.deepEqual(Array.from((await image.frame(0)).stored), wanted);
  }
  for (const interval of [0, 1]) {
    const missing = imageOf(await readFile(new Uint8Array(jpeg12(LEVELS.slice(0, -1), interval))), decode);
    await assert.rejects(missing.frame(0), Malformed);
  }
});

/** A worker of a test: `answer` is what it says to a request, or nothing. */
class FakeWorker {
  constructor(log, answer) {
    Object.assign(this, { log, answer });
    log.push("start");
  }

  postMessage({ transferSyntax }) {
    this.log.push(transferSyntax);
    this.answer?.(this, transferSyntax);
  }

  terminate() {
    this.log.push("end");
  }
}

test("the frame asked for last is decoded first", async () => {
  const log = [];
  const answers = [];
  const decoders = new Decoders(() => new FakeWorker(log, (worker, name) => answers.push(() => worker.onmessage({ data: { decoded: name } }))), 1);
  const asked = ["first", "second", "last"].map((name) => decoders.decode(new Uint8Array(1), name, false));
  while (answers.length > 0) answers.shift()();
  assert.deepEqual(await Promise.all(asked), ["first", "second", "last"]);
  assert.deepEqual(log, ["start", "first", "last", "second"]);
});

test("a decoder that dies, fails or falls silent costs its frame and no other", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const fates = {
    dies: (worker) => worker.onerror({ preventDefault: () => undefined }),
    fails: (worker) => worker.onmessage({ data: { reason: "encoding" } }),
    silent: () => context.mock.timers.tick(60_000),
    lives: (worker) => worker.onmessage({ data: { decoded: "whole" } }),
  };
  const log = [];
  const decoders = new Decoders(() => new FakeWorker(log, (worker, fate) => queueMicrotask(() => fates[fate](worker))), 1);
  const asked = ["lives", "silent", "fails", "dies", "lives"].map((fate) => decoders.decode(new Uint8Array(1), fate, false));
  const results = await Promise.allSettled(asked);
  assert.deepEqual(results.map(({ value, reason }) => value ?? reason.reason), ["whole", "cut", "encoding", "cut", "whole"]);
  assert.deepEqual(log, ["start", "lives", "lives", "dies", "end", "start", "fails", "end", "start", "silent", "end"]);
});

test("sequences nested without end are refused before the stack ends", async () => {
  const items = Buffer.alloc(20_000 * 20);
  for (let level = 0; level < 20_000; level++) {
    items.write("4000" + "a043", level * 20, "hex");
    items.write("SQ", level * 20 + 4);
    items.writeUInt32LE(0xffffffff, level * 20 + 8);
    items.write("feff00e0ffffffff", level * 20 + 12, "hex");
  }
  const nested = Buffer.concat([file([], { uid: "1.2.3" }), items]);
  await assert.rejects(readFile(new Uint8Array(nested)), Malformed);
});

test("a planar color image and one with 16 bits a sample show the same colors as an interleaved one", async () => {
  const colors = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [12, 34, 56]];
  const shape = { rows: 2, columns: 2, samples: 3, photometric: "RGB" };
  const planes = [0, 1, 2].flatMap((sample) => colors.map((color) => color[sample]));
  const wide = Buffer.concat(colors.flat().map((value) => Buffer.from([0, value])));
  const files = [
    file([...described({ ...shape, allocated: 8 }), [0x7fe00010, "OB", Buffer.from(colors.flat())]], { uid: "1.1" }),
    file([...described({ ...shape, allocated: 8, planar: 1 }), [0x7fe00010, "OB", Buffer.from(planes)]], { uid: "1.2" }),
    file([...described({ ...shape, allocated: 16 }), [0x7fe00010, "OW", wide]], { uid: "1.3" }),
  ];
  for (const bytes of files) {
    const { rgba } = await imageOf(await readFile(new Uint8Array(bytes)), decode).frame(0);
    assert.deepEqual(Array.from(rgba), colors.flatMap((color) => [...color, 255]));
  }
});

test("what is stored beside the pixels' own bits is not part of them", async () => {
  const pixels = Buffer.from(Uint16Array.from([0xf7ff, 0x0800, 0xffff, 0x0001]).buffer);
  const signed = file([...described({ rows: 2, columns: 2, stored: 12, signed: 1 }), [0x7fe00010, "OW", pixels]], { uid: "1.1" });
  assert.deepEqual(Array.from((await imageOf(await readFile(new Uint8Array(signed)), decode).frame(0)).stored), [2047, -2048, -1, 1]);
});

test("the least of MONOCHROME1 is white", async () => {
  const shape = { rows: 1, columns: 2, allocated: 8, photometric: "MONOCHROME1" };
  const bytes = file([...described(shape), [0x7fe00010, "OB", Buffer.from([0, 255])]], { uid: "1.1" });
  const shades = toned(await imageOf(await readFile(new Uint8Array(bytes)), decode).frame(0), AS_STORED);
  assert.deepEqual([shades[0], shades[4]], [255, 0]);
});

test("a segmented palette is spread out: as it is, along lines, and once more", async () => {
  const u16 = (...values) => Buffer.from(Uint16Array.from(values).buffer);
  const data = u16(0, 2, 0, 0x1000, 1, 4, 0x5000, 2, 1, 0, 0);
  const table = (color) => [[0x00281100 + color, "US", u16(8, 0, 16)], [0x00281220 + color, "OW", data]];
  const pixels = [0x7fe00010, "OB", Buffer.from([0, 1, 2, 3, 4, 5, 6, 7])];
  const bytes = file([...described({ rows: 2, columns: 4, allocated: 8, photometric: "PALETTE COLOR" }), ...[1, 2, 3].flatMap(table), pixels], { uid: "1.1" });
  const { rgba } = await imageOf(await readFile(new Uint8Array(bytes)), decode).frame(0);
  assert.deepEqual(Array.from(rgba.filter((_, at) => at % 4 === 0)), [0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x00, 0x10]);
});

test("the page speaks the first language of the reader's that it knows", () => {
  assert.equal(preferred(["fr", "es-MX", "en"]).tag, "es");
  assert.equal(preferred(["mww"]).tag, "hmn");
  assert.equal(preferred(["ar-EG"]).direction, "rtl");
  assert.equal(preferred(["fr"]).tag, "en");
});

test("names and dates are as they are spoken", () => {
  assert.equal(spokenName("Doe^Jane^M^Dr^PhD"), "Dr Jane M Doe PhD");
  assert.equal(spokenName("Yamada^Tarou=山田^太郎"), "Tarou Yamada");
  assert.equal(dateInWords(LANGUAGES[0], "19710314"), "March 14, 1971");
  assert.equal(dateInWords(LANGUAGES[1], "19710314"), "14 de marzo de 1971");
  assert.equal(dateInWords(LANGUAGES[0], "1971"), "1971");
  assert.equal(dateInWords(LANGUAGES[0], "20241301"), "20241301", "no month of 13");
  assert.equal(dateInWords(LANGUAGES[0], "00010101"), "00010101", "no year that a browser writes");
});

test("a header in DICOM JSON reads as the file's own does", async () => {
  const header = {
    "00080005": { vr: "CS", Value: ["ISO_IR 192"] },
    "00100010": { vr: "PN", Value: [{ Alphabetic: "Yamada^Tarou", Ideographic: "山田^太郎" }] },
    "00080018": { vr: "UI", Value: ["1.2.345"] },
    "00200032": { vr: "DS", Value: ["-1.5", 2, "3e1"] },
    "00280009": { vr: "AT", Value: ["00181063"] },
    "00280010": { vr: "US", Value: [2] },
    "00280106": { vr: "SS", Value: [-5] },
    "00289537": { vr: "UL", Value: [70000] },
    "00189073": { vr: "FD", Value: [0.1] },
    "00281201": { vr: "OW", InlineBinary: "AQID/w==" },
    "00080060": { vr: "CS" },
    "00081115": { vr: "SQ", Value: [{ "0020000E": { vr: "UI", Value: ["1.2"] } }, {}] },
    "7FE00010": { vr: "OW", BulkDataURI: "frames" },
  };
  const dataSet = dataSetIn(header);
  assert.equal(new TextDecoder().decode(dataSet.value(0x00100010)).trimEnd(), "Yamada^Tarou=山田^太郎");
  assert.equal(dataSet.string(0x00080018)?.replace("\0", ""), "1.2.345");
  assert.deepEqual(dataSet.decimals(0x00200032), [-1.5, 2, 30]);
  assert.deepEqual([dataSet.short(0x00280010), dataSet.short(0x00280106), dataSet.longs(0x00289537)], [2, -5, [70000]]);
  assert.deepEqual([Array.from(dataSet.value(0x00280009)), dataSet.doubles(0x00189073)], [[0x18, 0, 0x63, 0x10], [0.1]]);
  assert.deepEqual(Array.from(dataSet.value(0x00281201)), [1, 2, 3, 255]);
  assert.deepEqual([dataSet.has(0x00080060), dataSet.value(0x00080060)], [true, undefined]);
  assert.deepEqual(dataSet.items(0x00081115).map((item) => item.string(0x0020000e)), ["1.2", undefined]);
  assert.deepEqual([dataSet.has(0x7fe00010), textIn(header, "00100010")], [true, "Yamada^Tarou=山田^太郎"]);
});

test("a study comes from a service: its list, a file, and single frames of a clip", async (context) => {
  const uid = (text) => ({ vr: "UI", Value: [text] });
  const listed = (series, instance, frames, syntax) => ({ "0020000D": uid("1"), "0020000E": uid(series), "00080018": uid(instance), "00083002": uid(syntax), "00080016": uid("1.2.840.10008.5.1.4.1.1.2"), "00280008": { vr: "IS", Value: [frames] } });
  const native = "1.2.840.10008.1.2.1";
  const pixels = { "00280010": { vr: "US", Value: [1] }, "00280011": { vr: "US", Value: [2] }, "00280100": { vr: "US", Value: [8] }, "00280101": { vr: "US", Value: [8] }, "00280102": { vr: "US", Value: [7] }, "00280008": { vr: "IS", Value: ["3"] }, "7FE00010": { vr: "OB", BulkDataURI: "x" } };
  const part = (bytes) => new Response(Buffer.concat([Buffer.from("\r\n--b0\r\nContent-Type: application/octet-stream\r\n\r\n"), bytes, Buffer.from("\r\n--b0--\r\n")]), { headers: { "content-type": 'multipart/related; type="application/octet-stream"; boundary=b0' } });
  const whole = Buffer.from(slice({ uid: "3", value: () => 0 }));
  const asked = [];
  const answers = {
    "/w/studies/1/instances": () => Response.json([listed("2", "3", 1, native), listed("2", "4", 3, native), listed("5", "6", 1, native)]),
    "/w/studies/1/series/2/instances/3": () => part(whole),
    "/w/studies/1/series/2/instances/4/metadata": () => Response.json([pixels]),
    "/w/studies/1/series/2/instances/4/frames/2": () => part(Buffer.from([13, 10])),
  };
  context.mock.method(globalThis, "fetch", async (address) => {
    asked.push(address);
    return answers[address]?.() ?? new Response("", { status: 404 });
  });
  const service = await Service.at("/w", "1");
  const [{ studies: [study] }] = service.index.patients;
  assert.deepEqual(study.series.map(({ instances }) => instances.map((one) => one.uid)), [["3", "4"], ["6"]]);
  const [single, clip] = study.series[0].instances;
  assert.ok((await service.file(single)).dataSet.has(0x7fe00010));
  assert.equal(service.preview(single), "/w/studies/1/series/2/instances/3/frames/1/rendered");
  const image = await service.image(clip);
  assert.equal(image.frames, 3);
  assert.deepEqual(Array.from((await image.frame(1)).stored), [13, 10]);
  assert.ok(!asked.includes("/w/studies/1/series/2/instances/4"), "the clip never comes whole");
  await assert.rejects(service.file(study.series[1].instances[0]), (error) => error instanceof NotArrived);
});
