/** How long a browser may take to begin with a download before its bytes go. */
const PATIENCE_MS = 60_000;

/** Hands bytes to the browser as a download. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), PATIENCE_MS);
}
