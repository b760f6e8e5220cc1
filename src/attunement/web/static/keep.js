// Answers that could not be sent yet, kept on the phone for three days at most, where the respondent has agreed to it.
//
// Each is sealed to the server's public key with a key pair made for it alone, whose private half is never stored: the
// phone keeps what it cannot read back. In the clear stand only which question it is, a random mark and the hour.
// `keptAnswers(element)` takes `data-late` (where to send), `data-lock` (the server's P-256 point) and `data-paper`; it
// gives null where nothing may or can be kept. `send()` sends what waits, the earliest first, and gives the places that
// have an answer; it stops at the first that cannot be sent now.
"use strict";
{
  const HOURS = 72;
  const text = new TextEncoder();
  const PURPOSE = text.encode("attunement late answer 1");
  const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const base64 = (parts) => btoa(Array.from(parts, (part) => String.fromCharCode(...part)).join(""));

  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  async function store() {
    const opening = indexedDB.open("page", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("waiting", { keyPath: "key" });
    return done(opening);
  }

  async function seal(lock, paper, answer) {
    const curve = { name: "ECDH", namedCurve: "P-256" };
    const theirs = await crypto.subtle.importKey("raw", bytes(lock), curve, false, []);
    const own = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
    const shown = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
    const agreed = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
    const stretched = await crypto.subtle.importKey("raw", agreed, "HKDF", false, ["deriveKey"]);
    const key = await crypto.subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt: shown, info: PURPOSE }, stretched,
      { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const how = { name: "AES-GCM", iv: nonce, additionalData: text.encode(paper) };
    const closed = await crypto.subtle.encrypt(how, key, text.encode(JSON.stringify(answer)));
    return base64([shown, nonce, new Uint8Array(closed)]);
  }

  globalThis.keptAnswers = async (element) => {
    const { late, lock, paper } = element.dataset;
    if (!lock || !globalThis.indexedDB || !crypto.subtle) return null;
    const home = base64([new Uint8Array(await crypto.subtle.digest("SHA-256", text.encode(late)))]);
    const database = await store();
    const rows = (mode) => database.transaction("waiting", mode, { durability: "strict" }).objectStore("waiting");
    const forget = (key) => done(rows("readwrite").delete(key));

    async function waiting() {
      const found = await done(rows("readonly").getAll());
      const old = found.filter((row) => Date.now() - row.made > HOURS * 3600e3);
      for (const row of old) await forget(row.key);
      return found.filter((row) => row.home === home && !old.includes(row)).sort((a, b) => a.made - b.made);
    }

    function put(answer, place) {
      return seal(lock, paper, answer).then((sealed) => new Promise((resolve, reject) => {
        const change = database.transaction("waiting", "readwrite", { durability: "strict" });
        change.objectStore("waiting").put({ key: answer.key, home, place, made: Date.now(), sealed });
        change.oncomplete = () => resolve(true);
        change.onabort = () => reject(change.error);
      }));
    }

    async function send() {
      const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
      const places = new Set();
      for (const row of await waiting()) {
        places.add(row.place);
        const body = new URLSearchParams({ csrfmiddlewaretoken: token, sealed: row.sealed });
        const answer = await fetch(late, { method: "POST", body, cache: "no-store", redirect: "manual" }).catch(() => null);
        if (answer && answer.status === 422) places.delete(row.place);
        if (answer && [204, 410, 422].includes(answer.status)) await forget(row.key);
        else break;
      }
      for (const row of await waiting()) places.add(row.place);
      return places;
    }

    return { put, forget, send, waiting };
  };

  const ended = document.querySelector("form[data-late]:not([data-survey])");
  if (ended) globalThis.keptAnswers(ended).then((kept) => kept && kept.send()).catch(() => {});
}
