// A film of a shared review beside the clips that were played in it. The clock of both is the tablet's: each event stands
// at its second of the review's film, and the other player does then what the tablet did.
"use strict";
{
  const box = document.querySelector("[data-beside]");
  if (box) begin();

  function begin() {
    const review = filmPlayer(box.querySelector("[data-review-film]"), follow);
    const side = box.querySelector("[data-clip-film]");
    const clip = filmPlayer(side);
    const nothing = side.querySelector("[data-nothing]");
    const comments = box.querySelector("[data-comments]");
    const said = box.querySelector("[data-said]");
    const token = box.querySelector("[name=csrfmiddlewaretoken]").value;
    const events = [...box.querySelectorAll("[data-event]")].map((button) => ({ button, ...button.dataset,
      seconds: Number(button.dataset.seconds), first: Number(button.dataset.first), last: Number(button.dataset.last),
      frame: Number(button.dataset.frame) }));
    let current = null;
    let playing = "";

    // The event that the review stands at decides what the other player shows, and from which of its pictures.
    function follow() {
      const seconds = review.at / review.rate;
      const now = events.filter((event) => event.seconds <= seconds).pop() || null;
      for (const event of events) event.button.setAttribute("aria-current", event === now);
      const shown = events.filter((event) => event.seconds <= seconds && event.kind !== "said").pop() || null;
      if (shown === current && playing === (review.video.paused ? "no" : "yes")) return;
      [current, playing] = [shown, review.video.paused ? "no" : "yes"];
      const plays = shown && shown.play && ["play", "slow"].includes(shown.kind);
      nothing.hidden = Boolean(shown && shown.play && shown.kind !== "out" && shown.kind !== "end");
      if (!shown || !shown.play) {
        clip.pause();
        return;
      }
      if (clip.video.getAttribute("src") !== shown.play) clip.video.src = shown.play;
      const speed = shown.kind === "slow" ? 0.5 : 1;
      const frame = Math.round(shown.first + (seconds - shown.seconds) * clip.rate * speed);
      clip.setSpeed(speed);
      if (!plays) clip.seek(shown.frame);
      else if (frame >= shown.last) clip.seek(shown.last);
      else if (review.video.paused) clip.seek(frame);
      else clip.play(frame, shown.last);
    }

    const clock = (frame) => {
      const seconds = Math.floor(frame / review.rate);
      return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    };
    function draw(state) {
      comments.replaceChildren(...state.comments.map((each) => {
        const row = box.querySelector("template[data-part=comment]").content.firstElementChild.cloneNode(true);
        row.querySelector("[data-to]").dataset.to = each.first;
        row.querySelector("[data-time]").textContent = clock(each.first);
        row.querySelector("[data-text]").textContent = each.text;
        row.querySelector("[data-by]").textContent = each.own ? "You" : each.by;
        return row;
      }));
    }
    async function fresh() {
      if (document.hidden || comments.contains(document.activeElement)) return;
      const answer = await fetch(box.dataset.state, { redirect: "manual" }).catch(() => null);
      if (answer && answer.ok) draw(await answer.json());
      else if (answer && [403, 404].includes(answer.status)) window.location.reload();
    }

    box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-event], [data-to]");
      if (!button) return;
      if (button.dataset.to !== undefined) review.seek(Number(button.dataset.to));
      else review.seek(Math.ceil(Number(button.dataset.seconds) * review.rate));
    });
    box.querySelector("[data-comment-form]").addEventListener("submit", async (event) => {
      event.preventDefault();
      const field = event.target.querySelector("textarea");
      if (!field.value.trim()) return;
      const body = new URLSearchParams({ csrfmiddlewaretoken: token, key: crypto.randomUUID(), first: review.at,
        last: review.at, text: field.value });
      const answer = await fetch(box.dataset.comment, { method: "POST", body, redirect: "manual" }).catch(() => null);
      const state = answer && (await answer.json().catch(() => null));
      said.textContent = state ? state.refused : "No connection. Send it again when there is one.";
      if (!state || state.refused) return;
      field.value = "";
      draw(state);
    });
    setInterval(fresh, 5000);
    fresh();
  }
}
