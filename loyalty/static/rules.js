// The rule in words while it is written. Without it, the button "read it again" does the same.
(() => {
  "use strict";
  const WAIT = 350; // milliseconds after the last key
  const form = document.querySelector("form[data-told]");
  const told = document.getElementById("told");
  if (!form || !told) return;
  let timer = 0;
  let asked = 0;

  async function ask() {
    const mine = ++asked;
    const said = new FormData(form);
    said.delete("do");
    try {
      const answer = await fetch(form.dataset.told, { method: "POST", body: said, credentials: "same-origin" });
      if (answer.ok && mine === asked) told.innerHTML = await answer.text();
    } catch { /* offline: the sentence stays as it was */ }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
})();
