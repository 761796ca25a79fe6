// Reports, documents, waveforms and videos, without a browser.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CLASSES, documentFiles, ecg, MARKUP, MPEG2, MPEG2_STREAM, pdf, report, STL } from "./support/documents.js";
import { modules } from "./support/modules.js";
import { corpus, corpusFiles, python, skipped } from "./support/peers.js";

const { CannotShow, documentOf, groupsOf, kindOf, LANGUAGES, Malformed, momentInWords, readFile, reportOf, scaleOf, separateKinds, timeInWords, videoOf } = await modules(
  "dicom", "document", "kinds", "reasons", "report", "texts", "tracing", "video", "waveform",
);

const read = (bytes) => readFile(new Uint8Array(bytes));

/** A report's items as lines, for reading. */
function lines({ concept, value, items }, depth = 0) {
  const said = value.text ?? (value.number === undefined ? value.kind : `${value.number} ${value.unit}`);
  return [`${" ".repeat(depth)}${concept}: ${said}`, ...items.flatMap((item) => lines(item, depth + 1))];
}

test("a report says what is in it, in its order, each text in its own characters", async () => {
  const { completion, verification, verifiers, date, root } = reportOf((await read(report())).dataSet);
  assert.deepEqual({ completion, verification, date }, { completion: "complete", verification: "verified", date: "20261012" });
  assert.deepEqual(verifiers, [{ name: "Riesmeier^Jörg", organization: "St. Märy", when: "20261013080000" }]);
  assert.deepEqual(lines(root), [
    "Chest CT report: container",
    " Observer: Müller^Eva",
    " Device: 1.2.3.4.5",
    " Findings: container",
    `  Lungs: Two lines:\r\n${MARKUP}`,
    "  Diameter: 12.5 mm",
    "   : references",
    "   : place",
    "  Nodules: 0 ",
    "  Side: Left",
    "  Times: container",
    "   Day: 20261012",
    "   Hour: 101500",
    "   Moment: 20261012101500.000-0500",
    " Comment: καλά",
    " Compared with: references",
    " : item",
    " Values: unknown",
  ]);
});

test("times are said in words, with the zone they name", () => {
  const [english, spanish] = LANGUAGES;
  assert.match(momentInWords(english, "20261012101500.000-0500"), /^October 12, 2026, 10:15:00\sAM \(UTC-05:00\)$/);
  assert.equal(momentInWords(spanish, "20261012"), "12 de octubre de 2026");
  assert.match(timeInWords(english, "1015"), /^10:15\sAM$/);
  assert.equal(timeInWords(english, "soon"), "soon");
});

test("a document comes without its padding, and is a PDF only if it begins as one", async () => {
  const documents = Object.fromEntries(documentFiles().map(({ path, bytes }) => [path, bytes]));
  const letter = documentOf((await read(documents.PDF1)).dataSet);
  assert.deepEqual([letter.title, letter.extension, letter.pdf], ["Letter to the doctor", "pdf", true]);
  assert.deepEqual(Buffer.from(letter.bytes), pdf());
  const model = documentOf((await read(documents.STL1)).dataSet);
  assert.deepEqual([model.extension, model.pdf], ["stl", false]);
  assert.deepEqual(Buffer.from(model.bytes), STL);
  const disguised = Buffer.from(documents.PDF1);
  disguised.write("<html>", disguised.indexOf("%PDF-"));
  assert.equal(documentOf((await read(disguised)).dataSet).pdf, false);
});

test("a video's stream is its fragments one after another, of the form it begins with", async () => {
  const files = Object.fromEntries(documentFiles().map(({ path, bytes }) => [path, bytes]));
  const { dataSet, transferSyntax } = await read(files.ES1);
  const video = videoOf(dataSet, transferSyntax);
  assert.equal(transferSyntax, MPEG2);
  assert.deepEqual([video.type, video.extension], ["video/mpeg", "mpg"]);
  assert.deepEqual(Buffer.concat(video.pieces), MPEG2_STREAM);
});

test("a series of several kinds becomes one of each, and others stay as they are", () => {
  const instance = (uid, syntax = "1.2.840.10008.1.2.1") => ({ class: uid, syntax });
  const [still, film, letter] = [instance("1.2.840.10008.5.1.4.1.1.77.1.1"), instance(CLASSES.endoscopy, "1.2.840.10008.1.2.4.106.1"), instance(CLASSES.pdf)];
  const whole = { uid: "1", instances: [still, still] };
  const study = { series: [whole, { uid: "2", instances: [film, still, film, letter] }] };
  separateKinds({ patients: [{ studies: [study] }] });
  assert.deepEqual(study.series.map(({ uid, instances }) => [uid, instances.map(kindOf)]), [["1", ["picture", "picture"]], ["2", ["video", "video"]], ["2", ["picture"]], ["2", ["document"]]]);
  assert.equal(study.series[0], whole);
});

