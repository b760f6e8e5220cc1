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

  const memory = [];
  async function deliver() {
    if (!kept) {
      while (memory.length) {
        const body = new URLSearchParams({ csrfmiddlewaretoken: token, said: JSON.stringify(memory[0]) });
        const answer = await fetch(box.dataset.late, { method: "POST", body, redirect: "manual" }).catch(() => null);
        if (!answer || ![204, 422].includes(answer.status)) break;
        memory.shift();
      }
      told(memory.length);
      return;
    }
    await kept.send();
    told((await kept.waiting()).length);
  }
  function send() {
    sending ||= deliver().catch(() => {}).finally(() => { sending = null; });
    return sending;
  }
  async function note(kind, facts = {}) {
    const entry = { key: crypto.randomUUID(), kind, at: Date.now(), ...facts };
    if (kept) await kept.put(entry, entry.key);
    else memory.push(entry);
    await (sending || null);
    await send();
    return true;
  }
  window.addEventListener("online", send);
  setInterval(() => { if (!document.hidden) send(); }, EVERY);
  send();
  return { note };
};
