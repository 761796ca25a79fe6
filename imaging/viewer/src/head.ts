/** The head of a disc, and the keys it gives for the opening code: sections 3 and 4 of the disc's format. */

import { type Bytes, hex } from "./bytes";
import { BadPart, content, type PartName, type Source, unescaped } from "./parts";

const HEAD: PartName = { stream: "H", number: 0 };
const HEADER_BYTES = 112;
const SLOT_BYTES = 60;
const DIGEST_BYTES = 32;
const NONCE_BYTES = 12;
const MOST_SLOTS = 8;
const MAGIC = "FRDISC1\0";
const utf8 = new TextEncoder();

/** A disc of a form that this page does not know. */
export class UnknownForm extends Error {}

/** What the head says in the clear. */
export interface Head {
  /** 32 hexadecimal digits. */
  disc: string;
  header: Bytes;
  /** SHA-256 of the header. */
  digest: Bytes;
  slots: Bytes[];
  iterations: number;
  segmentBytes: number;
  indexBytes: number;
  bodyParts: number;
  salt: Bytes;
  recipeDigest: string;
}

export interface Keys {
  index: CryptoKey;
  body: CryptoKey;
}

/** Reads and checks the head. */
export async function readHead(source: Source): Promise<Head> {
  const bytes = await content(source, HEAD, undefined, (escaped) => {
    const slots = unescaped(escaped, 26)?.[25] ?? 0;
    return HEADER_BYTES + Math.min(slots, MOST_SLOTS) * SLOT_BYTES + DIGEST_BYTES;
  });
  const sealed = bytes.subarray(0, -DIGEST_BYTES);
  if (hex(await sha256(sealed)) !== hex(bytes.subarray(-DIGEST_BYTES))) throw new BadPart(HEAD, "damaged");
  const header = sealed.slice(0, HEADER_BYTES);
  const view = new DataView(header.buffer);
  const slots = Array.from({ length: view.getUint8(25) }, (_, slot) => sealed.slice(HEADER_BYTES + slot * SLOT_BYTES, HEADER_BYTES + (slot + 1) * SLOT_BYTES));
  const head: Head = {
    disc: hex(header.subarray(8, 24)),
    header,
    digest: await sha256(header),
    slots,
    iterations: view.getUint32(28),
    segmentBytes: view.getUint32(32),
    indexBytes: view.getUint32(36),
    bodyParts: view.getUint32(40),
    salt: header.slice(48, 80),
    recipeDigest: hex(header.subarray(80, 112)),
  };
  if (!isKnown(head)) throw new UnknownForm("the head has values that this page does not know");
  return head;
}

function isKnown({ header, slots, iterations, segmentBytes, indexBytes, bodyParts }: Head): boolean {
  const zero = [26, 27, 44, 45, 46, 47].every((at) => header[at] === 0);
  return (
    String.fromCharCode(...header.subarray(0, 8)) === MAGIC &&
    header[24] === 2 &&
    zero &&
    slots.length >= 1 &&
    slots.length <= MOST_SLOTS &&
    iterations >= 600_000 &&
    iterations <= 10_000_000 &&
    segmentBytes >= 65_536 &&
    segmentBytes <= 4_194_304 &&
    segmentBytes % 65_536 === 0 &&
    indexBytes >= 65_536 &&
    indexBytes % 65_536 === 0 &&
    bodyParts >= 1
  );
}

/** The keys, if the code opens a slot. */
export async function unlock(head: Head, normalCode: string): Promise<Keys | undefined> {
  const secret = await crypto.subtle.importKey("raw", utf8.encode(normalCode), "PBKDF2", false, ["deriveKey"]);
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt: head.salt, iterations: head.iterations };
  const codeKey = await crypto.subtle.deriveKey(derivation, secret, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  for (const [number, slot] of head.slots.entries()) {
    const additionalData = new Uint8Array([...head.header, ...utf8.encode("slot"), number]);
    const opened = crypto.subtle.decrypt({ name: "AES-GCM", iv: slot.subarray(0, NONCE_BYTES), additionalData }, codeKey, slot.subarray(NONCE_BYTES));
    const dataKey = await opened.catch(() => undefined);
    if (dataKey) return { index: await streamKey(head, dataKey, "index"), body: await streamKey(head, dataKey, "body") };
  }
  return undefined;
}

async function streamKey(head: Head, dataKey: ArrayBuffer, stream: string): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey("raw", dataKey, "HKDF", false, ["deriveKey"]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: head.digest, info: utf8.encode(`filmroom disc ${stream}`) };
  return crypto.subtle.deriveKey(derivation, secret, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
