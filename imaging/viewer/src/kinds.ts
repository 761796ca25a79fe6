/** What instances are to a reader: each kind has a screen of its own. */

import type { Instance, Listing, Series } from "./index";
import { isVideo } from "./video";

export type Kind = "picture" | "report" | "document" | "waveform" | "video";

/** Classes of instances that are no pictures: PS3.4 annex B.5. */
const CLASSES: [RegExp, Kind][] = [
  [/^1\.2\.840\.10008\.5\.1\.4\.1\.1\.88\./, "report"],
  [/^1\.2\.840\.10008\.5\.1\.4\.1\.1\.104\./, "document"],
  [/^1\.2\.840\.10008\.5\.1\.4\.1\.1\.9\./, "waveform"],
];

export function kindOf(instance: Instance): Kind {
  if (isVideo(instance.syntax)) return "video";
  return CLASSES.find(([uids]) => uids.test(instance.class))?.[1] ?? "picture";
}

/** The kind of a series that was separated. */
export function kindIn(series: Series): Kind {
  return series.instances[0] ? kindOf(series.instances[0]) : "picture";
}

/** Makes several series of one that holds several kinds: no screen shows more than one. */
export function separateKinds({ patients }: Listing): void {
  for (const study of patients.flatMap(({ studies }) => studies)) study.series = study.series.flatMap(separated);
}

function separated(series: Series): Series[] {
  const kinds = new Map<Kind, Instance[]>();
  for (const instance of series.instances) {
    const kind = kindOf(instance);
    const alike = kinds.get(kind);
    if (alike) alike.push(instance);
    else kinds.set(kind, [instance]);
  }
  return kinds.size < 2 ? [series] : Array.from(kinds.values(), (instances) => ({ ...series, instances }));
}
