/** Saving all files unsealed: into a folder where the browser lets a page write, else as ZIP archives. */

import { type Bytes, hex } from "./bytes";
import { Malformed } from "./dicom";
import { directoryOfStudy } from "./dicomdir";
import { BadFile, contents, type Disc } from "./disc";
import { sha256 } from "./head";
import type { StoredFile, Study } from "./index";
import { BadPart } from "./parts";
import { crc32, Sha256 } from "./sums";
import { directory, localHeader, type Member } from "./zip";

/** How far saving is. */
export interface Saved {
  files: number;
  bytes: number;
  /** Paths of files that could not be saved. */
  lost: string[];
}

export interface Work {
  disc: Disc;
  files: readonly StoredFile[];
  /** Of these, what is not on the disc as it is saved. */
  made?: Made | undefined;
  signal: AbortSignal;
  report: (saved: Saved) => void;
}

/** A file that was made out of one on the disc. */
export interface Made {
  file: StoredFile;
  bytes: Bytes;
}

/** An archive of the most that every file system and unpacker takes. */
export const ARCHIVE_BYTES = 2 ** 31 - 1;

/** The list of a medium's contents that programs look for: PS3.10 section 8.6. */
export const DIRECTORY = "DICOMDIR";

/** What is saved of a study: its files, and a directory of them alone if the disc's can be read. */
export async function filesOfStudy(disc: Disc, study: Study): Promise<{ files: StoredFile[]; made: Made | undefined }> {
  const { files } = disc.index;
  const own = new Set(study.series.flatMap(({ instances }) => instances).map(({ file }) => files[file]));
  const found = files.filter((file) => own.has(file));
  const directory = files.find(({ path }) => path === DIRECTORY);
  if (!directory) return { files: found, made: undefined };
  const whole = await disc.read(directory).catch(unlessLost);
  // One that is lost is named as lost when it is to be saved.
  if (!whole) return { files: [...found, directory], made: undefined };
  const bytes = partOf(whole, study, new Set(found.map(({ path }) => path)));
  if (!bytes) return { files: found, made: undefined };
  const file: StoredFile = { path: directory.path, offset: 0, bytes: bytes.length, method: "stored", source_bytes: bytes.length, sha256: hex(await sha256(bytes)) };
  return { files: [...found, file], made: { file, bytes } };
}

function unlessLost(error: unknown): undefined {
  if (!(error instanceof BadPart || error instanceof BadFile)) throw error;
}

/** Nothing, if the directory is another program's, or has no record of the study: palettes stand in none. */
function partOf(directory: Bytes, study: Study, paths: ReadonlySet<string>): Bytes | undefined {
  try {
    return directoryOfStudy(directory, study.uid, paths);
  } catch (error) {
    if (error instanceof Malformed || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A file's bytes as they lie on the disc, or as they were made. */
async function* placed({ disc, made }: Work, file: StoredFile): AsyncGenerator<Bytes> {
  if (file === made?.file) yield made.bytes;
  else yield* disc.placed(file);
}

/** Files of the disc, into a new folder within `parent`, which is given back. */
export async function saveToFolder(work: Work, parent: FileSystemDirectoryHandle): Promise<{ saved: Saved; name: string }> {
  const folder = await newFolder(parent, `images-${work.disc.index.made_on}`);
  const saved = await each(work, async (file) => {
    const writable = await (await fileIn(folder, file.path)).createWritable();
    try {
      await verified(work, file, placed(work, file), (piece) => writable.write(piece));
      await writable.close();
    } catch (error) {
      await writable.abort().catch(() => undefined);
      throw error;
    }
  });
  return { saved, name: folder.name };
}

/** Files of the disc as one archive. */
export async function saveAsZip(work: Work): Promise<{ saved: Saved; archive: Blob }> {
  const date = work.disc.index.made_on;
  const members: Member[] = [];
  const parts: Blob[] = [];
  const saved = await each(work, async (file) => {
    const kept: Blob[] = [];
    let crc = 0;
    await verified(work, file, keeping(placed(work, file), kept), (piece) => void (crc = crc32(piece, crc)));
    const member = { path: file.path, deflated: file.method === "deflate", crc32: crc, bytes: file.source_bytes, placedBytes: file.bytes };
    members.push(member);
    parts.push(new Blob([localHeader(member, date)]), ...kept);
  });
  return { saved, archive: new Blob([...parts, directory(members, date)], { type: "application/zip" }) };
}

/** What passes, kept as blobs: the browser holds those outside the page's memory. */
async function* keeping(pieces: AsyncIterable<Bytes>, kept: Blob[]): AsyncGenerator<Bytes> {
  for await (const piece of pieces) {
    kept.push(new Blob([piece]));
    yield piece;
  }
}

/** Does it for each file; one that the disc does not give is set aside, anything else is the end. */
async function each({ files, signal, report }: Work, save: (file: StoredFile) => Promise<void>): Promise<Saved> {
  const saved: Saved = { files: 0, bytes: 0, lost: [] };
  for (const file of files) {
    signal.throwIfAborted();
    try {
      await save(file);
      saved.files += 1;
    } catch (error) {
      if (!(error instanceof BadPart || error instanceof BadFile)) throw error;
      saved.lost.push(file.path);
    }
    saved.bytes += file.bytes;
    report(saved);
  }
  return saved;
}

/** Passes a file's contents on and holds them against the index; refuses at the end what is not the file. */
async function verified({ signal }: Work, file: StoredFile, placed: AsyncIterable<Bytes>, pass: (piece: Bytes) => Promise<void> | void): Promise<void> {
  const sum = new Sha256();
  for await (const piece of contents(file, placed)) {
    signal.throwIfAborted();
    sum.update(piece);
    await pass(piece);
  }
  if (sum.bytes !== file.source_bytes || (await sum.digest()) !== file.sha256) throw new BadFile("not the file that the index names");
}

/** A folder of this name, or with the first number after it that is not taken. */
async function newFolder(parent: FileSystemDirectoryHandle, name: string): Promise<FileSystemDirectoryHandle> {
  const taken = new Set<string>();
  for await (const key of parent.keys()) taken.add(key.toLowerCase());
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${name}-${number}`;
  return parent.getDirectoryHandle(free, { create: true });
}

async function fileIn(folder: FileSystemDirectoryHandle, path: string): Promise<FileSystemFileHandle> {
  const parts = path.split("/");
  const name = parts.pop() ?? path;
  let inner = folder;
  for (const part of parts) inner = await inner.getDirectoryHandle(part, { create: true });
  return inner.getFileHandle(name, { create: true });
}
