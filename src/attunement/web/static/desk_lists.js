// The lists beside the film, drawn from the desk's state: moments, the reel, pictures kept, comments.
//
// `deskLists(box, film, act)`: `act` is told what a button or a field asks for: play, select, change, drop, reel, order.
// What somebody is writing in is left alone until they have finished.
"use strict";
globalThis.deskLists = (box, film, act) => {
  const part = (name) => box.querySelector(`template[data-part=${name}]`).content.firstElementChild.cloneNode(true);
  const principles = JSON.parse(document.getElementById("desk-principles").textContent);
  const words = (number) => (principles[number - 1] ? principles[number - 1].words : "");
  const list = (name) => box.querySelector(`[data-${name}]`);
  const [marks, reel, stills, comments] = ["marks", "reel-list", "stills", "comments"].map(list);
  const own = "own" in box.dataset;
  let held = null;

  function clock(frame) {
    const seconds = frame / film.rate;
    const minutes = Math.floor(seconds / 60);
    return `${minutes}:${(seconds - minutes * 60).toFixed(1).padStart(4, "0")}`;
  }
  const lasts = (mark) => `${((mark.last - mark.first + 1) / film.rate).toFixed(1)} s`;
  const put = (row, name, text) => { for (const place of row.querySelectorAll(`[${name}]`)) place.textContent = text; };

  // Rows are kept while they are the same thing, so that focus and what is being written stay where they are.
  function fill(place, items, made, filled) {
    const old = new Map([...place.children].map((row) => [row.dataset.id, row]));
    items.forEach((item, number) => {
      const id = String(item.key || item.id);
      const row = old.get(id) || made(item);
      old.delete(id);
      row.dataset.id = id;
      filled(row, item, number);
      if (place.children[number] !== row) place.insertBefore(row, place.children[number] || null);
    });
    old.forEach((row) => row.remove());
  }

  function behavioursOf(row, mark) {
    const label = row.querySelector("[data-behaviours]");
    const offered = mark.principle ? Object.entries(principles[mark.principle - 1].behaviours) : [];
    label.hidden = !offered.length;
    const select = label.querySelector("select");
    if (select.dataset.of === String(mark.principle)) return;
    select.dataset.of = mark.principle;
    select.replaceChildren(new Option("More exactly (if you like)", ""), ...offered.map(([code, said]) => new Option(said, code)));
  }

  function set(field, value) {
    if (field !== document.activeElement && field.value !== String(value)) field.value = value;
  }

  function drawMark(row, mark, number, current, inReel) {
    row.dataset.current = mark.key === current || mark.id === current;
    row.dataset.coming = !mark.id;
    row.style.setProperty("--principle", `var(--principle-${mark.principle})`);
    put(row, "data-time", `${clock(mark.first)} to ${clock(mark.last)}`);
    put(row, "data-length", lasts(mark));
    put(row, "data-number", number + 1);
    put(row, "data-by", mark.own ? "" : `Marked by ${mark.by}`);
    const editable = row.querySelector("[data-own-part]");
    put(row, "data-principle-words", editable && mark.own ? "" : [words(mark.principle), mark.note].filter(Boolean).join(": "));
    if (!editable) return;
    for (const field of editable.querySelectorAll("label, [data-act=first], [data-act=last]")) field.hidden = !mark.own;
    behavioursOf(row, mark);
    for (const field of editable.querySelectorAll("[data-field]")) set(field, mark[field.dataset.field]);
    const button = editable.querySelector("[data-act=reel]");
    button.setAttribute("aria-pressed", inReel);
    for (const each of editable.querySelectorAll("button, select, input")) each.disabled = !mark.id && each.tagName === "BUTTON";
  }

  function draggable(row) {
    if (!own) return row;
    row.draggable = true;
    row.addEventListener("dragstart", (event) => {
      held = row;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", row.dataset.id);
    });
    row.addEventListener("dragover", (event) => {
      if (!held || held === row) return;
      event.preventDefault();
      const box_ = row.getBoundingClientRect();
      row.parentNode.insertBefore(held, event.clientY < box_.top + box_.height / 2 ? row : row.nextSibling);
    });
    row.addEventListener("drop", (event) => event.preventDefault());
    row.addEventListener("dragend", () => {
      held = null;
      act("order", [...reel.children].map((each) => Number(each.dataset.id)));
    });
    return row;
  }

  const at = (event) => {
    const [row, button] = [event.target.closest("li"), event.target.closest("[data-act]")];
    return row && button ? [row.dataset.id, button.dataset.act] : [null, null];
  };
  box.addEventListener("click", (event) => {
    const [id, what] = at(event);
    if (!id) return;
    if (reel.contains(event.target)) act(`reel-${what}`, Number(id));
    else if (comments.contains(event.target)) act("comment-play", Number(id));
    else if (marks.contains(event.target)) act(what, id);
  });
  marks.addEventListener("change", (event) => {
    const field = event.target.closest("[data-field]");
    if (field) act("change", field.closest("li").dataset.id, { [field.dataset.field]: field.value });
  });

  function draw(desk, current) {
    const shown = desk.marks();
    const placed = desk.state.reel;
    fill(marks, shown, () => part("mark"), (row, mark, number) =>
      drawMark(row, mark, number, current, placed.some((each) => each.id === mark.id)));
    if (!held) {
      fill(reel, placed, () => draggable(part("reel")), (row, clip, number) => {
        put(row, "data-time", clip.here ? `${clock(clip.first)} to ${clock(clip.last)}` : "From the other film");
        put(row, "data-principle-words", words(clip.principle));
        for (const [what, end] of [["up", 0], ["down", placed.length - 1]]) {
          const button = row.querySelector(`[data-act=${what}]`);
          if (button) button.disabled = number === end;
        }
      });
    }
    fill(stills, desk.state.stills, () => part("still"), (row, still) => {
      const link = row.querySelector("a");
      [link.href, link.textContent] = [still.address, `Picture ${still.frame}, at ${clock(still.frame)}`];
    });
    fill(comments, desk.state.comments, () => part("comment"), (row, said) => {
      put(row, "data-time", clock(said.first));
      put(row, "data-text", said.text);
      put(row, "data-by", said.own ? "You" : said.by);
    });
    for (const [name, many] of [["marks", shown.length], ["reel", placed.length], ["stills", desk.state.stills.length]]) {
      box.querySelector(`[data-none=${name}]`).hidden = many > 0;
    }
  }

  return { draw, clock, words };
};
