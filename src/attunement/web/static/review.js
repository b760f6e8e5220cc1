// A shared review over the whole screen: the question, one moment after the other, what the parent says in a tap, the end.
//
// Every clip of this review is fetched when the page opens and held in this page's memory, nowhere else; it goes from
// there when it is taken out, when the server names it no more, and when the page is left. Then no connection is needed.
"use strict";
{
  const box = document.querySelector("[data-review]");
  const page = document.querySelector("[data-review-page]");
  if (box && page) begin();

  async function begin() {
    const say = (name, facts = {}) =>
      box.dataset[`say${name}`].replace(/\{(\w+)\}/g, (_all, word) => facts[word]);
    const film = filmPlayer(box, show);
    const start = page.querySelector("[data-review-start]");
    const ready = page.querySelector("[data-ready]");
    const line = box.querySelector("[data-review-said]");
    const minutes = box.querySelector("#review-minutes");
    const moments = [...page.querySelectorAll("[data-moment]")].map((section) => ({
      id: Number(section.dataset.id), first: Number(section.dataset.from), last: Number(section.dataset.to),
      rate: section.dataset.rate, address: section.dataset.clip, held: null, section }));
    let [place, began, slow, notes, waited, last] = [-1, 0, false, null, 0, null];

    page.querySelectorAll("[data-no-script]").forEach((part) => part.remove());
    moments.forEach((moment) => { moment.section.hidden = true; });
    start.hidden = false;
    start.querySelector("button").disabled = true;
    reviewNotes(box, waits).then((made) => { notes = made; });
    const filmed = globalThis.reviewFilming(page, box);
    fetchAll();
    setInterval(stillShared, 5000);

    async function fetchAll() {
      for (const moment of moments) {
        while (!moment.held && !moment.gone) {
          const answer = await fetch(moment.address, { cache: "no-store" }).catch(() => null);
          const blob = answer && answer.ok ? await answer.blob().catch(() => null) : null;
          if (blob) moment.held = URL.createObjectURL(blob);
          else if (answer && answer.status < 500) moment.gone = true;
          else await new Promise((resolve) => { setTimeout(resolve, 2000); });
        }
        const facts = { number: here().filter((each) => each.held).length, total: here().length };
        ready.textContent = say(facts.number === facts.total ? "Ready" : "Coming", facts);
      }
      start.querySelector("button").disabled = !here().length;
    }
    const here = () => moments.filter((moment) => !moment.gone);

    async function stillShared() {
      const answer = await fetch(box.dataset.state, { redirect: "manual", cache: "no-store" }).catch(() => null);
      if (!answer || answer.status >= 500 || answer.type === "opaqueredirect") return;
      const shared = answer.ok ? (await answer.json()).clips : [];
      const lost = here().filter((moment) => !shared.includes(moment.id) && !moment.out);
      const shown = here()[place];
      lost.forEach(drop);
      if (lost.includes(shown)) goOn(say("Gone"));
    }
    function drop(moment) {
      moment.gone = true;
      if (moment.held) URL.revokeObjectURL(moment.held);
      moment.held = null;
    }

    function tell(words) {
      line.textContent = words;
      if (last) last.textContent = words;
    }
    function waits(number) {
      if (number) tell(say("Waiting", { number }));
      else if (waited) tell(say("Arrived"));
      waited = number;
    }
    function open(name) {
      for (const screen of box.querySelectorAll("[data-screen]")) screen.hidden = screen.dataset.screen !== name;
      const heading = box.querySelector(`[data-screen=${name}] [tabindex]`);
      if (heading) heading.focus();
    }
    function go(to) {
      film.pause();
      const all = here();
      place = to;
      box.querySelector("[data-count]").textContent =
        place >= 0 && place < all.length ? say("Moment", { number: place + 1, total: all.length }) : "";
      if (place >= all.length) {
        film.video.removeAttribute("src");
        film.video.load();
        minutes.value = Math.max(1, Math.round((Date.now() - began) / 60000));
        open("end");
        return;
      }
      open("moment");
      film.video.src = all[place].held;
      film.at = 0;
      again();
    }
    // The moment at this place is gone, so the next one has come to its place.
    function goOn(words) {
      film.pause();
      go(place);
      tell(words);
    }
    const now = () => here()[place];
    const facts = () => ({ clip: now() ? now().id : null, frame: now() ? now().first + film.at : null });
    function note(kind, more = {}) {
      return notes ? notes.note(kind, { ...facts(), ...more }) : Promise.resolve(false);
    }
    function again() {
      film.setSpeed(slow ? 0.5 : 1);
      film.play(0, now().last - now().first);
      note(slow ? "slow" : "play");
    }

    const actions = {
      begin: () => {
        page.hidden = true;
        box.hidden = false;
        document.body.classList.add("att-whole");
        began ||= Date.now();
        filmed.start();
        if (box.requestFullscreen) box.requestFullscreen().catch(() => {});
        open("question");
      },
      leave: () => {
        film.pause();
        if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
        document.body.classList.remove("att-whole");
        box.hidden = true;
        page.hidden = false;
        place = -1;
        filmed.stop();
      },
      next: () => { tell(""); go(place + 1); },
      first: () => go(0),
      play: () => {
        if (!film.video.paused) {
          film.pause();
          note("pause");
        } else if (film.at >= now().last - now().first) again();
        else film.play(null, now().last - now().first);
      },
      again,
      slowly: () => {
        slow = !slow;
        box.querySelector("[data-do=slowly]").setAttribute("aria-pressed", slow);
        again();
      },
      back: () => film.seek(film.at - 1),
      forward: () => film.seek(Math.min(film.at + 1, now().last - now().first)),
      out: () => {
        const moment = now();
        note("out");
        moment.out = true;
        drop(moment);
        goOn(say("Out"));
      },
    };

    function show() {
      const button = box.querySelector("[data-do=play]");
      const words = say(film.video.paused ? "Play" : "Pause");
      if (button.textContent !== words) button.textContent = words;
      box.dataset.at = now() ? now().first + film.at : "";
    }

    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do], [data-tap]");
      if (!button || !(box.contains(button) || start.contains(button))) {
        if (event.target === film.video) actions.play();
        return;
      }
      if (button.dataset.do) actions[button.dataset.do]();
      else {
        note("said", { code: button.dataset.tap });
        tell(`${say("Noted")}: ${button.textContent}`);
      }
    });
    box.querySelector("[data-words]").addEventListener("submit", (event) => {
      event.preventDefault();
      const field = event.target.querySelector("input");
      if (!field.value.trim()) return;
      note("said", { code: "words", words: field.value });
      tell(say("Noted"));
      field.value = "";
    });
    box.querySelector("[data-end]").addEventListener("submit", async (event) => {
      event.preventDefault();
      const stays = box.querySelector("#review-stays");
      if (stays.value.trim()) note("said", { code: "words", words: stays.value });
      moments.forEach(drop);
      await note("end", { minutes: Number(minutes.value) });
      actions.leave();
      start.querySelector("button").hidden = true;
      ready.hidden = true;
      last = document.createElement("p");
      [last.className, last.textContent] = ["govuk-inset-text", line.textContent || say("Noted")];
      last.setAttribute("role", "status");
      page.append(last);
    });
    window.addEventListener("pagehide", () => moments.forEach(drop));
  }
}
