// Keeps the vouchers that a fan opened, to be shown where there is no network. It answers for nothing else: neither for
// another page, nor for the API, the partners or the admin. What it keeps goes when somebody signs in or out.
"use strict";

const KEPT = "loyalty-vouchers";
const OWNER = "/kept-for"; // an address of nothing: under it stands whose vouchers these are
const PATIENCE = 4000; // milliseconds that a bad network is given before the kept copy is shown
const VOUCHER = /^\/vouchers\/\d+$/;
const ASSET = /^\/(static|brand)\//;
const COMES_OR_GOES = /^\/(sign-in\/|sign-out|profile\/erase$)/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => event.waitUntil(keepFirst(event.data)));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && COMES_OR_GOES.test(url.pathname)) event.waitUntil(caches.delete(KEPT));
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && VOUCHER.test(url.pathname)) event.respondWith(voucher(event, url.pathname));
  else if (ASSET.test(url.pathname) && isForVoucher(request)) event.respondWith(asset(request));
});

async function voucher(event, path) {
  const coming = fetch(event.request).then((response) => {
    event.waitUntil(note(path, response.clone()));
    return response;
  });
  const copy = await (await caches.open(KEPT)).match(path);
  if (copy === undefined) return coming;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const response = await Promise.race([coming, late]).catch(() => undefined);
  coming.catch(() => undefined);
  return response === undefined || response.status >= 500 ? asKept(copy) : response;
}

// The page comes with its banner, hidden: here it is true.
async function asKept(copy) {
  const page = (await copy.text()).replace(' id="kept" hidden', ' id="kept"');
  return new Response(page, { headers: copy.headers });
}

async function note(path, response) {
  const owner = response.headers.get("Loyalty-Keep");
  if (response.status === 401) return caches.delete(KEPT);
  if (response.status >= 500) return undefined;
  const cache = await caches.open(KEPT);
  if (!response.ok || owner === null) return cache.delete(path); // used, cancelled, not theirs
  const former = await cache.match(OWNER);
  if (former !== undefined && (await former.text()) !== owner) {
    await caches.delete(KEPT);
    return note(path, response);
  }
  await cache.put(OWNER, new Response(owner));
  return cache.put(path, response);
}

// The page that brought us here was read before we were there.
async function keepFirst({ page, assets }) {
  const cache = await caches.open(KEPT);
  if ((await cache.match(page)) === undefined) await note(page, await fetch(page));
  await Promise.all(assets.map(async (each) => (await cache.match(each)) ?? cache.add(each)));
}

async function asset(request) {
  const copy = await (await caches.open(KEPT)).match(request.url);
  return copy ?? fetch(request);
}

function isForVoucher(request) {
  return request.referrer !== "" && VOUCHER.test(new URL(request.referrer).pathname);
}
