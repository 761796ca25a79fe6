/** Decodes frames in workers, so that the page answers its reader meanwhile. */

import type { Bytes } from "./bytes";
import type { Decode, Decoded } from "./encodings";
import { CannotShow, type Reason } from "./reasons";

/** What a worker is asked. */
export interface Request {
  frame: Bytes;
  transferSyntax: string;
  rgb: boolean;
}

/** What it answers. */
export type Answer = { decoded: Decoded } | { reason: Reason };

interface Job {
  request: Request;
  resolve(decoded: Decoded): void;
  reject(error: unknown): void;
}

/** A worker that says nothing for so long has died. The largest mammogram takes a slow computer some seconds. */
const LONGEST_MS = 60_000;

/** A few workers, which start when the first frames come. */
export class Decoders {
  private readonly waiting: Job[] = [];
  private readonly idle: Worker[] = [];
  private busy = 0;

  /** `start` makes a worker of `worker.ts`; there are `most` at once. */
  constructor(
    private readonly start: () => Worker,
    private readonly most: number,
  ) {}

  readonly decode: Decode = (frame, transferSyntax, rgb) =>
    new Promise((resolve, reject) => {
      this.waiting.push({ request: { frame, transferSyntax, rgb }, resolve, reject });
      this.next();
    });

  /** The newest comes first: that is what the reader looks at. */
  private next(): void {
    while (this.busy < this.most) {
      const job = this.waiting.pop();
      if (!job) return;
      this.run(job);
    }
  }

  private run({ request, resolve, reject }: Job): void {
    const worker = this.idle.pop() ?? this.start();
    this.busy += 1;
    const done = (answer: Answer) => {
      clearTimeout(late);
      this.busy -= 1;
      if ("decoded" in answer) {
        this.idle.push(worker);
        resolve(answer.decoded);
      } else {
        // Nobody knows what a decoder's memory holds after it failed: the next frame gets a new worker.
        worker.terminate();
        reject(new CannotShow(answer.reason));
      }
      this.next();
    };
    const late = setTimeout(() => done({ reason: "cut" }), LONGEST_MS);
    worker.onmessage = ({ data }: MessageEvent<Answer>) => done(data);
    worker.onerror = (event) => {
      event.preventDefault();
      done({ reason: "cut" });
    };
    worker.postMessage(request, [request.frame.buffer]);
  }
}
