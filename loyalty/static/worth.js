// Shows what an answer is worth when, while the settings are typed; without it, the page shows it as it was sent.
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("[data-worth]");
    const shown = document.getElementById("worth");
    let waits;

    async function refresh() {
      const said = new URLSearchParams();
      for (const [name, value] of new FormData(form)) {
        if (name === "kind" || name === "minutes" || name.startsWith("setting-")) said.set(name, value);
      }
      try {
        const answer = await fetch(`${form.dataset.worth}?${said}`);
        if (!answer.ok || answer.redirected) return;
        const found = new DOMParser().parseFromString(await answer.text(), "text/html").body;
        shown.replaceChildren(...found.childNodes);
      } catch { /* the next key, perhaps */ }
    }

    form?.addEventListener("input", () => {
      clearTimeout(waits);
      waits = setTimeout(refresh, 400);
    });
  });
})();
