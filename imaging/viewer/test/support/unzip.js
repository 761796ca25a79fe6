// What an archive holds, by a reader that is not ours.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The SHA-256 of each file in an archive, after `unzip` has tested and unpacked it. */
export function unzipped(archive) {
  const folder = mkdtempSync(join(tmpdir(), "unzip-"));
  try {
    writeFileSync(join(folder, "archive.zip"), archive);
    const ran = spawnSync("unzip", ["-q", "archive.zip", "-d", "files"], { cwd: folder, encoding: "utf8" });
    if (ran.status !== 0) throw new Error(`unzip: ${ran.error ?? ran.stdout + ran.stderr}`);
    const root = join(folder, "files");
    const files = readdirSync(root, { recursive: true }).filter((name) => statSync(join(root, name)).isFile());
    return Object.fromEntries(files.map((name) => [name, createHash("sha256").update(readFileSync(join(root, name))).digest("hex")]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
