/** Why something on the disc is not drawn. */
export type Reason = "encoding" | "notAnImage" | "unusual" | "cut" | "tooLarge";

/** There is nothing wrong with the disc, yet there is no picture of this. */
export class CannotShow extends Error {
  constructor(readonly reason: Reason) {
    super(reason);
  }
}
