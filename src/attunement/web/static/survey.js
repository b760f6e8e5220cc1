// One question on the screen at a time, each answer saved as it is given. Nothing is kept in the browser, unless the
// respondent has agreed to it: then `keep.js` is there, and each answer is sealed and kept before it is sent.
//
// The page works without this script: <form data-survey> shows one question and posts it. With it, the script gets
// every question once from `data-module` ({"questions": [{item, place, instruction, text, options, notice}]}, no answers)
// and fills the same markup: [data-instruction], [data-question] with [data-text], [data-problem] and [data-options] (one
// radio and label to copy), [data-answered] with the link [data-keep], [data-back], [data-notice], [data-saved]. A save
// posts the csrf token, `item`, `go` (next or skip), `value`, `key` (a random mark: sent twice, an answer counts once),
// `at` (when it was given, by the server's clock from `data-now` on), `took` (seconds) and `language` to `data-save`: 204
// is the only proof of saving, 422 with {"problem": "…"} is shown at the question, and any other refusal loads the page
// anew, which says why. `data-open` is the place of the first question without an answer. A question with `above` shows [data-asked]
// no more but [data-signpost] at once, when an answer lies above it. After the last one the form goes to `data-finish`.
"use strict";
{
  const PAUSE = 1000;
  const form = document.querySelector("form[data-survey]");
  if (form) {
    fetch(form.dataset.module, { cache: "no-store", headers: { Accept: "application/json" } })
      .then((response) => (response.ok ? response.json() : null))
      .then((module) => { if (module) return start(form, module.questions); })
      .catch(() => {});
  }

  async function start(form, questions) {
    const kept = globalThis.keptAnswers ? await globalThis.keptAnswers(form).catch(() => null) : null;
    const places = kept ? await kept.send().catch(() => new Set()) : new Set();
    survey(form, questions, kept, places);
  }

  function survey(form, questions, kept, places) {
    const part = (name) => form.querySelector(`[data-${name}]`);
    const saved = part("saved");
    const item = form.querySelector("input[name=item]");
    const token = form.querySelector("input[name=csrfmiddlewaretoken]").value;
    const language = form.querySelector("input[name=language]").value;
    const clock = performance.now();
    const waiting = new Map();
    let shownAt = clock;
    let current = questions.findIndex((question) => question.item === item.value);
    let open = Number(form.dataset.open) - 1;
    let sending = false;
    let finishing = false;
    let leaving = false;
    let wake = () => {};
    if (current < 0) return;
    const first = open;
    while (open < questions.length && places.has(open + 1)) open += 1;

    const say = (state) => {
      saved.dataset.state = state;
      saved.textContent = state ? form.dataset[`say${state[0].toUpperCase()}${state.slice(1)}`] : "";
    };
    const counted = (words) => words.replace("{number}", current + 1).replace("{total}", questions.length);
    const chosen = () => form.querySelector("input[name=value]:checked");

    function show(index) {
      const question = questions[index];
      current = index;
      shownAt = performance.now();
      part("asked").hidden = false;
      part("signpost").hidden = true;
      item.value = question.item;
      part("instruction").textContent = question.instruction;
      part("text").textContent = question.text;
      part("notice").textContent = question.notice;
      part("notice").hidden = !question.notice;
      part("options").replaceChildren(...question.options.map(option));
      part("answered").hidden = index >= open;
      part("back").hidden = index === 0;
      document.querySelector("[data-progress] progress").value = index + 1;
      document.querySelector("[data-progress-text]").textContent = counted(form.dataset.sayProgress);
      document.title = counted(form.dataset.sayTitle);
      problem("");
      window.scrollTo(0, 0);
      part("text").focus();
    }

    function option([code, label], number) {
      const choice = part("options").firstElementChild.cloneNode(true);
      const radio = choice.querySelector("input");
      radio.value = code;
      radio.checked = false;
      radio.id = choice.querySelector("label").htmlFor = `id_value_${number}`;
      choice.querySelector("label").textContent = label;
      return choice;
    }

    function problem(words) {
      part("problem").textContent = words;
      part("problem").hidden = !words;
      const summary = document.getElementById("error-summary");
      if (summary) summary.remove();
    }

    async function keep(name, go, value) {
      const key = crypto.randomUUID ? crypto.randomUUID() : mark();
      const now = performance.now();
      const at = Number(form.dataset.now) + Math.round(now - clock);
      const took = Math.round((now - shownAt) / 1000);
      const body = new URLSearchParams({ csrfmiddlewaretoken: token, item: name, go, value, key, at, took, language }).toString();
      const entry = { name, body, kept: false };
      waiting.set(key, entry);
      if (!sending) say("saving");
      if (kept) {
        const place = questions.findIndex((question) => question.item === name) + 1;
        entry.kept = await kept.put({ item: name, given: go === "skip" ? "skip" : value, key, at, took, language }, place)
          .catch(() => false);
      }
      send();
    }

    function mark() {
      const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0"));
      return [4, 2, 2, 2, 6].map((size) => hex.splice(0, size).join("")).join("-");
    }

    function drop(key) {
      waiting.delete(key);
      if (kept) kept.forget(key).catch(() => {});
    }

    async function post(body) {
      const patience = new AbortController();
      const timer = setTimeout(() => patience.abort(), 20000);
      try {
        const response = await fetch(form.dataset.save, {
          method: "POST", body, cache: "no-store", keepalive: true, redirect: "manual", signal: patience.signal,
          headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
        });
        return { status: response.status, told: response.status === 422 ? await response.json() : {} };
      } catch {
        return { status: -1, told: {} };
      } finally {
        clearTimeout(timer);
      }
    }

    async function send() {
      if (sending) return;
      sending = true;
      let pause = PAUSE;
      while (waiting.size && !leaving) {
        const [key, { name, body }] = waiting.entries().next().value;
        if (pause === PAUSE) say("saving");
        const { status, told } = await post(body);
        if (status === 204) {
          drop(key);
          pause = PAUSE;
        } else if (status === 422 && told.problem) {
          drop(key);
          finishing = false;
          show(questions.findIndex((question) => question.item === name));
          problem(told.problem);
          say("");
        } else if (status === 0 || (status >= 400 && status < 500 && status !== 408 && status !== 429)) {
          leaving = true;
          window.location.reload();
        } else {
          say([...waiting.values()].every((entry) => entry.kept) ? "kept" : "waiting");
          await new Promise((resolve) => { wake = resolve; setTimeout(resolve, pause); });
          pause = Math.min(pause * 2, 30000);
        }
      }
      sending = false;
      if (waiting.size || leaving) return;
      if (saved.dataset.state) say("saved");
      if (!finishing) return;
      if (kept) await kept.send().catch(() => {});
      finish();
    }

    function finish() {
      leaving = true;
      form.action = form.dataset.finish;
      form.submit();
    }

    function onward() {
      if (open < questions.length) return show(open);
      finishing = true;
      send();
    }

    function point(words) {
      part("asked").hidden = true;
      part("signpost").hidden = false;
      part("signpost-words").textContent = words;
      window.scrollTo(0, 0);
      part("signpost-title").focus();
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (finishing || leaving || part("asked").hidden) return;
      const go = event.submitter && event.submitter.name === "go" ? event.submitter.value : "next";
      if (go === "back") return show(Math.max(0, current - 1));
      if (go === "next" && !chosen()) {
        problem(form.dataset.sayChoose);
        return form.querySelector("input[name=value]").focus();
      }
      const { item: name, above, signpost } = questions[current];
      const value = go === "next" ? chosen().value : "";
      keep(name, go, value);
      if (current === open) open += 1;
      if (value !== "" && Number(value) > above) return point(signpost);
      onward();
    });

    part("on").addEventListener("click", onward);

    part("keep").addEventListener("click", (event) => {
      event.preventDefault();
      show(Math.min(open, questions.length - 1));
    });
    window.addEventListener("online", () => { wake(); if (kept) kept.send().catch(() => {}); });
    window.addEventListener("quick-exit", () => { leaving = true; });
    window.addEventListener("pagehide", () => {
      const type = "application/x-www-form-urlencoded";
      for (const { body } of waiting.values()) navigator.sendBeacon(form.dataset.save, new Blob([body], { type }));
    });
    window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
    window.addEventListener("beforeunload", (event) => {
      if (!leaving && [...waiting.values()].some((entry) => !entry.kept)) event.preventDefault();
    });
    if (open !== first) onward();
    form.dataset.ready = "yes";
  }
}
