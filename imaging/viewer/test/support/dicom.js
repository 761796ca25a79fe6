// Small DICOM files, written by hand (PS3.5, Explicit VR Little Endian), with pixels that a test can foretell.

const LONG = new Set(["OB", "OV", "OW", "SQ", "UC", "UN", "UT"]);
export const EXPLICIT = "1.2.840.10008.1.2.1";
export const CT = "1.2.840.10008.5.1.4.1.1.2";
export const CAPTURE = "1.2.840.10008.5.1.4.1.1.7";

function element(tag, vr, value) {
  let bytes = Buffer.isBuffer(value) ? value : typeof value === "number" ? u16(value) : Buffer.from(String(value), "latin1");
  if (bytes.length % 2) bytes = Buffer.concat([bytes, Buffer.from(vr === "UI" || vr === "OB" ? "\0" : " ")]);
  const head = Buffer.alloc(LONG.has(vr) ? 12 : 8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  head.write(vr, 4, "latin1");
  if (LONG.has(vr)) head.writeUInt32LE(bytes.length, 8);
  else head.writeUInt16LE(bytes.length, 6);
  return Buffer.concat([head, bytes]);
}

function u16(value) {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

/** The value of a sequence of items with these elements each, for a file of `file`'s. */
export function sequence(...items) {
  const item = (elements) => {
    const bytes = Buffer.concat(elements.toSorted(([one], [other]) => one - other).map((one) => element(...one)));
    const head = Buffer.from("feff00e000000000", "hex");
    head.writeUInt32LE(bytes.length, 4);
    return Buffer.concat([head, bytes]);
  };
  return Buffer.concat(items.map(item));
}

/** A file of PS3.10 with these elements: `[tag, VR, value]`, in any order. */
export function file(elements, { syntax = EXPLICIT, classUid = CT, uid }) {
  const meta = [
    [0x00020001, "OB", Buffer.from([0, 1])],
    [0x00020002, "UI", classUid],
    [0x00020003, "UI", uid],
    [0x00020010, "UI", syntax],
    [0x00020012, "UI", "1.2.3.4"],
  ].map((one) => element(...one));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.concat(meta).length);
  const all = [...elements, [0x00080016, "UI", classUid], [0x00080018, "UI", uid]].sort(([one], [other]) => one - other);
  return Buffer.concat([Buffer.alloc(128), Buffer.from("DICM"), element(0x00020000, "UL", length), ...meta, ...all.map((one) => element(...one))]);
}

/** What an image's pixel description is, with these values. */
export function described({ rows, columns, samples = 1, photometric = "MONOCHROME2", allocated = 16, stored = allocated, signed = 0, planar = 0, frames = 1 }) {
  return [
    [0x00280002, "US", samples],
    [0x00280004, "CS", photometric],
    ...(samples > 1 ? [[0x00280006, "US", planar]] : []),
    ...(frames > 1 ? [[0x00280008, "IS", String(frames)]] : []),
    [0x00280010, "US", rows],
    [0x00280011, "US", columns],
    [0x00280100, "US", allocated],
    [0x00280101, "US", stored],
    [0x00280102, "US", stored - 1],
    [0x00280103, "US", signed],
  ];
}

/** A CT slice: `value(x, y)` as stored, shown by window 1024 at 512 after 1024 is taken off. */
export function slice({ uid, rows = 64, columns = 64, value }) {
  return file([...aboutSlice(rows, columns), [0x7fe00010, "OW", pixelsOf(rows, columns, value)]], { uid });
}

/** Such a slice whose one frame is compressed. */
export async function squeezedSlice({ uid, rows = 64, columns = 64, value, syntax, compress }) {
  const frame = await compress({ columns, rows, pixels: pixelsOf(rows, columns, value) });
  return Buffer.concat([file(aboutSlice(rows, columns), { uid, syntax }), encapsulated([frame])]);
}

/** The pixel data that ends a file, in fragments (PS3.5 annex A.4). */
export function encapsulated(fragments, table = Buffer.alloc(0)) {
  const item = (bytes) => {
    const head = Buffer.from("feff00e000000000", "hex");
    head.writeUInt32LE(bytes.length + (bytes.length % 2), 4);
    return Buffer.concat([head, bytes, Buffer.alloc(bytes.length % 2)]);
  };
  const open = Buffer.from("e07f10004f420000ffffffff", "hex");
  return Buffer.concat([open, item(table), ...fragments.map(item), Buffer.from("feffdde000000000", "hex")]);
}

function pixelsOf(rows, columns, value) {
  const pixels = Buffer.alloc(rows * columns * 2);
  for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) pixels.writeUInt16LE(value(x, y), (y * columns + x) * 2);
  return pixels;
}

function aboutSlice(rows, columns) {
  const lies = [[0x00200037, "DS", "1\\0\\0\\0\\1\\0"], [0x00280030, "DS", "0.5\\0.5"]];
  return [...described({ rows, columns, stored: 12 }), ...lies, [0x00281050, "DS", "512"], [0x00281051, "DS", "1024"], [0x00281052, "DS", "-1024"], [0x00281053, "DS", "1"]];
}

/** The brightness of such a slice's stored value: PS3.3 section C.11.2.1.2. */
export function shown(stored) {
  const value = ((stored - 1024 - 511.5) / 1023 + 0.5) * 255;
  return Math.min(255, Math.max(0, Math.round(value)));
}
