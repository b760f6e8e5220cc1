// Filming the shared review itself, where parent and practitioner both ticked that they agree, for supervision only.
//
// `reviewFilming(page, box)` gives start() and stop(): stop keeps the film and lays it beside the review by this clock.
"use strict";
globalThis.reviewFilming = (page, box) => {
  const asked = page.querySelector("[data-review-film-agreed]");
  const none = { start: () => {}, stop: () => {} };
  if (!asked || !navigator.mediaDevices || !globalThis.MediaRecorder) return none;
  const mark = box.querySelector("[data-filmed]");
  const line = asked.querySelector("[data-review-film-said]");
  const token = box.querySelector("[name=csrfmiddlewaretoken]").value;
  const agrees = (who) => asked.querySelector(`[data-agrees=${who}]`).checked;
  const say = (name) => asked.dataset[`say${name}`];
  let film = null;
  asked.hidden = false;

  async function start() {
    if (film || !agrees("parent") || !agrees("practitioner")) return;
    const video = { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video });
      film = await globalThis.filming({ stream, address: asked.dataset.uploads, token, others: false, told: () => {} });
      [mark.hidden, mark.textContent] = [false, `● ${say("Filming")}`];
    } catch (error) {
      line.textContent = error.name === "NotAllowedError" ? say("Camera") : error.message || say("Failed");
    }
  }
  async function stop() {
    if (!film) return;
    const done = film;
    film = null;
    mark.hidden = true;
    line.textContent = say("Sending");
    try {
      await done.stop();
      const address = await done.finish();
      const [, id] = /films\/([0-9a-f-]{36})\//.exec(address || "") || [];
      const body = new URLSearchParams({ csrfmiddlewaretoken: token, film: id, began: done.began,
        parent: "on", practitioner: "on" });
      const answer = await fetch(asked.dataset.link, { method: "POST", body });
      line.textContent = answer.ok ? say("Kept") : (await answer.json()).refused;
    } catch (error) {
      line.textContent = error.message || say("Failed");
    }
  }
  return { start, stop };
};
