// Films, frame by frame: marking a clip, and playing the clips of a shared review. Without this the native player does.
//
// Marking: <div data-film data-rate="25"> (or "30000/1001") holds [data-film-stage] around the <video>, [data-film-controls hidden]
// with buttons data-do="play back forward first last clip", [data-film-time], and the fields [data-first] and [data-last].
// Keys act only while the focus is inside, and never in a field: space, comma, full stop, I, O.
//
// Review: each <section data-moment data-rate data-from data-to> holds a heading, a <video> and buttons data-do="again next".
"use strict";
{
  const KEYS = { " ": "play", ",": "back", ".": "forward", i: "first", o: "last" };
  document.querySelectorAll("[data-film]").forEach(marking);
  document.querySelectorAll("[data-moment]").forEach(moment);

  // Which frame is on the screen, going to one, and playing as far as one. Browsers that do not name the picture they
  // show are asked for their clock instead, which can be one frame off.
  function player(box, changed = () => {}) {
    const video = box.querySelector("video");
    const [top, bottom = "1"] = box.dataset.rate.split("/");
    const rate = Number(top) / Number(bottom);
    const named = "requestVideoFrameCallback" in video;
    const film = { video, at: 0, until: null };

    film.seek = (number) => {
      const end = Number.isFinite(video.duration) ? Math.max(0, Math.round(video.duration * rate) - 1) : number;
      video.pause();
      film.until = null;
      film.at = Math.min(Math.max(number, 0), end);
      // Half-way through the frame, where rounding cannot show its neighbour.
      video.currentTime = (film.at + 0.5) / rate;
    };
    film.play = (from, until) => {
      if (from !== null) film.seek(from);
      film.until = until;
      // Somebody may press pause before it has begun: that is no fault.
      video.play().catch(() => {});
    };

    function show(seconds) {
      film.at = Math.floor(seconds * rate + 0.01);
      const stop = film.until;
      if (stop !== null && film.at >= stop && !video.seeking) {
        if (film.at > stop) film.seek(stop);
        video.pause();
        film.until = null;
      }
      changed();
    }
    function picture(_now, facts) {
      if (!video.seeking) show(facts.mediaTime);
      video.requestVideoFrameCallback(picture);
    }
    function look() {
      show(video.currentTime);
      if (!video.paused) window.requestAnimationFrame(look);
    }

    if (named) video.requestVideoFrameCallback(picture);
    else for (const event of ["play", "seeked", "pause"]) video.addEventListener(event, look);
    video.addEventListener("error", () => { box.querySelector("[data-film-trouble]").hidden = false; });
    return film;
  }

  function marking(box) {
    const controls = box.querySelector("[data-film-controls]");
    if (!controls) return;
    const time = box.querySelector("[data-film-time]");
    const first = box.querySelector("[data-first]");
    const last = box.querySelector("[data-last]");
    const film = player(box, clock);
    const actions = {
      play: () => (film.video.paused ? film.play(null, null) : film.video.pause()),
      back: () => film.seek(film.at - 1),
      forward: () => film.seek(film.at + 1),
      first: () => fill(first),
      last: () => fill(last),
      clip: () => {
        if (!first.value || !last.value || Number(last.value) < Number(first.value)) return;
        film.play(Number(first.value), Number(last.value));
      },
    };

    function fill(field) {
      if (!field) return;
      field.value = film.at;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    function clock() {
      const seconds = film.video.currentTime;
      const minutes = Math.floor(seconds / 60);
      time.textContent = `${minutes}:${(seconds - minutes * 60).toFixed(1).padStart(4, "0")} · ${film.at}`;
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
    for (const event of ["seeked", "pause", "loadedmetadata"]) film.video.addEventListener(event, clock);
    controls.hidden = false;
    clock();
  }

  function moment(section, number, all) {
    const film = player(section);
    const [from, to] = [Number(section.dataset.from), Number(section.dataset.to)];
    const again = () => film.play(from, to);
    section.again = again;
    // The native play button: from where it stands, if that lies within the moment.
    film.video.addEventListener("play", () => {
      if (film.until !== null) return;
      if (film.at < from || film.at >= to) again();
      else film.until = to;
    });
    section.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (!button) return;
      if (button.dataset.do === "again") {
        again();
        return;
      }
      film.video.pause();
      const next = all[number + 1];
      next.querySelector("[tabindex]").focus();
      next.scrollIntoView();
      next.again();
    });
    section.querySelectorAll("[data-do]").forEach((button) => { button.hidden = false; });
  }
}
