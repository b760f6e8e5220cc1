// The film at a glance: its sound as a wave with the marks on it (wavesurfer.js, regions), and a strip of small pictures.
// Both are drawn from what the server has made; a click goes there.
//
// `deskLook(box, film)`: `at(frame)` moves the cursor, `marks(list)` draws the marks.
"use strict";
globalThis.deskLook = async (box, film) => {
  const COLOURS = ["#6b7a79", "#0d6e6a", "#8a5a00", "#3c5a9a", "#8c3b63", "#2c6a43", "#6a4fa0"];
  const frames = Number(box.dataset.frames);
  const wave = box.querySelector("[data-wave]");
  const strip = box.querySelector("[data-strip]");
  const nothing = { at: () => {}, marks: () => {} };
  const answer = await fetch(box.dataset.glance).catch(() => null);
  if (!answer || !answer.ok) {
    wave.hidden = strip.hidden = true;
    return nothing;
  }
  const found = await answer.json();
  const pictures = drawStrip();
  const surfer = found.peaks && globalThis.WaveSurfer ? drawWave() : null;
  wave.hidden = !surfer;
  let regions = null;
  if (surfer) regions = surfer.registerPlugin(WaveSurfer.Regions.create());

  function drawWave() {
    const bytes = new Int8Array(Uint8Array.from(atob(found.peaks), (letter) => letter.charCodeAt(0)).buffer);
    const many = bytes.length / 2;
    const [low, high] = [new Float32Array(many), new Float32Array(many)];
    let loudest = 1;
    for (let i = 0; i < many; i += 1) {
      low[i] = bytes[2 * i] / 127;
      high[i] = bytes[2 * i + 1] / 127;
      loudest = Math.max(loudest, bytes[2 * i + 1], -bytes[2 * i]);
    }
    const made = WaveSurfer.create({
      container: wave, peaks: [high, low], duration: frames / film.rate, height: 56, interact: true, cursorWidth: 2,
      cursorColor: "#a8321f", waveColor: "#7fa5a2", progressColor: "#0d4f4d", cspNonce: box.dataset.nonce,
      barHeight: Math.min(8, 110 / loudest), dragToSeek: false, autoScroll: false,
    });
    made.on("interaction", (seconds) => film.seek(Math.floor(seconds * film.rate)));
    return made;
  }

  function drawStrip() {
    if (!found.pictures) {
      strip.hidden = true;
      return 0;
    }
    const address = box.dataset.sheets.replace(/0$/, "");
    const room = Math.max(2, Math.min(found.pictures, Math.floor(strip.clientWidth / 64)));
    for (let i = 0; i < room; i += 1) {
      const number = Math.floor(((i + 0.5) * found.pictures) / room);
      const [sheet, place] = [Math.floor(number / 100), number % 100];
      const tile = document.createElement("div");
      tile.className = "att-desk__tile";
      const rows = Math.ceil(Math.min(100, found.pictures - sheet * 100) / found.across);
      tile.style.backgroundImage = `url("${address}${sheet}")`;
      tile.style.backgroundSize = `${found.across * 100}% ${rows * 100}%`;
      const [column, row] = [place % found.across, Math.floor(place / found.across)];
      tile.style.backgroundPosition = `${(column * 100) / (found.across - 1)}% ${rows > 1 ? (row * 100) / (rows - 1) : 0}%`;
      tile.style.aspectRatio = `${found.width} / ${found.height}`;
      strip.append(tile);
    }
    strip.addEventListener("click", (event) => {
      const place = (event.clientX - strip.getBoundingClientRect().left) / strip.clientWidth;
      film.seek(Math.floor(place * frames));
    });
    return room;
  }

  let drawn = "";
  return {
    pictures,
    at: (frame) => {
      if (surfer) surfer.setTime(frame / film.rate);
      strip.style.setProperty("--at", `${(100 * frame) / Math.max(1, frames - 1)}%`);
    },
    marks: (list) => {
      const text = JSON.stringify(list.map((mark) => [mark.first, mark.last, mark.principle, mark.current]));
      if (!regions || text === drawn) return;
      drawn = text;
      regions.clearRegions();
      for (const mark of list) {
        const colour = COLOURS[mark.principle] || COLOURS[0];
        regions.addRegion({ start: mark.first / film.rate, end: (mark.last + 1) / film.rate, drag: false, resize: false,
          color: `${colour}${mark.current ? "88" : "44"}` });
      }
    },
  };
};
