// Has this voucher kept for where there is no network. Without it everything else works.
"use strict";

if ("serviceWorker" in navigator) {
  const assets = [...document.querySelectorAll("link[href], script[src]")].map((each) => each.href || each.src);
  navigator.serviceWorker
    .register("/voucher-keeper.js")
    .then(() => navigator.serviceWorker.ready)
    .then((ready) => ready.active.postMessage({ page: location.pathname, assets }))
    .catch(() => undefined); // a private window, or no room: nothing is kept
}
