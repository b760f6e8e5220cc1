// What stands on a desk: everybody's marks, the reel, stills and comments, as the server has them, and what is still on
// its way there. Each thing is sent as it is made and kept in memory until the server says that it has it.
//
// `deskMarks(box, changed)`: `state` (marks, reel, stills, comments), `send(address, fields)`, `fresh()`, `waiting()`.
"use strict";
globalThis.deskMarks = (box, changed) => {
  const token = box.querySelector("[name=csrfmiddlewaretoken]").value;
  const EVERY = 4000;
  const waiting = [];
  let sending = false;
  let asked = "";
  const desk = { state: { marks: [], reel: [], stills: [], comments: [] }, refused: "", lost: false };

  function take(state) {
    const text = JSON.stringify(state);
    if (text === asked) return;
    asked = text;
    desk.state = state;
    changed();
  }

  // What was marked and has not arrived is shown already.
  desk.marks = () => {
    const here = new Set(desk.state.marks.map((mark) => mark.key));
    const coming = waiting.filter((each) => each.shown && !here.has(each.shown.key)).map((each) => each.shown);
    return [...desk.state.marks, ...coming].sort((a, b) => a.first - b.first || a.last - b.last);
  };
  // What is shown was changed before the server has said so: what it says next is shown in any case.
  desk.touch = () => { asked = ""; };
  desk.waiting = () => waiting.length;
  desk.send = (address, fields, shown = null) => {
    const entry = { address, fields, shown };
    entry.done = new Promise((resolve) => { entry.resolve = resolve; });
    waiting.push(entry);
    changed();
    deliver();
    return entry.done;
  };

  async function deliver() {
    if (sending) return;
    sending = true;
    while (waiting.length) {
      const entry = waiting[0];
      const fields = typeof entry.fields === "function" ? entry.fields() : entry.fields;
      const address = fields && (typeof entry.address === "function" ? entry.address() : entry.address);
      const body = new URLSearchParams({ csrfmiddlewaretoken: token, ...fields });
      const answer = fields && await fetch(address, { method: "POST", body, redirect: "manual" }).catch(() => null);
      if (fields && (!answer || answer.status >= 500 || answer.type === "opaqueredirect")) {
        desk.lost = true;
        changed();
        break;
      }
      // Read before it goes from what waits: what was marked is never in neither of the two.
      const said = answer ? await answer.json().catch(() => null) : null;
      waiting.shift();
      desk.lost = false;
      desk.refused = (said && said.refused) || (answer && !answer.ok && !said ? "This was not kept." : "");
      if (said) {
        delete said.refused;
        take(said);
      }
      entry.resolve(desk.state);
      changed();
    }
    sending = false;
  }

  desk.fresh = async () => {
    if (waiting.length) {
      deliver();
      return;
    }
    const answer = await fetch(box.dataset.state, { redirect: "manual" }).catch(() => null);
    if (answer && answer.ok && !waiting.length) take(await answer.json());
    desk.lost = !answer;
    if (answer && (answer.status === 403 || answer.status === 404)) desk.ended = true;
    changed();
  };

  setInterval(() => { if (!document.hidden && !desk.ended) desk.fresh(); }, EVERY);
  window.addEventListener("online", desk.fresh);
  window.addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });
  desk.fresh();
  return desk;
};
