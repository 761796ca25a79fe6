/** Images out of a disc's files: the last few are kept, for turning pages back and forth. */

import { Cache } from "./cache";
import { readFile } from "./dicom";
import type { Disc } from "./disc";
import type { Decode } from "./encodings";
import type { Instance, StoredFile } from "./index";
import { CannotShow, type Frame, type Image, imageOf } from "./pixels";

const FILES_BYTES = 128 * 1024 * 1024;
const FRAMES_BYTES = 96 * 1024 * 1024;
/** A file that is looked at has to fit into memory more than once. */
export const LARGEST = 2 ** 30;

/** A picture that can be drawn. */
export interface Picture {
  image: Image;
  frame: Frame;
  /** Which of the image's frames it is, from 0. */
  number: number;
}

export class Pictures {
  private readonly images: Cache<StoredFile, Image>;
  /** Unpacked frames, by their place in their file. */
  private readonly frames: Cache<string, Picture>;

  constructor(
    private readonly disc: Disc,
    private readonly decode: Decode,
  ) {
    this.images = new Cache(FILES_BYTES, (file) => this.image(file), (image) => image.bytes);
    this.frames = new Cache(FRAMES_BYTES, (key) => this.picture(key), ({ frame }) => (frame.kind === "gray" ? frame.stored : frame.rgba).byteLength);
  }

  /** The frame that comes at `place`, from 0, as the frames of an image lie in the body. */
  at(instance: Instance, place: number): Promise<Picture> {
    return this.frames.get(`${instance.file} ${place}`);
  }

  private async picture(key: string): Promise<Picture> {
    const [number = 0, place = 0] = key.split(" ").map(Number);
    const file = this.disc.index.files[number];
    if (!file) throw new CannotShow("notAnImage");
    const image = await this.images.get(file);
    const frame = image.inSpace[place];
    if (frame === undefined) throw new CannotShow("cut");
    return { image, frame: await image.frame(frame), number: frame };
  }

  private async image(file: StoredFile): Promise<Image> {
    if (file.source_bytes > LARGEST) throw new CannotShow("tooLarge");
    return imageOf(await readFile(await this.disc.read(file)), this.decode);
  }
}
