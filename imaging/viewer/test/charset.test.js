// Texts in every character set against pydicom's, and by escape sequences that no test file has.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { file } from "./support/dicom.js";
import { modules } from "./support/modules.js";
import { corpus, corpusFiles, python, skipped } from "./support/peers.js";

const { charsetOf, readFile, textOf } = await modules("charset", "dicom");

const skip = corpus() === undefined ? skipped("no test files; set FILMROOM_CORPUS") : python() === undefined ? skipped("no Python with pydicom; set FILMROOM_TEST_PYTHON") : false;

/** The text at a path of tags and numbers of items. */
function textAt(dataSet, charset, [tag, number, ...rest]) {
  if (number === undefined) return textOf(dataSet, Number.parseInt(tag, 16), charset);
  const item = dataSet.items(Number.parseInt(tag, 16))[number];
  return textAt(item, charsetOf(item, charset), rest);
}

test("every text of every file is what pydicom reads", { skip }, async () => {
  const files = corpusFiles();
  const ran = spawnSync(python(), [new URL("support/texts.py", import.meta.url).pathname], { input: files.join("\n"), encoding: "utf8", maxBuffer: 2 ** 28 });
  assert.equal(ran.status, 0, ran.stderr);
  const wrong = [];
  let compared = 0;
  let beyondLatin = 0;
  for (const { file, texts } of ran.stdout.trimEnd().split("\n").map((line) => JSON.parse(line))) {
    if (!texts) continue;
    const { dataSet } = await readFile(new Uint8Array(readFileSync(file)));
    for (const [path, wanted] of texts) {
      const found = textAt(dataSet, charsetOf(dataSet), path);
      // pydicom drops what pads each value and each part of a name.
      const bare = (text) => text?.split("\\").map((value) => value.trim().replace(/=+$/, "")).join("\\");
      if (bare(found) !== bare(wanted)) wrong.push(`${file}: ${path}: ${found} for ${wanted}`);
      compared += 1;
      if (/[^\0-ÿ]/.test(wanted)) beyondLatin += 1;
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(compared > 5000 && beyondLatin >= 20, `${compared} texts compared, ${beyondLatin} beyond Latin`);
});

async function decoded(charset, bytes) {
  const { dataSet } = await readFile(new Uint8Array(file([[0x00080005, "CS", charset], [0x00104000, "LT", Buffer.from(bytes)]], { uid: "1.2.3" })));
  return textOf(dataSet, 0x00104000, charsetOf(dataSet));
}

test("a text changes its character set where its escape sequences say so, and back at each line", async () => {
  const [greek, kanji, korean, chinese] = ["\x1b-F", "\x1b$B", "\x1b$)C", "\x1b$)A"].map((text) => Buffer.from(text, "latin1"));
  const bytes = (...parts) => Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(part, "latin1"))));
  const sets = "ISO 2022 IR 100\\ISO 2022 IR 126\\ISO 2022 IR 87\\ISO 2022 IR 149\\ISO 2022 IR 58\\ISO 2022 IR 159";
  assert.equal(await decoded(sets, bytes("caf\xe9 ", greek, "\xe1\xe2\r\n\xe9")), "café αβ\r\né");
  // 0x3d, 0x5c and 0x5e are halves of kanji here, and neither end a value nor begin a part of a name.
  assert.equal(await decoded(sets, bytes(kanji, "=\\:^", "\x1b(B=ok")), "十梗=ok".replace("十梗", new TextDecoder("euc-jp").decode(Uint8Array.of(0xbd, 0xdc, 0xba, 0xde))));
  assert.equal(await decoded(sets, bytes(korean, "\xb1\xe8 a")), "김 a");
  assert.equal(await decoded(sets, bytes(chinese, "\xcd\xf5")), "王");
  assert.equal(await decoded(sets, bytes("\x1b$(D", "0!", "\x1b(B.")), "丂.");
  assert.equal(await decoded("ISO_IR 13", bytes("\xd4\xcf\xc0\xde^\xc0\xdb\xb3")), "ﾔﾏﾀﾞ^ﾀﾛｳ");
});

test("an escape sequence that is none, and one that is cut off, take nothing of the text away", async () => {
  assert.equal(await decoded("ISO 2022 IR 6\\ISO 2022 IR 87", Buffer.from("a\x1b%Gb\x1b")), "a\x1b%Gb\x1b");
});
