// Sends a film in pieces that survive a lost connection, a phone that slept and a server that began again (tus 1.0).
// Without it the same form sends the film by itself, in one go.
//
// <form data-upload="ADDRESS" data-largest="BYTES" data-say-…> holds [data-upload-bar] (a hidden <progress max="100">),
// [data-upload-text] and [data-upload-again] (a hidden button). Nothing about the film is kept in the browser: the file is
// held for this visit, and the server's own list ([data-going-on] with data-address and data-length) says what can go on.
"use strict";
{
  const PIECE = 4 * 1024 * 1024;
  const TAIL = 1024 * 1024;
  // Waits between tries, in milliseconds; the count starts anew whenever a piece has arrived.
  const WAITS = [0, 1000, 2000, 3000, 5000, ...Array(60).fill(10000)];
  const SPOKEN = { "Tus-Resumable": "1.0.0" };
  const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));

  document.querySelectorAll("form[data-upload]").forEach(ready);

  function ready(form) {
    if (typeof tus === "undefined" || !tus.isSupported) return;
    form.addEventListener("submit", (event) => {
      const file = form.querySelector("input[type=file]").files[0];
      if (!file) return;
      event.preventDefault();
      if (file.size > Number(form.dataset.largest)) return say(form, form.dataset.sayTooLarge);
      if (!form.elements.agreed.checked) {
        form.elements.agreed.focus();
        return say(form, form.dataset.sayAgree);
      }
      busy(form, true);
      say(form, form.dataset.saySending);
      send(form, file).catch(() => failed(form));
    });
  }

  async function send(form, file) {
    const address = (await goingOn(form, file)) || (await begun(form, file));
    if (!address) return;
    const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
    const upload = new tus.Upload(file, {
      // No `endpoint`: with one, the client answers a server that is restarting by sending all anew.
      uploadUrl: address, chunkSize: PIECE, retryDelays: WAITS, storeFingerprintForResuming: false, headers,
      onBeforeRequest: (request) => withSum(request, file),
      onShouldRetry: (error, _tries, options) => {
        const status = error.originalResponse ? error.originalResponse.getStatus() : 0;
        // A proxy that lets only GET and POST pass: the method goes into a header.
        if ((status === 405 || status === 501) && !options.overridePatchMethod) options.overridePatchMethod = true;
        else if (status >= 400 && status < 500 && ![408, 409, 423, 429, 460].includes(status)) return false;
        say(form, form.dataset.sayWaiting);
        return true;
      },
      onProgress: (sent, all) => progress(form, sent, all),
      onSuccess: () => finish(form, address).catch(() => failed(form, () => finish(form, address))),
      onError: (error) => {
        const response = error.originalResponse;
        const said = response && response.getStatus() < 500 && response.getHeader("Content-Type") || "";
        failed(form, () => upload.start(), said.startsWith("text/plain") ? response.getBody() : "");
      },
    });
    window.addEventListener("beforeunload", (event) => form.dataset.busy && event.preventDefault());
    upload.start();
  }

  async function begun(form, file) {
    const about = { agreed: "yes", from: "gallery", others: form.elements.others && form.elements.others.checked ? "yes" : "no" };
    const metadata = Object.entries(about).map(([name, value]) => `${name} ${btoa(value)}`).join(",");
    const response = await fetch(form.dataset.upload, {
      method: "POST", credentials: "same-origin", redirect: "error",
      headers: { ...SPOKEN, "Upload-Length": String(file.size), "Upload-Metadata": metadata,
                 "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    });
    if (response.status === 201) return new URL(response.headers.get("Location"), window.location.href).href;
    failed(form, null, (response.headers.get("Content-Type") || "").startsWith("text/plain") ? await response.text() : "");
    return "";
  }

  // A film that was cut off at an earlier visit goes on if this is the same file: the last bytes that arrived say so.
  async function goingOn(form, file) {
    for (const one of document.querySelectorAll("[data-going-on]")) {
      if (Number(one.dataset.length) !== file.size || !window.crypto.subtle) continue;
      const response = await fetch(`${one.dataset.address}tail/`, { credentials: "same-origin", redirect: "error" });
      if (!response.ok) continue;
      const tail = await response.json();
      const mine = await sumOf(file.slice(tail.first, tail.offset));
      if (tail.offset > TAIL && mine === tail.sha256) return new URL(one.dataset.address, window.location.href).href;
    }
    return "";
  }

  async function sumOf(blob) {
    return base64(await window.crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  }

  async function withSum(request, file) {
    const offset = request.getHeader("Upload-Offset");
    if (offset === undefined || !window.crypto.subtle) return;
    request.setHeader("Upload-Checksum", `sha256 ${await sumOf(file.slice(Number(offset), Number(offset) + PIECE))}`);
  }

  // 409: it is being finished, or not all is there yet. A server that is gone is asked again too.
  async function finish(form, address, tries = 0) {
    say(form, form.dataset.sayChecking);
    const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
    const asked = fetch(`${address}finish/`, { method: "POST", credentials: "same-origin", body });
    const response = await asked.catch(() => null);
    if (!response || response.status === 409 || response.status >= 500) {
      if (tries > 100) throw new Error("the server does not answer");
      await new Promise((later) => setTimeout(later, 3000));
      return finish(form, address, tries + 1);
    }
    delete form.dataset.busy;
    if (response.redirected && response.ok) return window.location.assign(response.url);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const main = page.querySelector("main");
    if (!main) return window.location.reload();
    document.title = page.title;
    document.querySelector("main").replaceWith(document.adoptNode(main));
    document.querySelectorAll("main form[data-upload]").forEach(ready);
    (document.getElementById("error-summary") || document.getElementById("main")).focus();
  }

  function progress(form, sent, all) {
    const bar = form.querySelector("[data-upload-bar]");
    bar.value = Math.floor((100 * sent) / all);
    say(form, `${form.dataset.saySending} ${bar.value}%`);
  }

  function failed(form, again, sentence) {
    busy(form, false);
    say(form, sentence || form.dataset.sayFailed);
    const button = form.querySelector("[data-upload-again]");
    button.hidden = !again || Boolean(sentence);
    button.onclick = () => {
      button.hidden = true;
      busy(form, true);
      again();
    };
  }

  function busy(form, yes) {
    if (yes) form.dataset.busy = "yes";
    else delete form.dataset.busy;
    form.querySelector("[data-upload-bar]").hidden = !yes;
    form.querySelector("button:not([data-upload-again])").disabled = yes;
  }

  function say(form, text) {
    form.querySelector("[data-upload-text]").textContent = text;
  }
}
