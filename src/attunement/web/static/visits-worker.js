// Lets a practitioner open the pages of the coming visits where there is no signal. `visit.js` on the list of families
// keeps that list, those pages and what they are drawn with; here they are given out when the server cannot be reached,
// and only then, for two days at most. Signing out, or being sent to the sign-in page, wipes them.
"use strict";
{
  const KEPT = "visits";
  const LONGEST = 48 * 3600e3;
  const wipe = () => caches.delete(KEPT);

  self.addEventListener("install", () => self.skipWaiting());
  self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (origin !== self.location.origin) return;
    if (pathname.startsWith("/accounts/")) {
      event.waitUntil(wipe());
    } else if (request.method === "GET" && (request.mode === "navigate" || pathname.startsWith("/static/"))) {
      event.respondWith(answer(request, pathname));
    }
  });

  async function answer(request, pathname) {
    try {
      const response = await fetch(request);
      if (response.redirected && new URL(response.url).pathname.startsWith("/accounts/")) await wipe();
      return response;
    } catch (failure) {
      const kept = await (await caches.open(KEPT)).match(
        pathname === "/" ? "/caseload/" : pathname, { ignoreVary: true });
      const age = kept ? Date.now() - kept.headers.get("x-kept-at") : Infinity;
      if (!(age < LONGEST)) throw failure;
      return kept;
    }
  }
}
