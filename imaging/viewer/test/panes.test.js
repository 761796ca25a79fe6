// Where pictures lie, what is measured on them, and which way they face, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { described, file, sequence, slice } from "./support/dicom.js";
import { modules } from "./support/modules.js";

const { angleOf, applied, AS_STORED, decode, drawPlane, edgesOf, framesInSpace, imageOf, isChosen, kept, LANGUAGES, lengthOf, matrixOf, measured, mirrored, moved, opposite, presetsFor, readFile, spacingOf, toned, turned, undone, WHOLE, windowShown, zoomed } = await modules(
  "codecs", "dicom", "orientation", "overlays", "panes/measure", "panes/view", "pixels", "presets", "spacing", "texts", "tone",
);

const shape = { columns: 64, rows: 32, aspect: 1 };
const stage = { width: 640, height: 640 };
const close = (found, wanted) => assert.ok(Object.keys(wanted).every((key) => Math.abs(found[key] - wanted[key]) < 1e-9), `${JSON.stringify(found)} for ${JSON.stringify(wanted)}`);

async function dataSetOf(elements) {
  return (await readFile(new Uint8Array(file(elements, { uid: "1.2.3" })))).dataSet;
}

test("a whole picture fills its stage as far as it goes, and lies in the middle", () => {
  const matrix = matrixOf(WHOLE, shape, stage);
  close(applied(matrix, { x: 0, y: 0 }), { x: 0, y: 160 });
  close(applied(matrix, { x: 64, y: 32 }), { x: 640, y: 480 });
  const upright = matrixOf(turned(WHOLE), shape, stage);
  close(applied(upright, { x: 0, y: 0 }), { x: 480, y: 0 });
  close(applied(upright, { x: 64, y: 0 }), { x: 480, y: 640 });
});

test("pixels that are not square are drawn as they were taken", () => {
  const matrix = matrixOf(WHOLE, { columns: 64, rows: 64, aspect: 0.5 }, stage);
  close(applied(matrix, { x: 64, y: 64 }), { x: 480, y: 640 });
});

test("turning and mirroring are what the reader sees, in any order", () => {
  const corner = (view) => applied(matrixOf(view, shape, stage), { x: 0, y: 0 });
  for (const before of [WHOLE, mirrored(WHOLE), turned(WHOLE), mirrored(turned(WHOLE)), turned(turned(mirrored(WHOLE)))]) {
    // Upright and lying pictures have other sizes: twice around keeps it.
    const { x, y } = corner(before);
    close(corner(turned(turned(before))), { x: 640 - x, y: 640 - y });
    close(corner(mirrored(before)), { x: 640 - x, y });
    close(corner(mirrored(mirrored(before))), { x, y });
  }
});

test("what is under the finger stays there while it is enlarged, and every point finds back", () => {
  const finger = { x: 100, y: -40 };
  let view = moved(zoomed(turned(WHOLE), 3), 20, 10);
  const under = undone(matrixOf(view, shape, stage), { x: finger.x + 320, y: finger.y + 320 });
  view = zoomed(view, 1.7, finger);
  close(applied(matrixOf(view, shape, stage), under), { x: finger.x + 320, y: finger.y + 320 });
  assert.equal(zoomed(view, 1000).zoom, 16);
  assert.equal(zoomed(view, 0.001).zoom, 1);
});

test("a picture cannot be pushed off its stage", () => {
  assert.deepEqual(kept(moved(WHOLE, 5000, -5000), shape, stage), { ...WHOLE, right: 0, down: 0 });
  const { right, down } = kept(moved(zoomed(WHOLE, 4), 5000, -5000), shape, stage);
  assert.deepEqual([right, down], [960, -320]);
});

test("lengths and angles are measured in the body, not in pixels", () => {
  const spacing = { across: 0.5, down: 2 };
  assert.equal(lengthOf({ x: 0, y: 0 }, { x: 6, y: 2 }, spacing), 5);
  assert.ok(Math.abs(angleOf({ x: 4, y: 0 }, { x: 0, y: 0 }, { x: 0, y: -1 }, spacing) - 90) < 1e-9);
  assert.ok(Math.abs(angleOf({ x: 4, y: 0 }, { x: 0, y: 0 }, { x: 4, y: 1 }, spacing) - 45) < 1e-9);
  assert.ok(Math.abs(angleOf({ x: -1, y: 0.01 }, { x: 0, y: 0 }, { x: -1, y: -0.01 }, { across: 1, down: 1 }) - 1.1459) < 1e-3, "across the half turn");
  const [english, spanish] = LANGUAGES;
  assert.deepEqual([measured(english, "length", 12.34), measured(spanish, "angle", 44.6)], ["12.3 mm", "45°"]);
});

