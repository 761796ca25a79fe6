// Studies that a test can look at: what is on the made-up disc.

import { CAPTURE, CT, described, EXPLICIT, file, slice, squeezedSlice } from "./dicom.js";
import { compressed, LOSSLESS } from "./encoders.js";

/** What no page decodes: its pixels are elsewhere. */
const JPIP = "1.2.840.10008.1.2.4.94";
/** Images of the compressed series: one in each encoding. */
export const SQUEEZED = LOSSLESS.length;
export const SLICES = 12;

/** The stored value of a slice's pixel. */
export function valueAt(number, x, y) {
  return 1024 + ((x * 16 + y * 4 + number * 50) % 1024);
}

/** Noise that does not deflate, so that a small disc has many parts. */
function noise(bytes, seed) {
  const filled = Buffer.alloc(bytes);
  let state = seed;
  for (let at = 0; at < bytes; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    filled[at] = state >>> 24;
  }
  return filled;
}

/** The files of a disc: a CT series, compressed slices, an image of an unknown encoding, a clip in color, a report, and what goes beside them. */
export async function sampleFiles() {
  const patient = { id: "MRN-00417", name: "Rivera^Ana María", birth_date: "19710314", sex: "F" };
  const chest = { uid: "1.2.3.1", date: "20261012", time: "101500", description: "CT chest <b>with contrast</b>", accession: "A1" };
  const heart = { uid: "1.2.3.2", date: "20250203", time: "", description: "", accession: "" };
  const axial = { uid: "1.2.3.1.1", modality: "CT", number: "2", description: "Axial 5 mm" };
  const squeezed = { uid: "1.2.3.1.2", modality: "CT", number: "3", description: "Compressed" };
  const unknown = { uid: "1.2.3.1.4", modality: "MR", number: "4", description: "Unknown" };
  const words = { uid: "1.2.3.1.3", modality: "SR", number: "9", description: "Radiologist's report" };
  const clip = { uid: "1.2.3.2.1", modality: "US", number: "1", description: "" };
  const about = (study, series, uid, more = {}) => ({ patient, study, series, instance: { uid, class: CT, syntax: EXPLICIT, number: "1", frames: 1, ...more } });
  const files = [];
  for (let number = 0; number < SLICES; number++) {
    const uid = `1.2.3.1.1.${number + 1}`;
    files.push({ path: `IMAGES/CT/I${number}`, bytes: slice({ uid, value: (x, y) => valueAt(number, x, y) }), about: about(chest, axial, uid, { number: String(number + 1) }) });
  }
  for (const [number, syntax] of LOSSLESS.entries()) {
    const uid = `1.2.3.1.2.${number + 1}`;
    const bytes = await squeezedSlice({ uid, syntax, value: (x, y) => valueAt(number, x, y), compress: (pixels) => compressed(syntax, pixels) });
    files.push({ path: `IMAGES/SQ/I${number}`, bytes, about: about(chest, squeezed, uid, { syntax, number: String(number + 1) }) });
  }
  const strange = file([...described({ rows: 8, columns: 8 }), [0x7fe00010, "OB", Buffer.alloc(16)]], { uid: "1.2.3.1.4.1", syntax: JPIP });
  files.push({ path: "IMAGES/MR/I0", bytes: strange, about: about(chest, unknown, "1.2.3.1.4.1", { syntax: JPIP }) });
  files.push({ path: "IMAGES/SR/I0", bytes: file([[0x00400000 + 0xa040, "CS", "TEXT"]], { uid: "1.2.3.1.3.1" }), about: about(chest, words, "1.2.3.1.3.1", { frames: 0 }) });
  const clipBytes = file([...described({ rows: 120, columns: 160, samples: 3, photometric: "RGB", allocated: 8, frames: 8 }), [0x7fe00010, "OB", noise(160 * 120 * 3 * 8, 7)]], { uid: "1.2.3.2.1.1", classUid: CAPTURE });
  files.push({ path: "IMAGES/US/I0", bytes: clipBytes, about: about(heart, clip, "1.2.3.2.1.1", { class: CAPTURE, frames: 8 }) });
  files.push({ path: "README.TXT", bytes: Buffer.from("What this is.\n") }, { path: "DICOMDIR", bytes: noise(3000, 3) });
  return files;
}
