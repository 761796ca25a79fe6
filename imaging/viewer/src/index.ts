/** The index of a disc: section 6 of the disc's format. */

import { type Bytes, hex } from "./bytes";
import { type Head, sha256 } from "./head";

export interface StoredFile {
  path: string;
  offset: number;
  bytes: number;
  method: "stored" | "deflate";
  source_bytes: number;
  sha256: string;
}

export interface Instance {
  file: number;
  uid: string;
  class: string;
  syntax: string;
  number: string;
  frames: number;
}

export interface Series {
  uid: string;
  modality: string;
  number: string;
  description: string;
  instances: Instance[];
}

export interface Study {
  uid: string;
  date: string;
  time: string;
  description: string;
  accession: string;
  series: Series[];
}

export interface Patient {
  id: string;
  name: string;
  birth_date: string;
  sex: string;
  studies: Study[];
}

/** What there is to see. */
export interface Listing {
  patients: Patient[];
}

export interface Index extends Listing {
  made_on: string;
  number: number;
  of: number;
  body_bytes: number;
  files: StoredFile[];
  /** What is on the other discs of the set. */
  others: OtherDisc[];
}

export interface OtherDisc {
  number: number;
  studies: { uid: string; date: string; description: string; modalities: string[]; instances: number }[];
}

/** No image has more frames; what claims more would only make the page wait. */
export const MOST_FRAMES = 1_000_000;

/** The index is whole, as its digest shows, and yet not of the form it should have. */
export class BadIndex extends Error {}

type Shape = "text" | "count" | Shape[] | { [member: string]: Shape };

const SHAPE: Shape = {
  format: "text",
  made_on: "text",
  number: "count",
  of: "count",
  body_bytes: "count",
  files: [{ path: "text", offset: "count", bytes: "count", method: "text", source_bytes: "count", sha256: "text" }],
  patients: [
    {
      id: "text",
      name: "text",
      birth_date: "text",
      sex: "text",
      studies: [
        {
          uid: "text",
          date: "text",
          time: "text",
          description: "text",
          accession: "text",
          series: [
            {
              uid: "text",
              modality: "text",
              number: "text",
              description: "text",
              instances: [{ file: "count", uid: "text", class: "text", syntax: "text", number: "text", frames: "count" }],
            },
          ],
        },
      ],
    },
  ],
};

/** Of a disc that is one of several; others lack it. */
const OTHERS: Shape = [{ number: "count", studies: [{ uid: "text", date: "text", description: "text", modalities: ["text"], instances: "count" }] }];

const PATH = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)?(\/[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)?){0,7}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/** Reads the plain bytes of an index and holds it against the head. */
export async function readIndex(plain: Bytes, head: Head): Promise<Index> {
  if (hex(await sha256(plain)) !== head.recipeDigest) throw new BadIndex("not the index that the head names");
  const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plain));
  if (!isShaped(value, SHAPE)) throw new BadIndex("a member is missing or of another type");
  const index = value as Index & { format: string };
  index.others ??= [];
  if (!isShaped(index.others, OTHERS)) throw new BadIndex("what is said of other discs is of another type");
  if (index.format !== "filmroom disc 1") throw new BadIndex("of another format");
  checkFiles(index, head);
  return index;
}

function isShaped(value: unknown, shape: Shape): boolean {
  if (shape === "text") return typeof value === "string";
  if (shape === "count") return Number.isSafeInteger(value) && (value as number) >= 0;
  if (Array.isArray(shape)) return Array.isArray(value) && value.every((one) => isShaped(one, shape[0] ?? "text"));
  if (typeof value !== "object" || value === null) return false;
  const members = value as Record<string, unknown>;
  return Object.entries(shape).every(([member, inner]) => isShaped(members[member], inner));
}

function checkFiles({ files, body_bytes, patients }: Index, { segmentBytes, bodyParts }: Head): void {
  let end = 0;
  for (const file of files) {
    const sound = file.offset === end && (file.method === "deflate" || (file.method === "stored" && file.bytes === file.source_bytes));
    if (!sound || !PATH.test(file.path) || !SHA256.test(file.sha256)) throw new BadIndex("a file is not where or what it should be");
    end += file.bytes;
  }
  if (end !== body_bytes || Math.max(1, Math.ceil(end / segmentBytes)) !== bodyParts) throw new BadIndex("the files do not fill the body");
  if (new Set(files.map((file) => file.path)).size !== files.length) throw new BadIndex("two files have one path");
  const instances = patients.flatMap((patient) => patient.studies).flatMap((study) => study.series).flatMap((series) => series.instances);
  if (instances.some((instance) => instance.file >= files.length)) throw new BadIndex("an instance has no file");
  for (const instance of instances) instance.frames = Math.min(instance.frames, MOST_FRAMES);
}
