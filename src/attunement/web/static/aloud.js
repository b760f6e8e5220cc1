"use strict";
// Reads the page aloud with a voice of the device itself; without one the button stays hidden.
(() => {
  const button = document.querySelector("[data-aloud]");
  const speech = window.speechSynthesis;
  if (!button || !speech) return;
  const language = document.documentElement.lang;
  const voice = () =>
    speech.getVoices().find((one) => one.localService && one.lang.slice(0, 2) === language.slice(0, 2));
  const show = () => {
    button.hidden = !voice();
  };
  speech.addEventListener("voiceschanged", show);
  show();
  button.addEventListener("click", () => {
    if (speech.speaking) {
      speech.cancel();
      return;
    }
    for (const part of document.querySelectorAll("main h1, main h2, main p, main legend, main label, main li")) {
      const said = new SpeechSynthesisUtterance(part.innerText);
      said.voice = voice();
      speech.speak(said);
    }
  });
  window.addEventListener("pagehide", () => speech.cancel());
})();
