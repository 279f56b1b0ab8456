// The admin's keys (each can be turned off, WCAG 2.1.4), copying, and dialogs. Everything works without it.
(() => {
  "use strict";
  document.documentElement.classList.add("has-js");
  const OFF = "loyalty-keys-off";
  const kept = {
    get off() { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } },
    set off(value) { try { localStorage.setItem(OFF, value ? "1" : "0"); } catch { /* private window: for this page only */ } },
  };
  const find = (chosen) => document.querySelector(chosen);
  let waitsForPage = false;

  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  const rows = () => [...document.querySelectorAll("[data-rows] tbody tr")];

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.classList.contains("is-at"));
    const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
    all.forEach((row) => row.classList.toggle("is-at", row === next));
    const link = next.querySelector("a, summary, button");
    (link ?? next).focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  const act = {
    "/": () => find("[type=search], [data-search]")?.focus(),
    "?": () => find("#keys-help")?.showModal(),
    j: () => move(1),
    k: () => move(-1),
    g: () => { waitsForPage = true; setTimeout(() => { waitsForPage = false; }, 1200); },
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "s" && (event.ctrlKey || event.metaKey) && !event.altKey) {
      const form = find("form[data-save]");
      if (form) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (kept.off || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || find("dialog[open]")) return;
    if (waitsForPage) {
      waitsForPage = false;
      const link = find(`.side a[data-key="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    const does = act[event.key];
    if (does) { event.preventDefault(); does(); }
  });

  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-open]");
    if (opens) document.getElementById(opens.dataset.open)?.showModal();
    const copies = event.target.closest("[data-copy]");
    if (copies) navigator.clipboard?.writeText(document.getElementById(copies.dataset.copy).textContent);
  });

  document.addEventListener("DOMContentLoaded", () => {
    if (matchMedia("(max-width: 63.99rem)").matches) find(".side-menu")?.removeAttribute("open");
    else find(".side [aria-current]")?.scrollIntoView({ block: "nearest" });
    const off = find("#keys-off");
    if (off) {
      off.checked = kept.off;
      off.addEventListener("change", () => { kept.off = off.checked; });
    }
  });
})();
