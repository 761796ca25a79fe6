// Bundles the page into one file, `dist/index.htm`. With `--check`, says whether that file is what the sources give.

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { packed } from "./bundling.js";

const PAGE = new URL("dist/index.htm", import.meta.url);
const NOT_OURS = [
  ["SHA-256 is from @noble/hashes:", "node_modules/@noble/hashes/LICENSE"],
  ["JPEG Lossless is from jpeg-lossless-decoder-js:", "node_modules/jpeg-lossless-decoder-js/LICENSE"],
  ["The scripts around the other decoders are from @cornerstonejs/codec-*:", "node_modules/@cornerstonejs/codec-charls/LICENSE"],
  ["", "licences.txt"],
];

const options = {
  absWorkingDir: new URL(".", import.meta.url).pathname,
  bundle: true,
  charset: "utf8",
  legalComments: "none",
  minify: true,
  plugins: [packed],
  target: ["chrome105", "firefox113", "safari16.4"],
  write: false,
};

async function bundled(entry) {
  const { outputFiles } = await build({ ...options, entryPoints: [entry] });
  const text = outputFiles[0].text.trim();
  // Nothing in a text of ours may end the element it stands in.
  if (/<\/(script|style)|<!--/i.test(text)) throw new Error(`${entry} would end its own element`);
  return text;
}

function hash(text) {
  return createHash("sha256").update(text).digest("base64");
}

/** The licences of what is not ours, for the comment at the top of the page. */
async function licences() {
  const of = async ([what, file]) => `${what}\n\n${(await readFile(new URL(file, import.meta.url), "utf8")).trim()}`;
  const all = await Promise.all(NOT_OURS.map(of));
  return all.join("\n\n").replaceAll("--", "- -");
}

async function page() {
  const script = await bundled("src/main.ts");
  const style = await bundled("src/style.css");
  const blanks = { script, style, "script-sha256": hash(script), "style-sha256": hash(style), licences: await licences() };
  const template = await readFile(new URL("src/page.html", import.meta.url), "utf8");
  return template.replace(/\{\{([a-z0-9-]+)\}\}/g, (_, name) => blanks[name]);
}

const made = await page();
if (process.argv.includes("--check")) {
  const committed = await readFile(PAGE, "utf8").catch(() => "");
  if (committed !== made) {
    console.error("dist/index.htm is not what the sources give: run `npm run build` and commit it");
    process.exitCode = 1;
  }
} else {
  await writeFile(PAGE, made);
  console.log(`dist/index.htm: ${Buffer.byteLength(made)} bytes`);
}
