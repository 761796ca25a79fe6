// Instances that are no pictures, on a disc of their own: reports, documents, waveforms, videos.

import { readFileSync } from "node:fs";
import { CAPTURE, encapsulated, EXPLICIT, file, sequence, slice } from "./dicom.js";

const UID = "1.2.840.10008.5.1.4.1.1.";
export const CLASSES = { report: `${UID}88.33`, keyObjects: `${UID}88.59`, pdf: `${UID}104.1`, stl: `${UID}104.3`, ecg: `${UID}9.1.1`, hemodynamic: `${UID}9.2.1`, endoscopy: `${UID}77.1.1.1` };
export const MPEG2 = "1.2.840.10008.1.2.4.100";
export const MPEG4 = "1.2.840.10008.1.2.4.102";
/** The image that the report speaks of. */
const IMAGE = "1.2.7.1.1.1";

export const MARKUP = "<b>no</b> nodules";
const code = (tag, meaning, value = "1", scheme = "99TEST") => [tag, "SQ", sequence([[0x00080100, "SH", value], [0x00080102, "SH", scheme], [0x00080104, "LO", meaning]])];
const unit = (tag, value) => code(tag, value === "mm[Hg]" ? "mmHg" : value, value, "UCUM");

/** An item of a report: its value type, its concept and what else it has. */
function said(type, concept, more = [], relation = "CONTAINS") {
  return [[0x0040a010, "CS", relation], [0x0040a040, "CS", type], ...(concept ? [code(0x0040a043, concept)] : []), ...more];
}

const inside = (...items) => [0x0040a730, "SQ", sequence(...items)];
const reference = (uid, frames) => [0x00081199, "SQ", sequence([[0x00081150, "UI", CAPTURE], [0x00081155, "UI", uid], ...(frames ? [[0x00081160, "IS", frames]] : [])])];
const number = (value, code) => [0x0040a300, "SQ", sequence([unit(0x004008ea, code), [0x0040a30a, "DS", value]])];

/** A report that has every type of value, in Latin, with an item in Greek. */
export function report(uid = "1.2.7.2.1") {
  const greek = [[0x00080005, "CS", "ISO_IR 126"], ...said("TEXT", "Comment", [[0x0040a160, "UT", Buffer.from([0xea, 0xe1, 0xeb, 0xdc])]])];
  const findings = said("CONTAINER", "Findings", [
    inside(
      said("TEXT", "Lungs", [[0x0040a160, "UT", `Two lines:\r\n${MARKUP}`]]),
      said("NUM", "Diameter", [number("12.5", "mm"), inside(said("IMAGE", "", [reference(IMAGE)], "INFERRED FROM"), said("SCOORD", "", [], "INFERRED FROM"))]),
      said("NUM", "Nodules", [number("0", "1")]),
      said("CODE", "Side", [code(0x0040a168, "Left")]),
      said("CONTAINER", "Times", [
        inside(said("DATE", "Day", [[0x0040a121, "DA", "20261012"]]), said("TIME", "Hour", [[0x0040a122, "TM", "101500"]]), said("DATETIME", "Moment", [[0x0040a120, "DT", "20261012101500.000-0500"]])),
      ]),
    ),
  ]);
  const content = [
    said("PNAME", "Observer", [[0x0040a123, "PN", "M\xfcller^Eva"]], "HAS OBS CONTEXT"),
    said("UIDREF", "Device", [[0x0040a124, "UI", "1.2.3.4.5"]]),
    findings,
    greek,
    said("COMPOSITE", "Compared with", [reference("9.9.9")]),
    [[0x0040a010, "CS", "SELECTED FROM"], [0x0040db73, "UL", longs(1, 3, 2)]],
    said("TABLE", "Values"),
  ];
  const verifier = [[0x0040a027, "LO", "St. M\xe4ry"], [0x0040a030, "DT", "20261013080000"], [0x0040a075, "PN", "Riesmeier^J\xf6rg"]];
  return file(
    [[0x00080005, "CS", "ISO_IR 100"], [0x00080023, "DA", "20261012"], ...said("CONTAINER", "Chest CT report").slice(1), [0x0040a073, "SQ", sequence(verifier)], [0x0040a491, "CS", "COMPLETE"], [0x0040a493, "CS", "VERIFIED"], inside(...content)],
    { uid, classUid: CLASSES.report },
  );
}

function keyObjects(uid) {
  const content = inside(said("IMAGE", "", [reference(IMAGE)]), said("IMAGE", "", [reference("9.9.9")]));
  return file([...said("CONTAINER", "Of Interest").slice(1), content], { uid, classUid: CLASSES.keyObjects });
}