test("a pixel's size comes from where it is a measure of the body, and from nowhere else", async () => {
  const size = [0x00280030, "DS", "0.5\\0.25"];
  assert.deepEqual(spacingOf(await dataSetOf([size])), { across: 0.25, down: 0.5 });
  assert.equal(spacingOf(await dataSetOf([[0x00181164, "DS", "0.1\\0.1"]])), undefined, "a detector's pixels are larger than the body's");
  assert.equal(spacingOf(await dataSetOf([[0x00280030, "DS", "0\\1"]])), undefined);
  assert.equal(spacingOf(await dataSetOf([])), undefined);
  const detector = [0x00181164, "DS", "0.5\\0.25"];
  assert.equal(spacingOf(await dataSetOf([size, detector])), undefined, "the detector's once more");
  assert.deepEqual(spacingOf(await dataSetOf([size, detector, [0x00280a02, "CS", "FIDUCIAL"]])), { across: 0.25, down: 0.5 });
  const shared = [0x52009229, "SQ", sequence([[0x00289110, "SQ", sequence([[0x00280030, "DS", "2\\3"]])]])];
  assert.deepEqual(spacingOf(await dataSetOf([shared])), { across: 3, down: 2 });
  const framed = (...spacings) => dataSetOf([[0x52009230, "SQ", sequence(...spacings.map((spacing) => [[0x00289110, "SQ", sequence([[0x00280030, "DS", spacing]])]]))]]);
  assert.deepEqual(spacingOf(await framed("2\\3", "2\\3")), { across: 3, down: 2 });
  assert.equal(spacingOf(await framed("2\\3", "1\\1")), undefined, "frames of several sizes");
  const double = (value) => Buffer.from(new Float64Array([value]).buffer);
  const region = (units) => [[0x00186024, "US", units], [0x00186026, "US", units], [0x0018602c, "FD", double(0.05)], [0x0018602e, "FD", double(-0.04)]];
  assert.deepEqual(spacingOf(await dataSetOf([[0x00186011, "SQ", sequence(region(3))]])), { across: 0.5, down: 0.4 });
  assert.equal(spacingOf(await dataSetOf([[0x00186011, "SQ", sequence(region(4))]])), undefined, "seconds are no length");
  assert.equal(spacingOf(await dataSetOf([[0x00186011, "SQ", sequence(region(3), region(3))]])), undefined, "two regions are two sizes");
});

test("edges name the patient's sides", async () => {
  const edges = async (cosines) => edgesOf(await dataSetOf([[0x00200037, "DS", cosines]]))(0);
  assert.deepEqual(await edges("1\\0\\0\\0\\1\\0"), { right: "L", down: "P" });
  assert.deepEqual(await edges("0\\1\\0\\0\\0\\-1"), { right: "P", down: "F" });
  assert.deepEqual(await edges("0.8\\0.6\\0\\0\\0\\-1"), { right: "LP", down: "F" });
  assert.equal(edgesOf(await dataSetOf([]))(0), undefined);
  assert.equal(opposite("LP"), "RA");
});

test("frames come as they lie in the body, where all say so", async () => {
  const frame = (z) => [[0x00209113, "SQ", sequence([[0x00200032, "DS", `0\\0\\${z}`]])]];
  const shared = [0x52009229, "SQ", sequence([[0x00209116, "SQ", sequence([[0x00200037, "DS", "1\\0\\0\\0\\1\\0"]])]])];
  const lying = (...heights) => dataSetOf([shared, [0x52009230, "SQ", sequence(...heights.map(frame))]]);
  assert.deepEqual(framesInSpace(await lying(5, -5, 0), 3), [1, 2, 0]);
  assert.deepEqual(framesInSpace(await lying(5, 5, 0), 3), [0, 1, 2], "two in one place follow each other in time");
  assert.deepEqual(framesInSpace(await dataSetOf([shared]), 3), [0, 1, 2]);
});

