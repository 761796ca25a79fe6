// Keys for lists and pages of the staff: / searches, j and k move, Enter opens, ? shows this.
// Everything can be done without them.
"use strict";
(() => {
  const rows = [...document.querySelectorAll("[data-rows] tbody tr")];
  const help = document.getElementById("keys");
  let at = -1;

  const go = (to) => {
    if (rows.length === 0) return;
    rows[at]?.classList.remove("at");
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at].classList.add("at");
    rows[at].querySelector("a")?.focus({ preventScroll: true });
    rows[at].scrollIntoView({ block: "nearest" });
  };
  const actions = {
    "/": () => document.querySelector("[data-search]")?.focus(),
    "j": () => go(at + 1),
    "k": () => go(at - 1),
    "?": () => help?.showModal(),
    "n": () => document.querySelector("[data-next]")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = actions[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  });
  document.querySelector("[data-show-keys]")?.addEventListener("click", () => help?.showModal());
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
