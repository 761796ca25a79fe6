/** Images out of what holds them: the last few are kept, for turning pages back and forth. */

import { Cache } from "./cache";
import type { Decode } from "./encodings";
import type { Holding } from "./holding";
import type { Instance } from "./index";
import { CannotShow, type Frame, type Image } from "./pixels";

const FILES_BYTES = 128 * 1024 * 1024;
const FRAMES_BYTES = 96 * 1024 * 1024;

/** A picture that can be drawn. */
export interface Picture {
  image: Image;
  frame: Frame;
  /** Which of the image's frames it is, from 0. */
  number: number;
}

export class Pictures {
  private readonly images = new Cache<Instance, Image>(FILES_BYTES, (image) => image.bytes);
  /** Unpacked frames, by the numbers of their instances and their places in them. */
  private readonly frames = new Cache<string, Picture>(FRAMES_BYTES, ({ frame }) => (frame.kind === "gray" ? frame.stored : frame.rgba).byteLength);

  constructor(
    private readonly holding: Holding,
    private readonly decode: Decode,
  ) {}

  /** The frame that comes at `place`, from 0, as the frames of an image lie in the body. */
  at(instance: Instance, place: number): Promise<Picture> {
    return this.frames.get(`${instance.file} ${place}`, () => this.picture(instance, place));
  }

  /** Where a frame comes, by its number from 0 in its file. */
  async placeOf(instance: Instance, frame: number): Promise<number> {
    const { inSpace } = await this.image(instance);
    return Math.max(inSpace.indexOf(frame), 0);
  }

  private image(instance: Instance): Promise<Image> {
    return this.images.get(instance, () => this.holding.image(instance, this.decode));
  }

  private async picture(instance: Instance, place: number): Promise<Picture> {
    const image = await this.image(instance);
    const frame = image.inSpace[place];
    if (frame === undefined) throw new CannotShow("cut");
    return { image, frame: await image.frame(frame), number: frame };
  }
}
