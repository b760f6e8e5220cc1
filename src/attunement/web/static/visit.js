// A visit that cannot be sent is kept on the phone by its trial number and sent later. Without this script the same form
// posts by itself.
//
// What is kept is sealed to the server's public key (P-256 point in data-lock) with a key pair made for it alone, whose
// private half is never stored: the phone keeps what it cannot read back. In the clear stand only the trial number, the
// session's number, a random key and the hour. The key is made with the page, so that what is sent twice is kept once.
//
// <form data-visit data-session data-trial data-back data-say-kept …> is the page of a visit; any element with data-late
// (where to send), data-lock and data-who sends what waits for that person as soon as it is opened with a signal;
// [data-visit-said] is told how many wait, in the words of data-say-waiting. An element with data-worker too keeps the
// page, the pages of visits that it leads to and what they are drawn with, for `visits-worker.js` to give out without a
// signal; what it does not lead to any more goes.
"use strict";
{
  const text = new TextEncoder();
  const PURPOSE = text.encode("attunement visit 1");
  const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const base64 = (parts) => btoa(parts.map((part) => String.fromCharCode(...part)).join(""));
  const place = document.querySelector("[data-late][data-lock]");
  if (place && place.dataset.lock && globalThis.indexedDB && globalThis.crypto && crypto.subtle) begin(place);

  function begin(element) {
    const { late, lock, who } = element.dataset;
    const said = document.querySelector("[data-visit-said]");
    const token = () => document.querySelector("input[name=csrfmiddlewaretoken]").value;
    let sending = null;
    if (element.matches("form")) element.addEventListener("submit", (event) => keep(event, element));
    window.addEventListener("online", send);
    send();
    if (element.dataset.worker) ready(element.dataset.worker).catch(() => {});

    function tell(words) {
      const line = document.querySelector("[data-visit-said]");
      line.textContent = words;
      line.dataset.state = "waiting";
    }

    function rows(database, mode) {
      return database.transaction("visits", mode, { durability: "strict" }).objectStore("visits");
    }

    function send() {
      sending ||= deliver().catch(() => {}).finally(() => { sending = null; });
      return sending;
    }

    async function deliver() {
      const database = await store();
      const waiting = (await done(rows(database, "readonly").getAll())).filter((row) => row.who === who);
      let left = waiting.length;
      for (const row of waiting.sort((a, b) => a.made - b.made)) {
        const body = new URLSearchParams({ csrfmiddlewaretoken: token(), sealed: row.sealed });
        const answer = await fetch(late, { method: "POST", body, redirect: "manual", cache: "no-store" }).catch(() => null);
        if (!answer) break;
        if (answer.status !== 204) continue;
        await done(rows(database, "readwrite").delete(row.key));
        left -= 1;
      }
      if (said && element.dataset.sayWaiting) said.textContent = left ? `${element.dataset.sayWaiting} ${left}` : "";
      if (waiting.length > left && element.dataset.reload !== undefined) window.location.reload();
    }

    async function keep(event, form) {
      event.preventDefault();
      const fields = new FormData(form);
      const button = form.querySelector("button");
      button.disabled = true;
      const row = { key: fields.get("key"), who, trial: form.dataset.trial, session: form.dataset.session, made: Date.now() };
      const answers = {};
      for (const name of new Set(fields.keys())) answers[name] = fields.getAll(name);
      delete answers.csrfmiddlewaretoken;
      try {
        row.sealed = await seal(lock, who, { session: form.dataset.session, key: row.key, said: answers });
        await put(row);
      } catch {
        form.submit();
        return;
      }
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" })
        .catch(() => null);
      if (answer && answer.status === 422) {
        await done(rows(await store(), "readwrite").delete(row.key));
        show(await answer.text());
        return;
      }
      // A redirect may lead to the sign-in page, so what is kept goes only when the server says that it has it.
      if (answer) await send();
      if (answer && answer.type === "opaqueredirect") window.location.assign(form.dataset.back);
      else tell(form.dataset.sayKept);
    }

    // What is wrong with the form, as the server shows it; the script that keeps visits goes on with the new form.
    function show(markup) {
      const page = new DOMParser().parseFromString(markup, "text/html");
      document.title = page.title;
      document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
      const form = document.querySelector("form[data-visit]");
      if (form) begin(form);
      (document.getElementById("error-summary") || document.querySelector("main")).focus();
    }
  }

  async function ready(worker) {
    if (!navigator.serviceWorker || !globalThis.caches || document.getElementById("late")) return;
    await navigator.serviceWorker.register(worker, { scope: "/" });
    const paths = (selector, name) => Array.from(document.querySelectorAll(selector), (one) => new URL(one[name]).pathname);
    const pages = [location.pathname, ...paths("main a[href*='/sessions/']", "href")];
    const drawn = [...paths("link[href*='/static/']", "href"), ...paths("script[src]", "src")];
    const wanted = new Set([...pages, ...drawn]);
    const found = new Map();
    for (const path of wanted) {
      const answer = await fetch(path);
      const headers = new Headers(answer.headers);
      headers.set("x-kept-at", Date.now());
      if (answer.ok && !answer.redirected) found.set(path, new Response(await answer.blob(), { headers }));
    }
    const cache = await caches.open("visits");
    for (const [path, answer] of found) await cache.put(path, answer);
    for (const old of await cache.keys()) if (!wanted.has(new URL(old.url).pathname)) await cache.delete(old);
  }

  function done(request) {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  function store() {
    const opening = indexedDB.open("visits", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("visits", { keyPath: "key" });
    return done(opening);
  }

  async function put(row) {
    const database = await store();
    return new Promise((resolve, reject) => {
      const change = database.transaction("visits", "readwrite", { durability: "strict" });
      change.objectStore("visits").put(row);
      change.oncomplete = () => resolve();
      change.onabort = () => reject(change.error);
    });
  }

  async function seal(lock, about, said) {
    const curve = { name: "ECDH", namedCurve: "P-256" };
    const theirs = await crypto.subtle.importKey("raw", bytes(lock), curve, false, []);
    const own = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
    const shown = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
    const agreed = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
    const stretched = await crypto.subtle.importKey("raw", agreed, "HKDF", false, ["deriveKey"]);
    const key = await crypto.subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt: shown, info: PURPOSE }, stretched,
      { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const how = { name: "AES-GCM", iv: nonce, additionalData: text.encode(about) };
    const closed = await crypto.subtle.encrypt(how, key, text.encode(JSON.stringify(said)));
    return base64([shown, nonce, new Uint8Array(closed)]);
  }
}
