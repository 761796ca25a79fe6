/** What runs in a worker: the codecs, one frame at a time. */

import { decode } from "./codecs";
import type { Answer, Request } from "./decoders";
import { CannotShow } from "./reasons";

self.onmessage = async ({ data: { frame, transferSyntax, rgb } }: MessageEvent<Request>) => {
  try {
    const decoded = await decode(frame, transferSyntax, rgb);
    answer({ decoded }, [decoded.bytes.buffer]);
  } catch (error) {
    answer({ reason: error instanceof CannotShow ? error.reason : "cut" }, []);
  }
};

function answer(message: Answer, transfer: Transferable[]): void {
  self.postMessage(message, { transfer });
}
