/** The images of a link's study, from the service behind the page: DICOMweb (PS3.18 section 10.4), as far as the link reaches. */

import type { Bytes } from "./bytes";
import { type DicomFile, Malformed, readFile } from "./dicom";
import { dataSetIn, type Header, textIn } from "./dicomjson";
import type { Decode } from "./encodings";
import { type Holding, NotArrived } from "./holding";
import { type Instance, type Listing, MOST_FRAMES, type Series } from "./index";
import { isReadByFrame } from "./packed";
import { type Image, imageOf } from "./pixels";

const FILES = 'multipart/related; type="application/dicom"; transfer-syntax=*';
const FRAMES = 'multipart/related; type="application/octet-stream"; transfer-syntax=*';

export class Service implements Holding {
  private constructor(
    private readonly study: string,
    readonly index: Listing,
    private readonly series: Map<Instance, string>,
  ) {}

  /** Asks what a study has. `root` is where the resources begin. */
  static async at(root: string, study: string): Promise<Service> {
    const address = `${root}/studies/${study}`;
    const answer = await ask(`${address}/instances`, "application/dicom+json");
    const headers = (await answer.json()) as Header[];
    const series = new Map<Instance, string>();
    return new Service(address, listingOf(headers, series), series);
  }

  async file(instance: Instance): Promise<DicomFile> {
    return readFile(await bytesOf(await ask(this.address(instance), FILES)));
  }

  /** Of an instance with many frames only those that are looked at come, where the service can take them apart. */
  async image(instance: Instance, decode: Decode): Promise<Image> {
    if (instance.frames < 2 || !isReadByFrame(instance.syntax)) return imageOf(await this.file(instance), decode);
    const address = this.address(instance);
    const header = await ask(`${address}/metadata`, "application/dicom+json").catch(unlessRefused);
    const [first] = header ? ((await header.json()) as Header[]) : [];
    if (!first) return imageOf(await this.file(instance), decode);
    const frame = async (number: number) => bytesOf(await ask(`${address}/frames/${number + 1}`, FRAMES));
    return imageOf({ dataSet: dataSetIn(first), transferSyntax: instance.syntax }, decode, frame);
  }

  preview(instance: Instance): string | undefined {
    return instance.frames === 1 ? `${this.address(instance)}/frames/1/rendered` : undefined;
  }

  private address(instance: Instance): string {
    return `${this.study}/series/${this.series.get(instance) ?? ""}/instances/${instance.uid}`;
  }
}

/** The service has no such form of it. */
class Refused extends NotArrived {}

function unlessRefused(error: unknown): undefined {
  if (!(error instanceof Refused)) throw error;
}

async function ask(address: string, accept: string): Promise<Response> {
  const answer = await fetch(address, { headers: { accept }, credentials: "same-origin", redirect: "manual" }).catch(() => undefined);
  // A session that is over leads away from here: the page leads there as well.
  if (answer?.type === "opaqueredirect") location.reload();
  if (answer?.status === 406) throw new Refused();
  if (!answer?.ok) throw new NotArrived();
  return answer;
}

/** How far from an answer's ends its boundaries and the head of its part may reach. */
const BOUNDARIES_WITHIN = 1024;

/** The bytes of the one part of an answer (RFC 2046 section 5.1). */
async function bytesOf(answer: Response): Promise<Bytes> {
  const boundary = /boundary="?([^";]+)/.exec(answer.headers.get("content-type") ?? "")?.[1];
  const buffer = await answer.arrayBuffer().catch(() => undefined);
  if (!boundary || !buffer) throw new NotArrived();
  return onlyPart(new Uint8Array(buffer), boundary);
}

/** The one part between the boundaries; refuses an answer that broke off, which has no last boundary. */
export function onlyPart(whole: Bytes, boundary: string): Bytes {
  const text = (from: number, to: number) => String.fromCharCode(...whole.subarray(from, to));
  const head = text(0, BOUNDARIES_WITHIN).indexOf("\r\n\r\n");
  const last = Math.max(0, whole.length - BOUNDARIES_WITHIN);
  const tail = text(last, whole.length).lastIndexOf(`\r\n--${boundary}--`);
  if (head < 0 || tail < 0 || last + tail < head + 4) throw new Malformed("an answer without an end");
  return whole.subarray(head + 4, last + tail);
}

function listingOf(headers: readonly Header[], addresses: Map<Instance, string>): Listing {
  const [first] = headers;
  if (!first) return { patients: [] };
  const series = new Map<string, Series>();
  for (const [number, header] of headers.entries()) {
    const uid = textIn(header, "0020000E");
    const known = series.get(uid) ?? seriesOf(header, uid);
    series.set(uid, known);
    const instance = instanceOf(header, number);
    known.instances.push(instance);
    addresses.set(instance, uid);
  }
  const study = { uid: textIn(first, "0020000D"), date: textIn(first, "00080020"), time: "", description: textIn(first, "00081030"), accession: textIn(first, "00080050"), series: [...series.values()] };
  return { patients: [{ id: textIn(first, "00100020"), name: textIn(first, "00100010"), birth_date: textIn(first, "00100030"), sex: "", studies: [study] }] };
}

function seriesOf(header: Header, uid: string): Series {
  return { uid, modality: textIn(header, "00080060"), number: textIn(header, "00200011"), description: textIn(header, "0008103E"), instances: [] };
}

function instanceOf(header: Header, file: number): Instance {
  const frames = Math.min(Number(textIn(header, "00280008")) || 1, MOST_FRAMES);
  return { file, uid: textIn(header, "00080018"), class: textIn(header, "00080016"), syntax: textIn(header, "00083002"), number: textIn(header, "00200013"), frames };
}
