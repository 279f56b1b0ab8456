// Paints the whole page in the colour being chosen, with the very style sheet that it would have.
(() => {
  "use strict";
  const field = document.getElementById("brand_colour");
  const sheet = document.querySelector('link[href*="/brand/"]');
  if (!field || !sheet) return;
  let last = 0;

  const parts = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const light = (colour) => parts(colour)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const contrast = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };

  function tell() {
    const is = getComputedStyle(document.documentElement);
    const colour = (name) => is.getPropertyValue(name).trim();
    const said = {
      button: contrast(colour("--on-brand"), colour("--brand")),
      light: contrast(colour("--brand-ink"), "#ffffff"),
      dark: contrast(colour("--brand-ink-dark"), "#1f1e23"),
    };
    for (const [name, ratio] of Object.entries(said)) {
      const place = document.querySelector(`[data-contrast="${name}"]`);
      if (place) place.textContent = `${ratio.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} : 1`;
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(last);
    last = setTimeout(() => {
      sheet.addEventListener("load", tell, { once: true });
      sheet.href = `/brand/${field.value.slice(1).toLowerCase()}.css`;
    }, 120);
  });
})();
