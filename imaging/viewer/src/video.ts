/** Video streams out of their fragments: PS3.5 sections 8.2.5 to 8.2.11 and A.4.5 to A.4.11. */

import type { Bytes } from "./bytes";
import { type DataSet, Malformed } from "./dicom";
import { PIXEL_DATA } from "./layout";

export interface Video {
  /** As browsers name its form. */
  type: string;
  extension: string;
  /** Its pieces in their order. */
  pieces: Bytes[];
}

/** MPEG-2, MPEG-4 AVC and HEVC, also in many fragments (`….1`). */
const VIDEO = /^1\.2\.840\.10008\.1\.2\.4\.10[0-8](\.1)?$/;
const MPEG2 = /^1\.2\.840\.10008\.1\.2\.4\.10[01]/;
const HEVC = /^1\.2\.840\.10008\.1\.2\.4\.10[78]/;

export function isVideo(transferSyntax: string): boolean {
  return VIDEO.test(transferSyntax);
}

export function videoOf(dataSet: DataSet, transferSyntax: string): Video {
  const [, ...fragments] = dataSet.encapsulatedItems(PIXEL_DATA);
  const pieces = fragments.map(({ bytes }) => bytes);
  const first = pieces[0];
  if (!first) throw new Malformed("no fragments");
  return { ...formOf(first, transferSyntax), pieces };
}

/** The form is what the stream begins with: transfer syntaxes leave it open whether it lies in a container, and in which. */
function formOf(stream: Uint8Array, transferSyntax: string): { type: string; extension: string } {
  if (String.fromCharCode(...stream.subarray(4, 8)) === "ftyp") return { type: "video/mp4", extension: "mp4" };
  if (stream[0] === 0x47 && stream[188] === 0x47) return { type: "video/mp2t", extension: "ts" };
  if (MPEG2.test(transferSyntax)) return { type: "video/mpeg", extension: "mpg" };
  return HEVC.test(transferSyntax) ? { type: "video/H265", extension: "h265" } : { type: "video/H264", extension: "h264" };
}
