/** Why something is not there to be seen, in the reader's language. */

import { Malformed } from "./dicom";
import { BadFile } from "./disc";
import { NotArrived } from "./holding";
import type { Page } from "./page";
import { BadPart } from "./parts";
import { CannotShow, type Reason } from "./reasons";

/** `broken` says it of what is there and cannot be shown. */
export function why({ language: { texts }, count }: Page, error: unknown, broken: (reason: Reason) => string): string {
  if (error instanceof CannotShow) return broken(error.reason);
  if (error instanceof BadPart) return texts.badPart[error.fault](count(error.part.number + 1), count(error.of));
  if (error instanceof NotArrived) return texts.notArrived;
  if (error instanceof Malformed || error instanceof BadFile || error instanceof RangeError) return broken("cut");
  return texts.unexpected;
}
