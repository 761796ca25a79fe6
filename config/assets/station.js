// The burn desk: each scanned code leads on to the next box, and the last one sends the form. A page that
// shows a disc at work asks again every few seconds; one that shows a mismatch makes a sound.
"use strict";
(() => {
  const boxes = [...document.querySelectorAll("[data-scan]")];
  const show = (box) => {
    const read = box.value.trim() !== "";
    const scan = box.closest(".scan");
    const word = scan.querySelector("[data-scan-word]");
    scan.classList.toggle("read", read);
    word.classList.toggle("good", read);
    word.textContent = read ? "Scanned" : "Scan it";
  };
  boxes.forEach((box, index) => {
    box.addEventListener("input", () => show(box));
    // A scanner ends what it read with Enter.
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || box.value.trim() === "") return;
      const next = boxes.slice(index + 1).find((other) => other.value.trim() === "");
      if (next) {
        event.preventDefault();
        next.focus();
      }
    });
  });
  if (document.querySelector("[data-refresh]")) setTimeout(() => location.reload(), 3000);

  if (document.querySelector("[data-alarm]") && "AudioContext" in window) {
    const sound = new AudioContext();
    [0, 0.25].forEach((start) => {
      const tone = sound.createOscillator();
      tone.frequency.value = 330;
      tone.connect(sound.destination);
      tone.start(sound.currentTime + start);
      tone.stop(sound.currentTime + start + 0.18);
    });
  }
})();