test("curves are as high as what they say: in whole squares, smaller where they would be too high", () => {
  const channel = (unit, ...values) => ({ name: "", unit, value: (sample) => values[sample] });
  const scale = (channel) => scaleOf(channel, { from: 0, to: 3 });
  assert.deepEqual(scale(channel("mV", -0.2, 0, 1.3)), { least: -0.2, most: 1.3, bottom: -1, mmPerUnit: 10, heightMm: 25 });
  assert.deepEqual(scale(channel("mV", -5, 0, 5)), { least: -5, most: 5, bottom: -5, mmPerUnit: 5, heightMm: 50 });
  assert.equal(scale(channel("mm[Hg]", 80, 100, 120)).mmPerUnit * 40, 30);
  assert.equal(scale(channel("mV", Number.NaN, Number.NaN, Number.NaN)), undefined);
});

const skip = corpus() === undefined ? skipped("no test files; set FILMROOM_CORPUS") : python() === undefined ? skipped("no Python with pydicom; set FILMROOM_TEST_PYTHON") : false;

test("waveforms have the values that pydicom gives them", { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "waveforms-"));
  try {
    const made = join(folder, "made.dcm");
    writeFileSync(made, ecg());
    const files = [made, join(corpus(), "derived/ecg_12lead_blanked.dcm")];
    const ran = spawnSync(python(), [new URL("support/waveforms.py", import.meta.url).pathname], { input: files.join("\n"), encoding: "utf8", maxBuffer: 2 ** 28 });
    assert.equal(ran.status, 0, ran.stderr);
    const wanted = ran.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.equal(wanted.length, 5);
    const millivolts = { uV: 1e-3, "mm[Hg]": 1 };
    for (const { file, number, label, frequency, channels, units, values } of wanted) {
      const group = groupsOf((await read(readFileSync(file))).dataSet)[number];
      assert.deepEqual([group.label, group.frequency, group.channels.map(({ name }) => name)], [label, frequency, channels]);
      for (const [at, channel] of group.channels.entries()) {
        assert.equal(group.samples, values[at].length);
        const differs = values[at].findIndex((value, sample) => Math.abs(channel.value(sample) - value * millivolts[units[at]]) > 1e-9);
        assert.equal(differs, -1, `${file}: group ${number}, channel ${at}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what cannot be drawn of a waveform does not take the rest with it", async () => {
  const groups = groupsOf((await read(ecg())).dataSet);
  assert.deepEqual(groups.map((group) => group instanceof CannotShow), [false, false, false, true]);
});

/** What a screen asks a file for. */
const look = {
  report: ({ dataSet }) => reportOf(dataSet),
  document: ({ dataSet }) => documentOf(dataSet),
  video: ({ dataSet, transferSyntax }) => videoOf(dataSet, transferSyntax),
  waveform({ dataSet }) {
    for (const group of groupsOf(dataSet)) if (!(group instanceof CannotShow)) for (const channel of group.channels) scaleOf(channel, { from: 0, to: Math.min(group.samples, 500) });
  },
};

test("a file cut anywhere, or with any byte changed, is refused or shown, and never more than that", async () => {
  const files = Object.fromEntries(documentFiles().map(({ path, bytes }) => [path, bytes]));
  const attempt = async (kind, bytes) => {
    try {
      look[kind](await read(bytes));
    } catch (error) {
      assert.ok(error instanceof Malformed || error instanceof CannotShow || error instanceof RangeError, `${error.stack}`);
    }
  };
  for (const [kind, path] of [["report", "SR1"], ["document", "STL1"], ["video", "ES1"], ["waveform", "ECG1"]]) {
    const whole = files[path].subarray(0, 6000);
    for (let length = 132; length < whole.length; length += 7) await attempt(kind, whole.subarray(0, length));
    for (let at = 132; at < Math.min(whole.length, 3500); at++) {
      const changed = Buffer.from(files[path]);
      changed[at] ^= at % 2 ? 1 : 0x81;
      await attempt(kind, changed);
    }
  }
});

test("every real file of these kinds is shown", { skip: corpus() === undefined && skip }, async () => {
  const shown = new Map();
  for (const path of corpusFiles()) {
    const file = await read(readFileSync(path));
    const kind = kindOf({ class: file.dataSet.string(0x00080016) ?? "", syntax: file.transferSyntax });
    if (kind === "picture") continue;
    look[kind](file);
    if (kind === "report") assert.ok(lines(reportOf(file.dataSet).root).length > 3, path);
    shown.set(kind, (shown.get(kind) ?? 0) + 1);
  }
  assert.ok(shown.get("report") >= 7 && shown.get("document") >= 2 && shown.get("waveform") >= 1 && shown.get("video") >= 2, JSON.stringify(Array.from(shown)));
});
