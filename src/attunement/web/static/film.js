// Marking a clip: the native player, steps of one frame, and two number fields that work by themselves without this.
//
// <div data-film data-rate="25"> (or "30000/1001") holds [data-film-stage] around the <video>, [data-film-controls hidden] with
// buttons data-do="play back forward first last clip", [data-film-time], and the fields [data-first] and [data-last].
// Keys act only while the focus is inside, and never in a field: space, comma, full stop, I, O.
"use strict";
{
  const KEYS = { " ": "play", ",": "back", ".": "forward", i: "first", o: "last" };
  document.querySelectorAll("[data-film]").forEach(film);

  function film(box) {
    const video = box.querySelector("video");
    const controls = box.querySelector("[data-film-controls]");
    const time = box.querySelector("[data-film-time]");
    const first = box.querySelector("[data-first]");
    const last = box.querySelector("[data-last]");
    const [top, bottom = "1"] = box.dataset.rate.split("/");
    const rate = Number(top) / Number(bottom);
    let until = null;

    const frame = () => Math.round(video.currentTime * rate);

    function seek(number) {
      video.pause();
      const end = Number.isFinite(video.duration) ? Math.max(0, Math.round(video.duration * rate) - 1) : number;
      // A tenth of a frame in, so that rounding in the decoder never shows the frame before.
      video.currentTime = (Math.min(Math.max(number, 0), end) + 0.1) / rate;
    }

    function fill(field, number) {
      if (!field) return;
      field.value = number;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }

    const actions = {
      play: () => { until = null; return video.paused ? video.play() : video.pause(); },
      back: () => seek(frame() - 1),
      forward: () => seek(frame() + 1),
      first: () => fill(first, frame()),
      last: () => fill(last, frame()),
      clip: () => {
        if (!first.value || !last.value || Number(last.value) <= Number(first.value)) return;
        seek(Number(first.value));
        until = Number(last.value);
        video.play();
      },
    };

    function clock() {
      const seconds = video.currentTime;
      const minutes = Math.floor(seconds / 60);
      time.textContent = `${minutes}:${(seconds - minutes * 60).toFixed(1).padStart(4, "0")} · ${frame()}`;
    }

    function watch() {
      clock();
      if (until !== null && frame() >= until) {
        const stop = until;
        until = null;
        seek(stop);
      }
      if (!video.paused) window.requestAnimationFrame(watch);
    }

    box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (button) actions[button.dataset.do]();
    });
    box.addEventListener("keydown", (event) => {
      const place = event.target;
      if (event.ctrlKey || event.altKey || event.metaKey || place.closest("input, select, textarea")) return;
      const action = KEYS[event.key.toLowerCase()];
      if (!action || (event.key === " " && place.closest("button, a, video"))) return;
      event.preventDefault();
      actions[action]();
    });
    video.addEventListener("play", watch);
    for (const moment of ["seeked", "pause", "loadedmetadata"]) video.addEventListener(moment, clock);
    controls.hidden = false;
    clock();
  }
}
