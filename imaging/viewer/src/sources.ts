/** Parts by script, which a page opened from a disc may load, and from a folder that its reader picks. */

import type { Bytes } from "./bytes";
import { type Carried, nameOf, type PartName, type Source } from "./parts";

type Carrier = (this: unknown) => void;

declare global {
  interface Window {
    part?: (disc: unknown, name: unknown, carrier: Carrier) => void;
  }
}

/** Characters turned into bytes at a time. */
const PIECE = 65536;
/** Scripts that are loaded between two times that their texts are let go: 128 MiB of them in memory. */
const LET_GO_AFTER = 16;
/** `);` */
const CALL_END = [0x29, 0x3b];

/** Loads `DATA/*.JS` beside the page. */
export class ScriptSource implements Source {
  private readonly arrived = new WeakMap<Element, Carried>();
  private loaded = 0;

  constructor() {
    window.part = (disc, name, carrier) => {
      const script = document.currentScript;
      if (!script || typeof disc !== "string" || typeof name !== "string" || typeof carrier !== "function") return;
      this.arrived.set(script, { disc, name, escaped: commentOf(Function.prototype.toString.call(carrier)) });
    };
  }

  fetch(part: PartName): Promise<Carried | undefined | null> {
    return new Promise((resolve) => {
      const script = document.createElement("script");
      script.charset = "x-user-defined";
      script.src = `DATA/${nameOf(part)}.JS`;
      script.onload = () => {
        resolve(this.arrived.get(script) ?? null);
        script.remove();
        this.loaded += 1;
        if (this.loaded % LET_GO_AFTER === 0) letTextsGo();
      };
      script.onerror = () => {
        resolve(undefined);
        script.remove();
      };
      document.head.append(script);
    });
  }
}

/** Chromium keeps the texts of scripts that ran, should they run again, until memory runs out: it is asked for more than
 * it can ever give. */
function letTextsGo(): void {
  if (!("userAgentData" in navigator)) return;
  try {
    void new ArrayBuffer(2 ** 34);
  } catch {
    // It never does.
  }
}

/** The bytes after the first `/*` of a carrier's source, with the end of its call, which must have been there. */
function commentOf(source: string): Bytes {
  const text = source.slice(source.indexOf("/*") + 2);
  const bytes = new Uint8Array(text.length + CALL_END.length);
  for (let at = 0; at < text.length; at += PIECE) {
    const end = Math.min(at + PIECE, text.length);
    // What is put together is copied when it is read: twenty times as fast as a look into the script's own text.
    const piece = `${text.slice(at, end)} `;
    for (let index = at; index < end; index++) bytes[index] = piece.charCodeAt(index - at) & 255;
  }
  bytes.set(CALL_END, text.length);
  return bytes;
}

const PREFIX = /^part\("([0-9a-f]{32})","([HCIB]\d{7})",function\(\)\{\/\*$/;
const PREFIX_BYTES = 64;

/** Reads the same files from a folder: the disc's, or the `DATA` in it. */
export class FolderSource implements Source {
  private readonly files = new Map<string, File>();

  constructor(files: Iterable<File>) {
    for (const file of files) this.files.set(file.name.toUpperCase(), file);
  }

  async fetch(part: PartName): Promise<Carried | undefined | null> {
    const file = this.files.get(`${nameOf(part)}.JS`);
    const bytes = await file?.arrayBuffer().catch(() => undefined);
    if (!bytes) return undefined;
    const prefix = String.fromCharCode(...new Uint8Array(bytes.slice(0, PREFIX_BYTES)));
    const [, disc, name] = PREFIX.exec(prefix) ?? [];
    return disc && name ? { disc, name, escaped: new Uint8Array(bytes, PREFIX_BYTES) } : null;
  }
}
