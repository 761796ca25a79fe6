// How fast a disc opens and turns its pages: `node test/measure.js FOLDER CODE_FILE`. Prints what it found, asserts nothing.

import { readdirSync, readFileSync } from "node:fs";
import { BROWSERS, launch, openDisc } from "./support/browser.js";

const [folder, codeFile] = process.argv.slice(2);
const code = readFileSync(codeFile, "utf8").trim();
const [chromium] = BROWSERS;

/** Memory of a process and all it started, in bytes, what is shared counted once. */
function memoryOf(root) {
  const parents = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const stat = read(`/proc/${pid}/stat`);
    if (stat) parents.set(Number(pid), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
  }
  const isOurs = (pid) => pid === root || (parents.has(pid) && isOurs(parents.get(pid)));
  return Array.from(parents.keys()).filter(isOurs).reduce((sum, pid) => sum + Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? "")?.[1] ?? 0) * 1024, 0);
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Processes come and go.
    return undefined;
  }
}

/** Milliseconds from Enter to the first picture of the first series, as a reader gets there. */
async function firstPicture(reader) {
  await reader.page.waitForSelector("#code");
  await reader.page.type("#code", code);
  await reader.page.evaluate(() => document.addEventListener("keydown", ({ key }) => key === "Enter" && (window.entered ??= performance.now()), true));
  const seen = reader.page.evaluate(
    () =>
      new Promise((resolve) => {
        const watch = () => {
          document.querySelector("ul.series a")?.click();
          const canvas = document.querySelector(".stage canvas");
          if (canvas?.style.transform && !canvas.hidden) resolve(performance.now() - window.entered);
          else requestAnimationFrame(watch);
        };
        watch();
      }),
  );
  await reader.page.keyboard.press("Enter");
  return seen;
}

/** Pictures a second, from the first to the last, each as soon as the one before is there. */
function scroll(reader) {
  return reader.page.evaluate(
    () =>
      new Promise((resolve) => {
        const slider = document.querySelector("#position");
        const last = Number(slider.max);
        const canvas = document.querySelector(".stage canvas");
        const from = performance.now();
        let drawn = 0;
        const context = canvas.getContext("2d");
        const put = context.putImageData.bind(context);
        context.putImageData = (...what) => {
          put(...what);
          drawn += 1;
        };
        const next = () => {
          if (Number(slider.value) >= last) return resolve({ drawn, seconds: (performance.now() - from) / 1000 });
          document.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown" }));
          requestAnimationFrame(next);
        };
        next();
      }),
  );
}

const session = await launch(chromium);
let most = 0;
const watching = setInterval(() => (most = Math.max(most, memoryOf(session.browser.process().pid))), 200);
try {
  const reader = await openDisc(session.browser, folder);
  const first = await firstPicture(reader);
  const once = await scroll(reader);
  await reader.page.keyboard.press("Home");
  await reader.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
  const again = await scroll(reader);
  await reader.page.evaluate(() => (location.hash = ""));
  await reader.sees("The whole disc was checked.", 300_000);
  const told = ({ drawn, seconds }) => `${drawn} pictures in ${seconds.toFixed(1)} s: ${(drawn / seconds).toFixed(0)} a second`;
  console.log(`code to first picture: ${first.toFixed(0)} ms\nfirst time through: ${told(once)}\nsecond time: ${told(again)}\nmost memory: ${(most / 1e6).toFixed(0)} MB`);
} finally {
  clearInterval(watching);
  await session.close();
}
