// Looking at images: the wheel and the arrow keys go through them, a slider changes them while it moves.
// Without this, links and a button do the same.
"use strict";
(() => {
  const figure = document.querySelector("[data-see]");
  const form = document.querySelector("[data-look]");
  if (!figure || !form) return;
  const last = Number(figure.dataset.count);
  const said = document.querySelector("[data-position]");
  const words = said.textContent;
  const field = (name) => form.elements.namedItem(name);
  const first = Number(field("image").value);
  const pictures = new Map();
  let at = first;
  let waiting = 0;

  const query = (image) => {
    const look = new URLSearchParams({ image, brightness: field("brightness").value, contrast: field("contrast").value });
    return look.toString();
  };
  const picture = (image) => {
    const source = `${figure.dataset.see}?${query(image)}`;
    if (!pictures.has(source)) {
      const made = new Image();
      made.alt = figure.querySelector("img").alt;
      made.src = source;
      pictures.set(source, made);
      if (pictures.size > 200) pictures.delete(pictures.keys().next().value);
    }
    return pictures.get(source);
  };
  const show = async (image) => {
    at = Math.max(1, Math.min(last, image));
    field("image").value = at;
    said.textContent = words.replace(String(first), String(at));
    history.replaceState(null, "", `?${query(at)}`);
    const next = picture(at);
    try {
      await next.decode();
    } catch {
      // One that cannot be drawn says so on a page of its own.
      location.search = query(at);
      return;
    }
    if (field("image").value !== String(at) || picture(at) !== next) return;
    figure.querySelector("img").replaceWith(next);
    for (const near of [at + 1, at - 1]) if (near >= 1 && near <= last) picture(near);
  };
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => show(at), 120);
  };

  figure.addEventListener("wheel", (event) => {
    if (event.ctrlKey) return;
    event.preventDefault();
    show(at + Math.sign(event.deltaY));
  }, { passive: false });
  document.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -last, End: last };
    // The viewer may have taken the pictures' place.
    if (!figure.isConnected || !(event.key in steps) || event.target.closest("input, select, summary, button")) return;
    event.preventDefault();
    show(at + steps[event.key]);
  });
  for (const link of document.querySelectorAll("[data-step]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show(at + Number(link.dataset.step));
    });
  }
  for (const name of ["brightness", "contrast"]) field(name).addEventListener("input", later);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show(Number(field("image").value));
  });
  document.querySelector("[data-save]")?.addEventListener("click", (event) => {
    event.currentTarget.href = `${figure.dataset.see}?${query(at)}&save=1`;
  });
})();
