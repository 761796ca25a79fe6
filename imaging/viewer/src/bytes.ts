/** Bytes in memory and in motion. */

export type Bytes = Uint8Array<ArrayBuffer>;

/** One array of all pieces. */
export function joined(pieces: readonly Bytes[], length = pieces.reduce((sum, piece) => sum + piece.length, 0)): Bytes {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Inflates raw deflate data (RFC 1951) as it comes. */
export async function* inflate(pieces: Iterable<Bytes> | AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  const source = (async function* () {
    yield* pieces;
  })();
  let unwanted = false;
  const compressed = new ReadableStream<Bytes>({
    async pull(controller) {
      const next = await source.next();
      if (unwanted) return;
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
    cancel() {
      unwanted = true;
    },
  });
  const reader = compressed.pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value as Bytes;
  } finally {
    // Where the reader loses interest, the source is let go too.
    reader.cancel().catch(() => undefined);
  }
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
