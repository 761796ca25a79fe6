/** Images out of a disc's files: the last few are kept, for turning pages back and forth. */

import { Cache } from "./cache";
import { readFile } from "./dicom";
import type { Disc } from "./disc";
import type { StoredFile } from "./index";
import { CannotShow, type Image, imageOf } from "./pixels";

const CACHE_BYTES = 128 * 1024 * 1024;
/** A file that is looked at has to fit into memory more than once. */
export const LARGEST = 2 ** 30;

export type Pictures = Cache<StoredFile, Image>;

export function picturesOf(disc: Disc): Pictures {
  const make = async (file: StoredFile) => {
    if (file.source_bytes > LARGEST) throw new CannotShow("tooLarge");
    return imageOf(await readFile(await disc.read(file)));
  };
  return new Cache(CACHE_BYTES, make, (image) => image.bytes);
}
