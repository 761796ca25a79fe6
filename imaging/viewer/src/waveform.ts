/** Waveforms, of which an ECG is one: PS3.3 section C.10.9. */

import { type Charset, charsetOf, textOf } from "./charset";
import { codeIn, meaningIn, unitIn } from "./codes";
import type { DataSet } from "./dicom";
import { CannotShow } from "./reasons";

/** Channels that were sampled together. */
export interface Group {
  label: string;
  /** Samples of a channel in a second. */
  frequency: number;
  /** Samples of each channel. */
  samples: number;
  channels: Channel[];
}

export interface Channel {
  name: string;
  /** In millivolts, where the file gives them in volts of any kind; else as `unit` says. */
  unit: string;
  /** A sample's value; not a number where nothing was recorded. */
  value(sample: number): number;
}

/** How samples are written: PS3.3 section C.10.9.1.5. */
interface Writing {
  bytes: number;
  read: "getInt8" | "getUint8" | "getInt16" | "getUint16" | "getInt32" | "getUint32";
}

const WRITINGS: Record<string, Writing> = {
  SB: { bytes: 1, read: "getInt8" },
  UB: { bytes: 1, read: "getUint8" },
  SS: { bytes: 2, read: "getInt16" },
  US: { bytes: 2, read: "getUint16" },
  SL: { bytes: 4, read: "getInt32" },
  UL: { bytes: 4, read: "getUint32" },
};

/** How many millivolts a unit of UCUM has. */
const MILLIVOLTS: Record<string, number> = { nV: 1e-6, uV: 1e-3, mV: 1, V: 1e3 };

/** The groups of a file, each with its channels; what cannot be drawn of them stands as the reason. */
export function groupsOf(dataSet: DataSet): (Group | CannotShow)[] {
  const charset = charsetOf(dataSet);
  return dataSet.items(0x54000100).map((item) => {
    try {
      return groupOf(item, charsetOf(item, charset));
    } catch (error) {
      if (error instanceof CannotShow) return error;
      throw error;
    }
  });
}

function groupOf(item: DataSet, charset: Charset): Group {
  const writing = WRITINGS[item.string(0x54001006) ?? ""];
  const channels = item.items(0x003a0200);
  const samples = item.longs(0x003a0010)[0] ?? 0;
  const frequency = item.decimal(0x003a001a) ?? 0;
  const data = item.value(0x54001010);
  if (!writing || writing.bytes * 8 !== item.short(0x54001004) || !(frequency > 0)) throw new CannotShow("unusual");
  const width = channels.length * writing.bytes;
  const there = Math.min(samples, Math.floor((data?.length ?? 0) / Math.max(width, 1)));
  if (!data || there < 1 || channels.length !== item.short(0x003a0005)) throw new CannotShow("cut");
  const read = readerOf(data, writing, item);
  return {
    label: textOf(item, 0x003a0020, charset) ?? "",
    frequency,
    samples: there,
    channels: channels.map((channel, number) => channelOf(channel, charsetOf(channel, charset), (sample) => read(sample * channels.length + number))),
  };
}

/** Reads the number at a place; nothing, where the padding value stands for it. */
function readerOf(data: Uint8Array, { bytes, read }: Writing, item: DataSet): (place: number) => number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const padding = item.value(0x5400100a);
  const none = padding && padding.length >= bytes ? new DataView(padding.buffer, padding.byteOffset, padding.byteLength)[read](0, item.littleEndian) : undefined;
  return (place) => {
    const number = view[read](place * bytes, item.littleEndian);
    return number === none ? Number.NaN : number;
  };
}

/** The sensitivity is what one step is worth, and the baseline what zero is (PS3.3 section C.10.9.1.4.2). */
function channelOf(channel: DataSet, charset: Charset, read: (sample: number) => number): Channel {
  const name = meaningIn(channel, 0x003a0208, charset) || (textOf(channel, 0x003a0203, charset) ?? "");
  const sensitivity = channel.decimal(0x003a0210);
  const millivolts = sensitivity === undefined ? undefined : MILLIVOLTS[codeIn(channel, 0x003a0211)];
  const step = (sensitivity ?? 1) * (channel.decimal(0x003a0212) ?? 1) * (millivolts ?? 1);
  const zero = (channel.decimal(0x003a0213) ?? 0) * (millivolts ?? 1);
  const unit = millivolts ? "mV" : sensitivity === undefined ? "" : unitIn(channel, 0x003a0211, charset);
  return { name, unit, value: (sample) => read(sample) * step + zero };
}

/** The least and the greatest value of some samples; nothing where none was recorded. */
export function extent(channel: Channel, from: number, to: number): [number, number] | undefined {
  let [least, most] = [Infinity, -Infinity];
  for (let sample = from; sample < to; sample++) {
    const value = channel.value(sample);
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return least <= most ? [least, most] : undefined;
}
