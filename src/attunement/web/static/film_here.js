// The part of the page that films: camera on, start, stop. The ticks are those of the form beside it.
"use strict";
{
  const box = document.querySelector("[data-film-here]");
  if (box && navigator.mediaDevices && globalThis.MediaRecorder) begin();

  function begin() {
    const form = document.querySelector("form[data-upload]");
    const [preview, said] = [box.querySelector("video"), box.querySelector("[data-here-said]")];
    const button = (name) => box.querySelector(`[data-here=${name}]`);
    const token = form.elements.csrfmiddlewaretoken.value;
    let [stream, film] = [null, null];
    const tell = (words) => { said.textContent = words; };
    const say = (name) => box.dataset[`say${name}`];
    box.hidden = false;

    const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
    function told({ seconds, waiting, lost }) {
      tell(`${say("Filming")} ${clock(seconds)}${lost ? `. ${say("Lost")}` : ""}`);
      box.dataset.waiting = waiting;
    }

    async function camera() {
      if (!form.elements.agreed.checked) {
        form.elements.agreed.focus();
        tell(say("Agree"));
        return;
      }
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: true,
          video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } } });
      } catch {
        tell(say("Camera"));
        return;
      }
      preview.srcObject = stream;
      preview.hidden = false;
      await preview.play().catch(() => {});
      button("camera").hidden = true;
      button("start").hidden = false;
      button("start").focus();
    }
    async function start() {
      button("start").disabled = true;
      try {
        film = await globalThis.filming({ stream, address: form.dataset.upload, token, told,
          others: form.elements.others && form.elements.others.checked });
      } catch (error) {
        tell(error.message || say("Failed"));
        button("start").disabled = false;
        return;
      }
      button("start").hidden = true;
      button("stop").hidden = false;
      button("stop").focus();
      form.hidden = true;
    }
    async function stop() {
      button("stop").disabled = true;
      tell(say("Checking"));
      try {
        await film.stop();
        const address = await film.finish();
        window.location.assign(address || window.location.href);
      } catch (error) {
        tell(error.message || say("Failed"));
      }
    }
    const does = { camera, start, stop };
    box.addEventListener("click", (event) => {
      const pressed = event.target.closest("[data-here]");
      if (pressed) does[pressed.dataset.here]();
    });
  }
}
