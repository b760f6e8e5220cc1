// A progress bar for a large upload. Without it the same form uploads by itself.
//
// <form data-upload data-say-sending="…" data-say-checking="…" data-say-failed="…"> holds [data-upload-bar] (a hidden
// <progress max="100">) and [data-upload-text]. A redirect is followed; a page sent back in its place (with errors) replaces <main>.
// data-largest (bytes) and data-say-too-large: what is too large is not sent, since the server would hang up in the middle.
"use strict";
{
  document.querySelectorAll("form[data-upload]").forEach(upload);

  function upload(form) {
    form.addEventListener("submit", (event) => {
      const file = form.querySelector("input[type=file]");
      if (!file || !file.files.length) return;
      event.preventDefault();
      const bar = form.querySelector("[data-upload-bar]");
      const text = form.querySelector("[data-upload-text]");
      const button = form.querySelector("button");
      if (form.dataset.largest && file.files[0].size > Number(form.dataset.largest)) {
        text.textContent = form.dataset.sayTooLarge;
        return;
      }
      const request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.upload.addEventListener("progress", (step) => {
        if (!step.lengthComputable) return;
        bar.value = Math.floor((100 * step.loaded) / step.total);
        text.textContent = step.loaded < step.total ? `${form.dataset.saySending} ${bar.value}%` : form.dataset.sayChecking;
      });
      request.addEventListener("load", () => arrive(form, request));
      request.addEventListener("error", () => {
        text.textContent = form.dataset.sayFailed;
        button.disabled = false;
      });
      bar.hidden = false;
      text.textContent = form.dataset.saySending;
      button.disabled = true;
      request.send(new FormData(form));
    });
  }

  function arrive(form, request) {
    const sentTo = new URL(form.action, window.location.href).href;
    if (request.status < 400 && request.responseURL !== sentTo) {
      window.location.assign(request.responseURL);
      return;
    }
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const main = page.querySelector("main");
    if (!main) {
      window.location.reload();
      return;
    }
    document.title = page.title;
    document.querySelector("main").replaceWith(document.adoptNode(main));
    document.querySelectorAll("main form[data-upload]").forEach(upload);
    (document.getElementById("error-summary") || document.getElementById("main")).focus();
  }
}
