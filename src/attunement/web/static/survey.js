// One question on the screen at a time, each answer saved as it is given. Nothing is kept in the browser.
//
// <form data-survey data-save="URL" data-finish="URL" data-say-…> holds a hidden field `item`, one
// <fieldset data-item="…" data-number="…"> a question (all but the current one `hidden disabled`) with [data-problem] in it,
// buttons named `go` (next, skip, back), and [data-saved]. A save posts the csrf token, `item`, `go` and the fields of
// its fieldset; the answer {"saved": item} is the only proof of saving, {"problem": "…"} with a status of 4xx is shown at the question.
"use strict";
{
  const PAUSE = 1000;
  const form = document.querySelector("form[data-survey]");
  if (form) survey(form);

  function survey(form) {
    const questions = [...form.querySelectorAll("fieldset[data-item]")];
    const saved = form.querySelector("[data-saved]");
    const back = form.querySelector("button[name=go][value=back]");
    const waiting = new Map();
    let current = Math.max(0, questions.findIndex((question) => !question.hidden));
    let sending = false;
    let finishing = false;
    let leaving = false;
    let wake = () => {};
    if (!questions.length) return;

    const say = (state) => {
      saved.dataset.state = state;
      saved.textContent = state ? form.dataset[`say${state[0].toUpperCase()}${state.slice(1)}`] : "";
    };

    function show(index, { move = true } = {}) {
      questions.forEach((question, place) => {
        question.hidden = question.disabled = place !== index;
      });
      current = index;
      const question = questions[index];
      form.elements.item.value = question.dataset.item;
      if (back) back.hidden = index === 0;
      count(Number(question.dataset.number));
      if (!move) return;
      window.scrollTo(0, 0);
      question.querySelector("h1, h2").focus();
    }

    function count(number) {
      const bar = document.querySelector("[data-progress] progress");
      const text = document.querySelector("[data-progress-text]");
      if (!bar) return;
      bar.value = number;
      text.textContent = form.dataset.sayProgress.replace("{number}", number).replace("{total}", bar.max);
    }

    function problem(question, words) {
      const place = question.querySelector("[data-problem]");
      place.textContent = words;
      place.hidden = !words;
    }

    const fields = (question) => [...question.querySelectorAll("input, select, textarea")];
    const filled = (question) => fields(question).some((field) =>
      ["radio", "checkbox"].includes(field.type) ? field.checked : field.value.trim() !== "");

    function keep(question, go) {
      const body = new URLSearchParams({
        csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value, item: question.dataset.item, go,
      });
      for (const field of fields(question)) {
        const counts = !["radio", "checkbox"].includes(field.type) || field.checked;
        if (counts && go === "next") body.append(field.name, field.value);
        if (go === "skip" && field.checked) field.checked = false;
      }
      waiting.delete(question.dataset.item);
      waiting.set(question.dataset.item, body.toString());
      send();
    }

    async function post(body) {
      const patience = new AbortController();
      const timer = setTimeout(() => patience.abort(), 20000);
      try {
        const response = await fetch(form.dataset.save, {
          method: "POST", body, cache: "no-store", keepalive: true, redirect: "manual", signal: patience.signal,
          headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
        });
        const told = (response.headers.get("Content-Type") || "").startsWith("application/json");
        return { status: response.status, told: told ? await response.json() : {} };
      } catch {
        return { status: -1, told: {} };
      } finally {
        clearTimeout(timer);
      }
    }

    function refuse(item, words) {
      waiting.delete(item);
      finishing = false;
      const index = questions.findIndex((question) => question.dataset.item === item);
      problem(questions[index], words);
      show(index);
    }

    async function send() {
      if (sending) return;
      sending = true;
      let pause = PAUSE;
      while (waiting.size && !leaving) {
        const [item, body] = waiting.entries().next().value;
        if (pause === PAUSE) say("saving");
        const { status, told } = await post(body);
        if (status === 200 && told.saved === item) {
          if (waiting.get(item) === body) waiting.delete(item);
          pause = PAUSE;
        } else if (status >= 400 && status < 500 && told.problem) {
          refuse(item, told.problem);
          say("");
        } else if (status === 0 || [400, 401, 403, 404, 409, 410].includes(status)) {
          leaving = true;
          window.location.reload();
        } else {
          say("waiting");
          await new Promise((resolve) => { wake = resolve; setTimeout(resolve, pause); });
          pause = Math.min(pause * 2, 30000);
        }
      }
      sending = false;
      if (waiting.size || leaving) return;
      if (saved.dataset.state) say("saved");
      if (finishing) finish();
    }

    function finish() {
      leaving = true;
      for (const question of questions) question.disabled = true;
      form.action = form.dataset.finish;
      form.submit();
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (finishing) return;
      const go = event.submitter && event.submitter.name === "go" ? event.submitter.value : "next";
      const question = questions[current];
      problem(question, "");
      if (go === "back") return show(Math.max(0, current - 1));
      if (go === "next" && !filled(question)) {
        problem(question, form.dataset.sayChoose);
        return fields(question)[0].focus();
      }
      keep(question, go);
      if (current + 1 < questions.length) return show(current + 1);
      finishing = true;
    });

    window.addEventListener("online", () => wake());
    window.addEventListener("quick-exit", () => { leaving = true; });
    window.addEventListener("pagehide", () => {
      const type = "application/x-www-form-urlencoded";
      for (const body of waiting.values()) navigator.sendBeacon(form.dataset.save, new Blob([body], { type }));
    });
    window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
    window.addEventListener("beforeunload", (event) => { if (waiting.size && !leaving) event.preventDefault(); });
    show(current, { move: false });
  }
}
