// The page's own modules, for tests without a browser.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { packed } from "../../bundling.js";

/** What the modules of `src` named here export. */
export async function modules(...names) {
  const contents = names.map((name) => `export * from "./src/${name}";`).join("\n");
  const stdin = { contents, resolveDir: new URL("../..", import.meta.url).pathname };
  const { outputFiles } = await build({ stdin, bundle: true, format: "esm", platform: "node", plugins: [packed], define: { __dirname: "\"\"" }, write: false });
  const folder = mkdtempSync(join(tmpdir(), "viewer-"));
  try {
    writeFileSync(join(folder, "modules.mjs"), outputFiles[0].text);
    return await import(join(folder, "modules.mjs"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