test("ranges of values show what they are for", async () => {
  const { texts } = LANGUAGES[0];
  const elements = [...described({ rows: 1, columns: 4 }), [0x00281050, "DS", "100\\50"], [0x00281051, "DS", "200\\10"], [0x00281055, "LO", "WIDE\\NARROW"], [0x7fe00010, "OW", Buffer.from([0, 0, 45, 0, 100, 0, 200, 0])]];
  const image = imageOf(await readFile(new Uint8Array(file(elements, { uid: "1.2.3" }))), decode);
  const frame = await image.frame(0);
  const names = (modality) => presetsFor(frame, modality, texts).map(({ name }) => name);
  assert.deepEqual(names("MR"), [texts.presets.asStored, "NARROW", texts.presets.all]);
  assert.ok(names("CT").includes(texts.presets.lung));
  const grays = (look) => Array.from(toned(frame, { ...AS_STORED, ...look }).filter((_, at) => at % 4 === 0));
  const [, narrow] = presetsFor(frame, "MR", texts);
  assert.deepEqual(grays({ window: narrow.window }), [0, 0, 255, 255]);
  assert.deepEqual(grays({ window: "all" }), [0, 57, 128, 255]);
  assert.deepEqual(grays({ window: "all", inverted: true }), [255, 198, 128, 0]);
  assert.ok(isChosen(narrow, { ...AS_STORED, window: { center: 50, width: 10 } }) && !isChosen(narrow, AS_STORED));
  const { center, width } = windowShown(frame, AS_STORED);
  assert.deepEqual({ center, width }, { center: 100, width: 200 });
  assert.deepEqual(windowShown(frame, { ...AS_STORED, brightness: 0.5 }), { center: 0, width: 200 }, "brighter is lower");
  assert.equal(windowShown(frame, { ...AS_STORED, window: "all" }), undefined);
  const window = { center: 100, width: 200, curve: "SIGMOID" };
  assert.ok(grays({ window })[3] < 255, "a file's own curve is kept");
  const odd = imageOf(await readFile(new Uint8Array(file(elements.map(([tag, ...rest]) => (tag === 0x00281051 ? [tag, "DS", "-200\\10"] : [tag, ...rest])), { uid: "1.2.3" }))), decode);
  assert.deepEqual(Array.from(toned(await odd.frame(0), AS_STORED).filter((_, at) => at % 4 === 0)), [0, 0, 255, 255], "no value lies in a window of less than nothing: the next one is shown");
  const color = { kind: "color", rgba: new Uint8ClampedArray([10, 20, 30, 255]) };
  assert.deepEqual([presetsFor(color, "US", texts), Array.from(toned(color, { ...AS_STORED, inverted: true }))], [[], [245, 235, 225, 255]]);
});

test("an overlay plane is drawn where it lies, and nowhere beside the picture", () => {
  const rgba = new Uint8ClampedArray(3 * 2 * 4);
  drawPlane(rgba, { columns: 3, rows: 2 }, { rows: 2, columns: 2, top: 1, left: 2, label: "", bits: Uint8Array.of(1, 1, 1, 1) });
  drawPlane(rgba, { columns: 3, rows: 2 }, { rows: 2, columns: 2, top: -1, left: -1, label: "", bits: Uint8Array.of(1, 1, 1, 0) });
  const white = Array.from({ length: 6 }, (_, pixel) => rgba[pixel * 4]);
  assert.deepEqual(white, [0, 0, 0, 0, 0, 255]);
  drawPlane(rgba, { columns: 3, rows: 2 }, { rows: 1, columns: 1, top: 0, left: 1, label: "", bits: Uint8Array.of(1) });
  assert.deepEqual(Array.from(rgba.subarray(4, 8)), [255, 255, 255, 0]);
});

test("a slice of a series knows its size and its sides", async () => {
  const image = imageOf(await readFile(new Uint8Array(slice({ uid: "1.2.3", value: () => 1 }))), decode);
  assert.deepEqual([image.spacing, image.edges(0), image.inSpace], [{ across: 0.5, down: 0.5 }, { right: "L", down: "P" }, [0]]);
});