/** A page that says something, with the offsets that its table of contents needs. */
export function pdf() {
  const said = "BT /F1 20 Tf 40 100 Td (A letter on a disc) Tj ET";
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
    `<</Length ${said.length}>>stream\n${said}\nendstream`,
  ];
  let text = "%PDF-1.4\n";
  const offsets = objects.map((object, at) => {
    const offset = text.length;
    text += `${at + 1} 0 obj${object}endobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  return Buffer.from(`${text}xref\n0 5\n0000000000 65535 f \n${table}trailer<</Size 5/Root 1 0 R>>\nstartxref\n${text.length}\n%%EOF\n`);
}

export const STL = Buffer.from("solid made\nendsolid made");

function encapsulatedDocument(uid, classUid, type, title, bytes) {
  const elements = [[0x00080005, "CS", "ISO_IR 100"], [0x00420010, "ST", title], [0x00420011, "OB", bytes], [0x00420012, "LO", type], [0x00420015, "UL", longs(bytes.length)]];
  return file(elements, { uid, classUid });
}

/** What is stored; what was recorded is 2.5 × 2 times that and 100 more, in the channel's unit. */
const stored = (channel, sample) => Math.round(60 * Math.sin(sample / 20 + channel) + (sample % 200 < 6 ? 180 : 0));

function channel(name, measured) {
  return [code(0x003a0208, name), [0x003a0210, "DS", "2.5"], unit(0x003a0211, measured), [0x003a0212, "DS", "2"], [0x003a0213, "DS", "100"]];
}

/** A group of channels in 16-bit numbers at 250 a second. */
function group(label, names, samples, { measured = "uV", interpretation = "SS" } = {}) {
  const data = Buffer.alloc(names.length * samples * 2);
  for (let sample = 0; sample < samples; sample++) names.forEach((_, number) => data.writeInt16LE(stored(number, sample), (sample * names.length + number) * 2));
  return [
    [0x003a0005, "US", names.length],
    [0x003a0010, "UL", longs(samples)],
    [0x003a001a, "DS", "250"],
    [0x003a0020, "SH", label],
    [0x003a0200, "SQ", sequence(...names.map((name) => channel(name, measured)))],
    [0x54001004, "US", interpretation === "MB" ? 8 : 16],
    [0x54001006, "CS", interpretation],
    [0x54001010, "OW", data],
  ];
}

export function ecg(uid = "1.2.7.4.1") {
  const groups = sequence(group("RHYTHM", ["Lead I", "Lead II", "Lead III"], 2500), group("LONG", ["Lead II"], 250 * 70), group("PRESSURE", ["Aorta"], 1000, { measured: "mm[Hg]" }), group("SPOKEN", ["Notes"], 100, { interpretation: "MB" }));
  return file([[0x00080005, "CS", "ISO_IR 100"], [0x54000100, "SQ", groups]], { uid, classUid: CLASSES.ecg });
}

function longs(...values) {
  return Buffer.from(Uint32Array.from(values).buffer);
}

function video(uid, syntax, stream) {
  return Buffer.concat([file([[0x00280010, "US", 48], [0x00280011, "US", 64]], { uid, syntax, classUid: CLASSES.endoscopy }), encapsulated([stream.subarray(0, 3000), stream.subarray(3000)])]);
}

export const MPEG2_STREAM = Buffer.concat([Buffer.from("000001b3", "hex"), Buffer.alloc(4000, 7)]);

/** The files of the disc. `clip` is a stream that browsers play; without one, there is only one that they do not. */
export function documentFiles(clip) {
  const patient = { id: "MRN-00417", name: "Rivera^Ana María", birth_date: "19710314", sex: "F" };
  const study = { uid: "1.2.7", date: "20261012", time: "101500", description: "Heart and lungs", accession: "A1" };
  const files = [];
  const series = (uid, modality, description) => ({ uid, modality, number: "1", description });
  const add = (about, path, bytes, classUid, { syntax = EXPLICIT, frames = 0, uid } = {}) =>
    files.push({ path, bytes, about: { patient, study, series: about, instance: { uid, class: classUid, syntax, number: "1", frames } } });
  const [axial, words, letters, tracing, film] = [series("1.2.7.1", "CT", "Axial"), series("1.2.7.2", "SR", "Findings of the day"), series("1.2.7.3", "DOC", "Letters"), series("1.2.7.4", "ECG", "At rest"), series("1.2.7.5", "ES", "Endoscopy")];
  for (const number of [1, 2]) add(axial, `CT${number}`, slice({ uid: `1.2.7.1.1.${3 - number}`, value: (x, y) => 1024 + x * number + y }), CAPTURE, { uid: `1.2.7.1.1.${3 - number}`, frames: 1 });
  add(words, "SR1", report(), CLASSES.report, { uid: "1.2.7.2.1" });
  add(words, "KO1", keyObjects("1.2.7.2.2"), CLASSES.keyObjects, { uid: "1.2.7.2.2" });
  add(words, "SR3", report().subarray(0, 700), CLASSES.report, { uid: "1.2.7.2.3" });
  add(letters, "PDF1", encapsulatedDocument("1.2.7.3.1", CLASSES.pdf, "application/pdf", "Letter to the doctor", pdf()), CLASSES.pdf, { uid: "1.2.7.3.1" });
  add(letters, "STL1", encapsulatedDocument("1.2.7.3.2", CLASSES.stl, "model/stl", "", STL), CLASSES.stl, { uid: "1.2.7.3.2" });
  add(tracing, "ECG1", ecg(), CLASSES.ecg, { uid: "1.2.7.4.1" });
  // A still among the videos: it gets a picture's screen.
  add(film, "ES1", video("1.2.7.5.1", MPEG2, MPEG2_STREAM), CLASSES.endoscopy, { uid: "1.2.7.5.1", syntax: MPEG2, frames: 25 });
  if (clip) add(film, "ES2", video("1.2.7.5.2", MPEG4, clip), CLASSES.endoscopy, { uid: "1.2.7.5.2", syntax: MPEG4, frames: 25 });
  add(film, "ES3", slice({ uid: "1.2.7.5.3", value: (x) => 1024 + x }), CAPTURE, { uid: "1.2.7.5.3", frames: 1 });
  return files;
}

/** The stream of a real video in a file of DICOM, if there are files. */
export function clipIn(corpus) {
  if (!corpus) return undefined;
  const bytes = readFileSync(`${corpus}/derived/video_h264_hp41.dcm`);
  const begins = bytes.indexOf("ftypisom") - 4;
  return bytes.subarray(begins, begins + bytes.readUInt32LE(begins - 4));
}
