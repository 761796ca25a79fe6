// A stack of images in Cornerstone3D, for run.js.

import * as core from "@cornerstonejs/core";
import * as loader from "@cornerstonejs/dicom-image-loader";

const parameters = new URLSearchParams(location.search);
const images = Array.from({ length: Number(parameters.get("count")) }, (_, at) => `wadouri:${location.origin}/dicom/${at}`);
const element = document.querySelector("#stage");

core.init();
loader.init({ maxWebWorkers: 2 });
if (parameters.has("cpu")) core.setUseCPURendering(true);
const engine = new core.RenderingEngine("engine");
engine.enableElement({ viewportId: "stack", type: core.Enums.ViewportType.STACK, element });
const viewport = engine.getViewport("stack");
const rendered = () => new Promise((resolve) => element.addEventListener(core.Enums.Events.IMAGE_RENDERED, resolve, { once: true }));

window.first = async () => {
  const seen = rendered();
  await viewport.setStack(images, 0);
  viewport.render();
  await seen;
  return performance.now();
};

window.scroll = async () => {
  const from = performance.now();
  let drawn = 0;
  for (let at = 1; at < images.length; at++) {
    const seen = rendered();
    await viewport.setImageIdIndex(at);
    await seen;
    drawn += 1;
  }
  return { drawn, seconds: (performance.now() - from) / 1000 };
};
window.isReady = true;
