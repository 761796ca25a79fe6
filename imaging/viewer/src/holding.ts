/** What holds images: a disc, or the service behind a link. */

import type { DicomFile } from "./dicom";
import type { Decode } from "./encodings";
import type { Instance, Listing } from "./index";
import type { Image } from "./pixels";

export interface Holding {
  readonly index: Listing;
  file(instance: Instance): Promise<DicomFile>;
  /** The image in an instance, whose compressed frames `decode` decodes. */
  image(instance: Instance, decode: Decode): Promise<Image>;
  /** Where a small picture of an instance is, which comes sooner; nothing where there is none. */
  preview(instance: Instance): string | undefined;
}

/** What was asked for did not come: the line is down, or whoever asked may no longer. */
export class NotArrived extends Error {}
