// What is noted in a shared review: sealed on the tablet (keep.js) until the server has it, or, where nothing can be kept
// there, in memory until it is sent.
//
// `reviewNotes(box, told)`: `note(kind, facts)` gives a promise that ends once it is safe here; `told` hears how many wait
// and what the server has refused.
"use strict";
globalThis.reviewNotes = async (box, told) => {
  const EVERY = 5000;
  const token = box.querySelector("[name=csrfmiddlewaretoken]").value;
  const kept = await globalThis.keptAnswers(box).catch(() => null);
  let sending = null;

  async function deliver() {
    if (!kept) return;
    await kept.send();
    told((await kept.waiting()).length);
  }
  function send() {
    sending ||= deliver().catch(() => {}).finally(() => { sending = null; });
    return sending;
  }
  async function note(kind, facts = {}) {
    const entry = { key: crypto.randomUUID(), kind, at: Date.now(), ...facts };
    if (!kept) return false;
    await kept.put(entry, entry.key);
    await (sending || null);
    await send();
    return true;
  }
  window.addEventListener("online", send);
  setInterval(() => { if (!document.hidden) send(); }, EVERY);
  send();
  return { note, send, token, able: Boolean(kept) };
};
