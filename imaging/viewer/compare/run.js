// Cornerstone3D beside the disc's page: `npm ci`, then `node run.js FOLDER_OF_FILES [cpu]` with the images of a disc as plain
// files, and `node ../test/measure.js` with the disc. `cpu`: drawn without WebGL, as the disc's page does. Prints what it
// found, asserts nothing.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { BROWSERS } from "../test/support/browser.js";
import puppeteer from "puppeteer-core";

const [folder, drawnBy] = process.argv.slice(2);
const files = readdirSync(folder).filter((name) => name.endsWith(".dcm")).sort();
const [chromium] = BROWSERS;
const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };
const PAGE = '<!doctype html><meta charset="utf-8"><style>body{margin:0}#stage{width:1024px;height:768px}</style><div id="stage"></div><script type="module" src="page.js"></script>';

/** Bundles the page and its worker, which it looks for beside itself. */
async function bundled() {
  const out = mkdtempSync(join(tmpdir(), "cornerstone-"));
  await build({
    absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
    entryPoints: { page: "page.js", decodeImageFrameWorker: "node_modules/@cornerstonejs/dicom-image-loader/dist/esm/decodeImageFrameWorker.js" },
    bundle: true,
    define: { global: "globalThis" },
    external: ["fs", "path", "crypto", "module"],
    format: "esm",
    loader: { ".wasm": "file" },
    logLevel: "error",
    minify: true,
    outdir: out,
  });
  return out;
}

function served(out) {
  return createServer(({ url }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    const [, number] = /^\/dicom\/(\d+)$/.exec(pathname) ?? [];
    if (number !== undefined) response.end(readFileSync(join(folder, files[Number(number)])));
    else if (pathname === "/") response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
    else if (extname(pathname) in TYPES) response.writeHead(200, { "content-type": TYPES[extname(pathname)] }).end(readFileSync(join(out, pathname)));
    else response.writeHead(404).end();
  });
}

const out = await bundled();
const server = served(out);
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await puppeteer.launch({ executablePath: chromium.path, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  page.on("pageerror", ({ message }) => console.error(message));
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(`http://127.0.0.1:${server.address().port}/?count=${files.length}${drawnBy === "cpu" ? "&cpu" : ""}`);
  await page.waitForFunction(() => window.isReady);
  console.log(`page to first picture: ${(await page.evaluate(() => window.first())).toFixed(0)} ms`);
  for (const time of ["first time through", "second time"]) {
    const { drawn, seconds } = await page.evaluate(() => window.scroll());
    console.log(`${time}: ${drawn} pictures in ${seconds.toFixed(1)} s: ${(drawn / seconds).toFixed(0)} a second`);
  }
} finally {
  await browser.close();
  server.close();
  rmSync(out, { recursive: true });
}
