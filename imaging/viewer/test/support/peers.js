// What tests need that may not be there. Said aloud when something is skipped for it; required with FILMROOM_TEST_REQUIRE=1.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

/** A reason to skip, for a test's `skip`; fails instead where nothing may be skipped. */
export function skipped(why) {
  if (process.env.FILMROOM_TEST_REQUIRE === "1") throw new Error(`nothing may be skipped: ${why}`);
  process.stderr.write(`SKIPPED: ${why}\n`);
  return why;
}

/** The folder of real files, if it is there. */
export function corpus() {
  const folder = process.env.FILMROOM_CORPUS || resolve(import.meta.dirname, "../../../../../shared/dicom");
  return existsSync(`${folder}/MANIFEST.tsv`) ? folder : undefined;
}

/** The real files that are to be kept and are files of PS3.10, as those on a disc are. */
export function corpusFiles() {
  const folder = corpus();
  const [head, ...lines] = readFileSync(`${folder}/MANIFEST.tsv`, "utf8").trimEnd().split("\n").map((line) => line.split("\t"));
  const kept = lines.filter((line) => line[head.indexOf("verdict")] === "keep").map((line) => `${folder}/${line[head.indexOf("file")]}`);
  return kept.filter((file) => readFileSync(file).subarray(128, 132).equals(Buffer.from("DICM")));
}

/** A Python that has pydicom and numpy, if there is one. */
export function python() {
  const program = process.env.FILMROOM_TEST_PYTHON || "python3";
  return spawnSync(program, ["-c", "import pydicom, numpy"]).status === 0 ? program : undefined;
}

/** The first of these programs that is installed. */
export function program(...names) {
  const found = names.map((name) => spawnSync("sh", ["-c", 'command -v "$0"', name], { encoding: "utf8" }));
  return found.find(({ status }) => status === 0)?.stdout.trim();
}
