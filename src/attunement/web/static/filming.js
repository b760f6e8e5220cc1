// Filming in the page: what the camera gives is sent in pieces while it is filmed (tus 1.0, the length said at the end)
// and forgotten here as soon as it has arrived. Nothing comes into the device's gallery.
//
// `filming({ stream, address, token, others, told })`: `address` begins an upload. Gives { began, stop() }: `began` the
// clock in ms at the first picture, `stop()` a promise of the upload's address once all of it is there. `told` hears
// { seconds, waiting (bytes), lost }.
"use strict";
globalThis.filming = async ({ stream, address, token, others, told }) => {
  const KINDS = ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
  const EVERY = 1000;
  const RATE = 2_500_000;
  const SPOKEN = { "Tus-Resumable": "1.0.0", "X-CSRFToken": token };
  const about = { agreed: "yes", from: "page", others: others ? "yes" : "no" };
  const metadata = Object.entries(about).map(([name, value]) => `${name} ${btoa(value)}`).join(",");
  const begun = await fetch(address, { method: "POST", redirect: "error",
    headers: { ...SPOKEN, "Upload-Defer-Length": "1", "Upload-Metadata": metadata } });
  if (begun.status !== 201) throw new Error((await begun.text()).slice(0, 200));
  const upload = new URL(begun.headers.get("Location"), window.location.href).href;
  const recorder = new MediaRecorder(stream, { mimeType: KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)),
    videoBitsPerSecond: RATE });
  const film = { began: 0 };
  let [pieces, offset, ended, running, lost] = [[], 0, false, null, false];
  const lock = navigator.wakeLock ? await navigator.wakeLock.request("screen").catch(() => null) : null;

  const waiting = () => pieces.reduce((sum, piece) => sum + piece.size, 0);
  const tell = () => told({ seconds: film.began ? (Date.now() - film.began) / 1000 : 0, waiting: waiting(), lost });
  const later = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
  const warn = (event) => event.preventDefault();
  window.addEventListener("beforeunload", warn);

  async function send(body, more = {}) {
    const sum = crypto.subtle ? await crypto.subtle.digest("SHA-256", await body.arrayBuffer()) : null;
    const headers = { ...SPOKEN, ...more, "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) };
    if (sum) headers["Upload-Checksum"] = `sha256 ${btoa(String.fromCharCode(...new Uint8Array(sum)))}`;
    return fetch(upload, { method: "PATCH", headers, body, redirect: "error" });
  }
  // One request after the other; what came while the last was under way goes together.
  async function deliver() {
    while (pieces.length || !ended) {
      if (!pieces.length) {
        await later(200);
        continue;
      }
      const many = pieces.length;
      const body = new Blob(pieces.slice(0, many));
      const answer = await send(body).catch(() => null);
      lost = !answer || answer.status >= 500;
      if (answer && answer.status === 204) {
        pieces = pieces.slice(many);
        offset += body.size;
      } else if (answer && answer.status === 409 && Number(answer.headers.get("Upload-Offset")) === offset + body.size) {
        pieces = pieces.slice(many);
        offset += body.size;
      } else if (answer && answer.status < 500 && ![408, 409, 423, 429, 460].includes(answer.status)) {
        throw new Error((await answer.text()).slice(0, 200));
      } else {
        await later(2000);
      }
      tell();
    }
    for (;;) {
      const answer = await send(new Blob([]), { "Upload-Length": String(offset) }).catch(() => null);
      if (answer && answer.status < 500) return upload;
      await later(2000);
    }
  }

  recorder.addEventListener("start", () => { film.began = Date.now(); });
  recorder.addEventListener("dataavailable", (event) => {
    if (event.data.size) pieces.push(event.data);
    tell();
  });
  film.stop = async () => {
    if (recorder.state !== "inactive") {
      await new Promise((resolve) => {
        recorder.addEventListener("stop", resolve, { once: true });
        recorder.stop();
      });
    }
    stream.getTracks().forEach((track) => track.stop());
    if (lock) lock.release().catch(() => {});
    ended = true;
    const done = await running;
    window.removeEventListener("beforeunload", warn);
    return done;
  };
  // All has arrived: on to the film's page, or null with the form's sentence.
  film.finish = async () => {
    for (;;) {
      const body = new URLSearchParams({ csrfmiddlewaretoken: token });
      const answer = await fetch(`${upload}finish/`, { method: "POST", body }).catch(() => null);
      if (answer && answer.redirected && answer.ok) return answer.url;
      if (answer && answer.status < 500 && answer.status !== 409) return null;
      await later(2000);
    }
  };
  recorder.start(EVERY);
  running = deliver();
  running.catch(() => {});
  return film;
};
