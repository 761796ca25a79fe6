// The format's test vectors: the tests' own writer makes that disc to the byte, and the page's modules open it.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { partFile, writeDisc } from "./support/disc.js";
import { modules } from "./support/modules.js";

const { FolderSource, LockedDisc, understand } = await modules("code", "disc", "sources");

/** `name = value` of section 8. */
const page = readFileSync(new URL("../../../docs/sealed-disc.md", import.meta.url), "utf8");
const block = page.slice(page.indexOf("## 8.")).split("```")[1];
const vectors = Object.fromEntries(block.trim().split("\n").map((line) => [line.slice(0, line.indexOf("=")).trim(), line.slice(line.indexOf("=") + 2)]));

const folder = mkdtempSync(join(tmpdir(), "vectors-"));
after(() => rmSync(folder, { recursive: true }));
let next = 0;
const counting = (bytes) => Buffer.from(Array.from({ length: bytes }, () => next++ & 255));
const { recipe, made_on: madeOn } = JSON.parse(vectors.index);
const codes = [vectors["normal form 0"], vectors["normal form 1"]];
writeDisc(folder, [{ path: "A.TXT", bytes: Buffer.from(vectors.body), stored: true }], { codes, random: counting, madeOn, recipe });

test("the tests' writer makes the disc of the vectors", () => {
  for (const stream of ["H", "I", "B"]) {
    const sum = createHash("sha256").update(readFileSync(partFile(folder, stream, 0))).digest("hex");
    assert.equal(sum, vectors[`data ${stream.toLowerCase()}0000000.js`], stream);
  }
});

test("both codes open it, as they are typed", async () => {
  const files = ["H", "I", "B"].map((stream) => new File([readFileSync(partFile(folder, stream, 0))], `${stream}0000000.JS`));
  for (const number of [0, 1]) {
    const typed = understand(vectors[`typed ${number}`]);
    assert.deepEqual(typed, { kind: "whole", normal: codes[number] });
    const disc = await (await LockedDisc.at(new FolderSource(files))).open(typed.normal);
    assert.equal(Buffer.from(await disc.read(disc.index.files[0])).toString(), vectors.body);
    await disc.checkAll();
    assert.equal(disc.faults.size, 0);
  }
  assert.equal(await (await LockedDisc.at(new FolderSource(files))).open("abacus-zoom-outfit-velcro-crumb-zoom"), undefined);
});
