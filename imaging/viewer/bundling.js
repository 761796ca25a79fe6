// How the page carries what it does not write itself: WebAssembly is deflated into its script, and what only Node has is
// left out.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { deflateRawSync } from "node:zlib";

const resolve = createRequire(import.meta.url).resolve;

/** For esbuild: a module named `wasm:PACKAGE` is the deflated bytes of a WebAssembly file, in base 64. */
export const packed = {
  name: "packed",
  setup(build) {
    build.onResolve({ filter: /^wasm:/ }, ({ path }) => ({ path: resolve(path.slice(5)), namespace: "wasm" }));
    build.onLoad({ filter: /.*/, namespace: "wasm" }, async ({ path }) => {
      const contents = deflateRawSync(await readFile(path), { level: 9 }).toString("base64");
      return { contents, loader: "text" };
    });
    build.onResolve({ filter: /^(fs|path)$/ }, ({ path }) => ({ path, namespace: "none" }));
    build.onLoad({ filter: /.*/, namespace: "none" }, () => ({ contents: "" }));
  },
};
