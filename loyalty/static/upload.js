// Says at once that a picture is too heavy, before it is sent in vain.
(() => {
  "use strict";
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!field.dataset.mostBytes) return;
    const heavy = [...field.files].some((file) => file.size > Number(field.dataset.mostBytes));
    field.setCustomValidity(heavy ? field.dataset.tooHeavy : "");
    field.reportValidity();
  });
})();
