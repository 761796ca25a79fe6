/** Curves on millimetre paper: 25 mm a second, 10 mm a millivolt, as ECGs are read. */

import { type Channel, extent, type Group } from "./waveform";

/** CSS has 96 pixels an inch. */
const PIXELS_PER_MM = 96 / 25.4;
const MM_PER_SECOND = 25;
const MM_PER_MILLIVOLT = 10;
/** Heights of a channel, in whole large squares. */
const LARGE_SQUARE_MM = 5;
const LEAST_MM = 20;
const MOST_MM = 80;
/** What is not measured in volts fills as much. */
const OTHER_MM = 30;
/** More pixels than this help nobody, and take memory. */
const MOST_DENSITY = 2;

/** As on paper, in the dark too. */
const PAPER = "#fffaf8";
const SMALL_LINES = "#f7dcd7";
const LARGE_LINES = "#e8a79d";
const INK = "#14202b";

/** Some of a group's samples: from the first to before the last. */
export interface Span {
  from: number;
  to: number;
}

/** How the values of a channel become heights. */
export interface Scale {
  least: number;
  most: number;
  /** The value at the lower edge. */
  bottom: number;
  mmPerUnit: number;
  heightMm: number;
}

/** The scale that a span of a channel needs; none, where nothing was recorded. */
export function scaleOf(channel: Channel, { from, to }: Span): Scale | undefined {
  const range = extent(channel, from, to);
  if (!range) return undefined;
  const [least, most] = range;
  if (channel.unit !== "mV") return { least, most, bottom: least, mmPerUnit: OTHER_MM / (most - least || 1), heightMm: OTHER_MM };
  let mmPerUnit = MM_PER_MILLIVOLT;
  while (squares(least, most, mmPerUnit).heightMm > MOST_MM) mmPerUnit /= 2;
  const { bottomMm, heightMm } = squares(least, most, mmPerUnit);
  return { least, most, bottom: bottomMm / mmPerUnit, mmPerUnit, heightMm };
}

/** The large squares around some values, with zero on a line among them. */
function squares(least: number, most: number, mmPerUnit: number): { bottomMm: number; heightMm: number } {
  const down = (value: number) => Math.floor((value * mmPerUnit) / LARGE_SQUARE_MM) * LARGE_SQUARE_MM;
  const bottomMm = Math.min(down(least), -LEAST_MM / 2);
  const topMm = Math.max(-down(-most), LEAST_MM / 2);
  return { bottomMm, heightMm: topMm - bottomMm };
}

/** Draws a span of a channel with the paper under it. */
export function trace(canvas: HTMLCanvasElement, { frequency }: Group, channel: Channel, { from, to }: Span, scale: Scale): void {
  const density = Math.min(window.devicePixelRatio, MOST_DENSITY);
  const mm = PIXELS_PER_MM * density;
  const widthMm = Math.max(((to - from) / frequency) * MM_PER_SECOND, LARGE_SQUARE_MM);
  canvas.width = Math.ceil(widthMm * mm);
  canvas.height = Math.ceil(scale.heightMm * mm);
  canvas.style.width = `${widthMm * PIXELS_PER_MM}px`;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  paper(pen, canvas, mm, density);
  pen.beginPath();
  pen.strokeStyle = INK;
  pen.lineWidth = 1.25 * density;
  pen.lineJoin = "round";
  let drawing = false;
  for (let sample = from; sample < to; sample++) {
    const value = channel.value(sample);
    const x = ((sample - from) / frequency) * MM_PER_SECOND * mm;
    const y = canvas.height - (value - scale.bottom) * scale.mmPerUnit * mm;
    if (Number.isNaN(value)) drawing = false;
    else if (drawing) pen.lineTo(x, y);
    else pen.moveTo(x, y);
    drawing = !Number.isNaN(value);
  }
  pen.stroke();
}

/** Lines each millimetre, and stronger ones each five. */
function paper(pen: CanvasRenderingContext2D, { width, height }: HTMLCanvasElement, mm: number, density: number): void {
  pen.fillStyle = PAPER;
  pen.fillRect(0, 0, width, height);
  for (const [color, stepMm] of [[SMALL_LINES, 1], [LARGE_LINES, LARGE_SQUARE_MM]] as const) {
    pen.fillStyle = color;
    for (let x = 0; x < width; x += stepMm * mm) pen.fillRect(Math.round(x), 0, density, height);
    // From below, where a large square begins.
    for (let y = height; y > 0; y -= stepMm * mm) pen.fillRect(0, Math.round(y), width, density);
  }
}
