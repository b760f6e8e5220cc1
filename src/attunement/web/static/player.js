// A film frame by frame: which picture is on the screen, going to one, playing as far as one, again and again, backwards.
//
// `filmPlayer(box, changed)`: box has data-rate ("30" or "30000/1001") and holds a <video>; `changed` is called whenever
// another picture shows. Browsers that do not name the picture they show are asked for their clock instead, which can be
// one frame off.
"use strict";
globalThis.filmPlayer = (box, changed = () => {}) => {
  const video = box.querySelector("video");
  const [top, bottom = "1"] = box.dataset.rate.split("/");
  const rate = Number(top) / Number(bottom);
  const REVERSE = 100;
  const film = { video, rate, at: 0, from: null, until: null, loop: false, backwards: null };

  film.last = () => (Number.isFinite(video.duration) ? Math.max(0, Math.round(video.duration * rate) - 1) : Infinity);
  film.seek = (number) => {
    video.pause();
    stopReverse();
    film.until = null;
    move(number);
  };
  film.play = (from = null, until = null) => {
    stopReverse();
    if (from !== null) move(from);
    else if (film.at >= film.last()) move(0);
    [film.from, film.until] = [from, until];
    // Somebody may press pause before it has begun: that is no fault.
    video.play().catch(() => {});
  };
  film.pause = () => {
    stopReverse();
    video.pause();
  };
  film.reverse = () => {
    film.pause();
    film.until = null;
    film.backwards = setInterval(() => {
      if (!video.seeking) move(film.at - Math.max(1, Math.round((REVERSE / 1000) * rate * film.speed)));
      if (film.at === 0) stopReverse();
    }, REVERSE);
  };
  film.speed = 1;
  film.setSpeed = (speed) => {
    film.speed = speed;
    video.playbackRate = speed;
  };

  function move(number) {
    film.at = Math.min(Math.max(number, 0), film.last());
    // Half-way through the frame, where rounding cannot show its neighbour.
    video.currentTime = (film.at + 0.5) / rate;
    changed();
  }
  function stopReverse() {
    clearInterval(film.backwards);
    film.backwards = null;
  }
  function show(seconds) {
    film.at = Math.floor(seconds * rate + 0.01);
    const stop = film.until;
    if (stop !== null && film.at >= stop && !video.seeking) {
      if (film.loop && film.from !== null) {
        move(film.from);
      } else {
        video.pause();
        film.until = null;
        if (film.at > stop) move(stop);
      }
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

  if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(picture);
  else for (const event of ["play", "seeked", "pause"]) video.addEventListener(event, look);
  for (const event of ["play", "pause", "seeked", "loadedmetadata", "ratechange"]) video.addEventListener(event, changed);
  video.addEventListener("error", () => { box.querySelector("[data-film-trouble]").hidden = false; });
  return film;
};
