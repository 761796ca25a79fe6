// Writes sealed discs as docs/sealed-disc.md has them: a second hand at the format, for tests only.

import { createCipheriv, createHash, hkdfSync, pbkdf2Sync, randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";

export const WORDS = "garland-outfit-unsmooth-sixtieth-crumb-velcro";
const PAGE = new URL("../../dist/index.htm", import.meta.url).pathname;
const ITERATIONS = 600_000;

/** Where a part's file is. */
export function partFile(folder, stream, number) {
  return join(folder, "DATA", `${stream}${String(number).padStart(7, "0")}.JS`);
}

/**
 * Writes a disc into `folder`. `files` are `{path, bytes}`, deflated where that helps and not `stored`; those with `about` being instances:
 * `{patient, study, series}` (objects that stand for one each) and what an index says of an instance. Chance is taken
 * in the order of the format's test vectors.
 */
export function writeDisc(folder, files, { codes = [WORDS], segment = 65536, random = randomBytes, madeOn = "2026-11-25", recipe, contact, set = { number: 1, of: 1 } } = {}) {
  const placed = [];
  let offset = 0;
  const body = [];
  for (const { path, bytes, stored } of files) {
    const deflated = deflateRawSync(bytes);
    const small = !stored && deflated.length < bytes.length;
    const data = small ? deflated : bytes;
    placed.push({ path, offset, bytes: data.length, method: small ? "deflate" : "stored", source_bytes: bytes.length, sha256: sha256(bytes).toString("hex") });
    body.push(data);
    offset += data.length;
  }
  const parts = Math.max(1, Math.ceil(offset / segment));
  const plain = Buffer.concat([...body, Buffer.alloc(parts * segment - offset)]);
  const salt = random(32);
  const nonces = codes.map(() => random(12));
  const blind = random(32).toString("hex");
  const index = padded(JSON.stringify({ format: "filmroom disc 1", blind, recipe: recipe ?? sha256(plain).toString("hex"), made_on: madeOn, number: set.number, of: set.of, body_bytes: offset, files: placed, patients: tree(files), others: set.others }));
  const [disc, dataKey] = [random(16), random(32)];
  const header = headerOf({ disc, salt, slots: codes.length, segment, index, parts });
  const slots = codes.map((code, number) => slotOf(header, pbkdf2Sync(code, salt, ITERATIONS, 32, "sha256"), nonces[number], number, dataKey));
  const head = Buffer.concat([header, ...slots]);
  const digest = sha256(header);
  const seal = sealer(disc, digest, dataKey);
  mkdirSync(join(folder, "DATA"), { recursive: true });
  copyFileSync(PAGE, join(folder, "INDEX.HTM"));
  writeFileSync(partFile(folder, "H", 0), carrier(disc, "H0000000", Buffer.concat([head, sha256(head)]), 4096));
  if (contact) {
    const text = Buffer.from(contact);
    writeFileSync(partFile(folder, "C", 0), carrier(disc, "C0000000", Buffer.concat([Buffer.from([text.length >> 8, text.length & 255]), text]), 4096));
  }
  for (const [stream, bytes] of [["I", index], ["B", plain]]) {
    const count = Math.ceil(bytes.length / segment);
    for (let number = 0; number < count; number++) {
      const piece = bytes.subarray(number * segment, (number + 1) * segment);
      writeFileSync(partFile(folder, stream, number), seal(stream, number, piece, number === count - 1));
    }
  }
  return { files: placed, parts };
}

function headerOf({ disc, salt, slots, segment, index, parts }) {
  const header = Buffer.alloc(112);
  header.write("FRDISC1\0", 0, "latin1");
  disc.copy(header, 8);
  header[24] = 2;
  header[25] = slots;
  header.writeUInt32BE(ITERATIONS, 28);
  header.writeUInt32BE(segment, 32);
  header.writeUInt32BE(index.length, 36);
  header.writeUInt32BE(parts, 40);
  salt.copy(header, 48);
  sha256(index).copy(header, 80);
  return header;
}

function slotOf(header, codeKey, nonce, number, dataKey) {
  return Buffer.concat([nonce, gcm(codeKey, nonce, Buffer.concat([header, Buffer.from("slot"), Buffer.from([number])]), dataKey)]);
}

function sealer(disc, digest, dataKey) {
  const keys = { I: streamKey("index"), B: streamKey("body") };
  function streamKey(stream) {
    return Buffer.from(hkdfSync("sha256", dataKey, digest, `filmroom disc ${stream}`, 32));
  }
  return (stream, number, piece, last) => {
    const name = `${stream}${String(number).padStart(7, "0")}`;
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(number, 7);
    nonce[11] = last ? 1 : 0;
    return carrier(disc, name, gcm(keys[stream], nonce, Buffer.concat([digest, Buffer.from(name)]), piece), piece.length + 4096);
  };
}

function gcm(key, nonce, aad, plain) {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(aad);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function carrier(disc, name, content, length) {
  const pieces = [Buffer.from(`part("${disc.toString("hex")}","${name}",function(){/*`)];
  let from = 0;
  for (let star = content.indexOf(0x2a); star >= 0; star = content.indexOf(0x2a, star + 1)) {
    if (content[star + 1] !== 0x2f && content[star + 1] !== 0x5c) continue;
    pieces.push(content.subarray(from, star + 1), Buffer.from("\\"));
    from = star + 1;
  }
  const whole = Buffer.concat([...pieces, content.subarray(from), Buffer.from("*/});")]);
  if (whole.length >= length) throw new Error(`${name} does not fit`);
  const padding = Buffer.alloc(length - whole.length, " ");
  padding[padding.length - 1] = 0x0a;
  return Buffer.concat([whole, padding]);
}

function tree(files) {
  const patients = [];
  const child = (list, about, made) => {
    let found = list.find((one) => one.about === about);
    if (!found) list.push((found = { about, made }));
    return found.made;
  };
  const [patientList, studyLists, seriesLists] = [patients, new Map(), new Map()];
  const listOf = (lists, parent) => lists.get(parent) ?? lists.set(parent, []).get(parent);
  files.forEach(({ about }, file) => {
    if (!about) return;
    const patient = child(patientList, about.patient, { ...about.patient, studies: [] });
    const study = child(listOf(studyLists, patient), about.study, { ...about.study, series: [] });
    if (!patient.studies.includes(study)) patient.studies.push(study);
    const series = child(listOf(seriesLists, study), about.series, { ...about.series, instances: [] });
    if (!study.series.includes(series)) study.series.push(series);
    series.instances.push({ file, ...about.instance });
  });
  return patients.map(({ made }) => made);
}

function padded(text) {
  const bytes = Buffer.from(text);
  return Buffer.concat([bytes, Buffer.alloc((65536 - (bytes.length % 65536)) % 65536, " ")]);
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest();
}
