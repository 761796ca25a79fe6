// Bundles the disc's page into one file, `dist/index.htm`, and the viewer on a link's page into three beside it. With
// `--check`, says whether they are what the sources give.

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { packed } from "./bundling.js";

const DIST = new URL("dist/", import.meta.url);
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
  return outputFiles[0].text.trim();
}

/** A bundle that goes into an element of the page. */
async function inlined(entry) {
  const text = await bundled(entry);
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
  const script = await inlined("src/main.ts");
  const style = await inlined("src/style.css");
  const blanks = { script, style, "script-sha256": hash(script), "style-sha256": hash(style), licences: await licences() };
  const template = await readFile(new URL("src/page.html", import.meta.url), "utf8");
  return template.replace(/\{\{([a-z0-9-]+)\}\}/g, (_, name) => blanks[name]);
}

const comment = `/*!\nNot all of this is ours.\n\n${(await licences()).replaceAll("*/", "* /")}\n*/\n`;
const files = {
  "index.htm": await page(),
  "online.css": await bundled("src/style.css"),
  "online.js": comment + (await bundled("src/online.ts")),
  "decoders.js": comment + (await bundled("src/worker.ts")),
};
for (const [name, made] of Object.entries(files)) {
  const file = new URL(name, DIST);
  if (!process.argv.includes("--check")) {
    await writeFile(file, made);
    console.log(`dist/${name}: ${Buffer.byteLength(made)} bytes`);
  } else if ((await readFile(file, "utf8").catch(() => "")) !== made) {
    console.error(`dist/${name} is not what the sources give: run \`npm run build\` and commit it`);
    process.exitCode = 1;
  }
}
