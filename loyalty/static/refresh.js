// Asks for a part of the page anew every so often, while the page is seen and somebody is at it: a screen left alone
// must not keep a session open. What has the focus is left in peace. Without this, the page is as it was when it came.
(() => {
  "use strict";
  const ALONE_AFTER = 15 * 60 * 1000;
  const SAID_EVERY = 5000;
  let touched = Date.now();
  let said = 0;
  for (const sign of ["pointerdown", "pointermove", "keydown", "scroll"]) {
    addEventListener(sign, () => { touched = Date.now(); }, { passive: true });
  }

  function say(text) {
    const where = document.getElementById("refresh-said");
    if (!where || !text || where.textContent === text || Date.now() - said < SAID_EVERY) return;
    said = Date.now();
    where.textContent = text;
  }

  async function refresh(part) {
    if (document.hidden || Date.now() - touched > ALONE_AFTER || part.contains(document.activeElement)) return;
    let answer;
    try {
      answer = await fetch(part.dataset.refresh, { headers: { Accept: "text/html" } });
    } catch {
      return; // the next time, perhaps
    }
    if (!answer.ok || answer.redirected || part.contains(document.activeElement)) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    if (found.querySelector("[data-over]")) return location.reload(); // the page has more to say than this part
    const open = [...part.querySelectorAll("details[open]")].map((each) => each.className);
    part.replaceChildren(...found.childNodes);
    for (const each of part.querySelectorAll("details")) each.open = open.includes(each.className);
    say(part.querySelector("[data-say]")?.dataset.say);
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const part of document.querySelectorAll("[data-refresh]")) {
      setInterval(() => refresh(part), Number(part.dataset.every || 30) * 1000);
    }
  });
})();
