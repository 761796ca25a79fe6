// How the page carries what no script element loads: its workers' script is a text in its own, WebAssembly is deflated into
// that, and what only Node has is left out.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { build as bundle } from "esbuild";

const resolve = createRequire(import.meta.url).resolve;

/** For esbuild: a module named `script:MODULE` is the text of that module's own bundle; one named `wasm:PACKAGE` is the
 * deflated bytes of a WebAssembly file, in base 64. */
export const packed = {
  name: "packed",
  setup(build) {
    build.onResolve({ filter: /^script:/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, `${path.slice(7)}.ts`), namespace: "script" }));
    build.onLoad({ filter: /.*/, namespace: "script" }, async ({ path }) => {
      const { outputFiles } = await bundle({ ...build.initialOptions, entryPoints: [path] });
      return { contents: outputFiles[0].text, loader: "text" };
    });
    build.onResolve({ filter: /^wasm:/ }, ({ path }) => ({ path: resolve(path.slice(5)), namespace: "wasm" }));
    build.onLoad({ filter: /.*/, namespace: "wasm" }, async ({ path }) => {
      const contents = deflateRawSync(await readFile(path), { level: 9 }).toString("base64");
      return { contents, loader: "text" };
    });
    build.onResolve({ filter: /^(fs|path)$/ }, ({ path }) => ({ path, namespace: "none" }));
    build.onLoad({ filter: /.*/, namespace: "none" }, () => ({ contents: "" }));
  },
};
