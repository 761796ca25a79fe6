/** What the codecs' scripts are, as far as this page uses them. */
interface EmscriptenDecoder {
  getEncodedBuffer(bytes: number): Uint8Array;
  decode(): void;
  getFrameInfo(): { width: number; height: number; componentCount: number; bitsPerSample: number; isSigned: boolean };
  getDecodedBuffer(): Uint8Array;
  delete(): void;
}
interface EmscriptenModule {
  J2KDecoder: new () => EmscriptenDecoder;
  HTJ2KDecoder: new () => EmscriptenDecoder;
  JpegLSDecoder: new () => EmscriptenDecoder;
  JpegXLDecoder: new () => EmscriptenDecoder;
  JPEGDecoder: new () => EmscriptenDecoder;
}
type EmscriptenFactory = (options: { wasmBinary: Uint8Array; locateFile: (name: string) => string; print: () => void; printErr: () => void }) => Promise<EmscriptenModule>;

declare module "@cornerstonejs/*" {
  const factory: EmscriptenFactory;
  export default factory;
}
declare module "wasm:*" {
  const deflated: string;
  export default deflated;
}
declare module "script:*" {
  const text: string;
  export default text;
}
declare module "jpeg-lossless-decoder-js" {
  export class Decoder {
    frame: { dimX: number; dimY: number; numComp: number; precision: number };
    decompress(buffer: ArrayBuffer, offset: number, length: number): ArrayBuffer;
  }
}
