// The practitioner's desk: keys and buttons that do the same, and what they mean for the film and the marks.
//
// <div data-desk data-rate data-frames data-state …> holds the stage, buttons with data-do, data-speed, data-principle,
// and the lists. Keys act anywhere on the page, but never while somebody is writing or choosing in a field.
"use strict";
{
  const KEYS = { " ": "play", k: "play", j: "reverse", l: "faster", ",": "back", ".": "forward", i: "first", o: "last",
    b: "just", r: "loop", p: "still", a: "reel" };
  const box = document.querySelector("[data-desk]");
  if (box) begin();

  function begin() {
    const film = filmPlayer(box, () => { show(); });
    const own = "own" in box.dataset;
    const where = box.querySelector("[data-where]");
    const time = box.querySelector("[data-film-time]");
    const said = box.querySelector("[data-said]");
    const frames = Number(box.dataset.frames);
    let [from, current, look, notice, touched] = [null, null, null, "", -Infinity];
    for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, () => { touched = performance.now(); }, true);
    const before = /^#at=([\d.]+)$/.exec(window.location.hash);
    if (before) film.seek(Math.floor(Number(before[1]) * film.rate));
    const lists = deskLists(box, film, asked);
    const desk = deskMarks(box, draw);
    deskLook(box, film).then((made) => {
      look = made;
      draw();
    });

    const find = (id) => desk.marks().find((mark) => mark.key === id || String(mark.id) === String(id));
    const sent = (mark) => desk.state.marks.find((each) => each.id === mark.id || each.key === mark.key);
    const actions = {
      play: () => (film.video.paused && film.backwards === null ? film.play() : film.pause()),
      back: () => film.seek(film.at - 1),
      forward: () => film.seek(film.at + 1),
      reverse: () => film.reverse(),
      faster: () => (film.video.paused ? film.play() : speed(Math.min(4, film.speed * 2))),
      first: () => {
        from = film.at;
        follow("[data-first]", from);
        tell(`The moment starts at picture ${from}. Press O where it ends.`);
      },
      last: () => {
        if (from === null) tell("Say first where the moment starts: press I there, or B for the last 3 seconds.");
        else if (film.at < from) tell("The end lies before the start. Go on to where the moment ends.");
        else mark(from, film.at);
      },
      just: () => mark(Math.max(0, film.at - Math.round(3 * film.rate) + 1), film.at),
      loop: () => {
        film.loop = !film.loop;
        const chosen = current && find(current);
        if (film.loop && chosen) film.play(chosen.first, chosen.last);
        else if (!film.loop) film.until = null;
        show();
      },
      still: async () => {
        const frame = film.at;
        await desk.send(box.dataset.still, { frame });
        if (!desk.refused) tell(`Picture ${frame} is kept.`);
      },
      reel: () => current && asked("reel", current),
    };

    // The plain form's fields follow, for those who mark by numbers.
    function follow(field, value) {
      const found = document.querySelector(field);
      if (found) found.value = value;
    }

    function mark(first, last) {
      follow("[data-last]", last);
      const key = crypto.randomUUID();
      from = null;
      current = key;
      const made = { key, first, last, principle: 0, behaviour: "", note: "", own: true };
      tell(`Kept: ${lists.clock(first)} to ${lists.clock(last)}. Press a number for what you see in it.`);
      desk.send(box.dataset.mark, { key, first, last, principle: 0 }, made);
    }

    // Fields are put together when they are sent: what was sent before has changed the revision.
    function change(id, changed) {
      const before = find(id);
      if (!before || !before.own) return Promise.resolve();
      if ("principle" in changed && Number(changed.principle) !== before.principle) changed.behaviour = "";
      const fields = () => {
        const now = sent(before);
        return now && { ...pick(now), ...changed, revision: now.revision };
      };
      const told = desk.send(() => sent(before).change, fields);
      Object.assign(before, changed, { principle: Number(changed.principle ?? before.principle) });
      desk.touch();
      draw();
      return told;
    }
    const pick = ({ first, last, principle, behaviour, note }) => ({ first, last, principle, behaviour, note });

    function asked(what, id, more) {
      if (what === "order") return order(() => id);
      if (what === "comment-play") return film.seek(desk.state.comments.find((each) => each.id === id).first);
      if (what.startsWith("reel-")) return arrange(what.slice(5), id);
      const chosen = find(id);
      if (!chosen) return null;
      current = chosen.key || chosen.id;
      const does = {
        play: () => film.play(chosen.first, chosen.last),
        change: () => change(id, more),
        first: () => (film.at <= chosen.last ? change(id, { first: film.at }) : tell("That is after the moment's end.")),
        last: () => (film.at >= chosen.first ? change(id, { last: film.at }) : tell("That is before the moment's start.")),
        drop: () => desk.send(chosen.drop, {}),
        reel: () => order((placed) => {
          const { id: number } = sent(chosen) || {};
          return placed.includes(number) ? placed.filter((each) => each !== number) : [...placed, number];
        }),
      };
      draw();
      return does[what]();
    }

    function arrange(what, id) {
      const clip = desk.state.reel.find((each) => each.id === id);
      if (what === "play") {
        if (clip.here) film.play(clip.first, clip.last);
        return;
      }
      order((placed) => {
        const place = placed.indexOf(id);
        placed.splice(place, 1);
        if (what !== "away") placed.splice(Math.max(0, place + (what === "up" ? -1 : 1)), 0, id);
        return placed;
      });
    }
    // Put together when it is sent: a mark that has not arrived has no number yet.
    function order(made) {
      const fields = () => ({ clips: made(desk.state.reel.map((each) => each.id)).filter(Number.isInteger).join(" ") });
      return desk.send(box.dataset.reel, fields);
    }

    function principle(number) {
      if (!own) return;
      if (!current || !find(current)) tell("Mark a moment first, or choose one in the list.");
      else {
        tell(`${number}: ${lists.words(number)}`);
        change(current, { principle: number });
      }
    }
    function speed(value) {
      film.setSpeed(value);
      if (film.video.paused && value > 1) film.play();
      show();
    }
    function tell(words) {
      notice = words;
      draw();
    }

    function draw() {
      // The film is not shared any more; or its working copy has taken its place, and nobody is in the midst of something:
      // the player begins anew, where it was.
      const other = desk.state.copy && desk.state.copy !== box.dataset.copy && !desk.waiting();
      const busy = from !== null || !film.video.paused || film.backwards !== null || performance.now() - touched < 5000;
      if (desk.ended || (other && (!busy || film.video.error))) {
        history.replaceState(null, "", film.at ? `#at=${(film.at + 0.5) / film.rate}` : " ");
        window.location.reload();
      }
      lists.draw(desk, current);
      const waits = desk.waiting();
      const state = desk.lost && waits ? `No connection: ${waits} to send. They go as soon as there is one; leave this page open.` : "";
      const line = state || desk.refused || notice;
      if (said.textContent !== line) said.textContent = line;
      said.dataset.state = state ? "waiting" : desk.refused ? "refused" : "";
      if (look) look.marks(desk.marks().map((each) => ({ ...each, current: (each.key || each.id) === current })));
      show();
    }
    function show() {
      const text = `${lists.clock(film.at)} · picture ${film.at}`;
      if (time.textContent !== text) time.textContent = text;
      where.value = film.at;
      where.setAttribute("aria-valuetext", text);
      if (look) look.at(film.at);
      box.querySelector("[data-play-word]").textContent = film.video.paused && film.backwards === null ? "Play" : "Pause";
      for (const each of box.querySelectorAll("[data-speed]")) each.setAttribute("aria-pressed", Number(each.dataset.speed) === film.speed);
      box.querySelector("[data-do=loop]").setAttribute("aria-pressed", film.loop);
      const chosen = current && find(current);
      for (const each of box.querySelectorAll("[data-principle]")) {
        each.setAttribute("aria-pressed", Boolean(chosen) && chosen.principle === Number(each.dataset.principle));
      }
      box.dataset.marking = from !== null;
    }

    box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do], [data-speed], [data-principle]");
      if (!button) {
        if (event.target === film.video) actions.play();
        return;
      }
      if (button.dataset.do) actions[button.dataset.do]();
      else if (button.dataset.speed) speed(Number(button.dataset.speed));
      else principle(Number(button.dataset.principle));
    });
    document.addEventListener("keydown", (event) => {
      const place = event.target;
      if (event.ctrlKey || event.altKey || event.metaKey || place.closest("input:not([type=range]), select, textarea")) return;
      const key = event.key.toLowerCase();
      const number = /^[1-9]$/.test(key) && box.querySelector(`[data-principle="${key}"]`);
      const action = actions[KEYS[key]];
      if (!number && (!action || (!own && ["first", "last", "just", "reel"].includes(KEYS[key])))) return;
      if (key === " " && place.closest("button, a, summary")) return;
      event.preventDefault();
      if (number) principle(Number(key));
      else action();
    });
    where.addEventListener("input", () => film.seek(Number(where.value)));
    box.querySelector("[data-comment-form]").addEventListener("submit", async (event) => {
      event.preventDefault();
      const field = event.target.querySelector("textarea");
      if (!field.value.trim()) return;
      const at = Math.min(film.at, frames - 1);
      const text = field.value;
      field.value = "";
      await desk.send(box.dataset.comment, { key: crypto.randomUUID(), first: at, last: at, text });
      if (desk.refused) field.value = text;
    });
    draw();
  }
}
