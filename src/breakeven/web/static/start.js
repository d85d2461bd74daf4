// Uploads with their progress, and forms that send JSON; every problem stands beside its field or file.

import { filesOf, listenForFiles, mark, plainNames, refused, unmark } from "./files.js";

const noAnswer = [{ message: "the server does not answer; is it still running? What you wrote stays here: try again" }];
const refusal = (said) => Object.assign(new Error("refused"), { problems: said.problems ?? noAnswer, columns: said.columns ?? [] });

async function post(url, body, signal) {
  const answer = await fetch(url, {
    method: "POST", signal, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({ problems: [{ message: "the server sent no answer" }] }));
  if (!answer.ok || said.problems) throw refusal(said);
  return said;
}

// ------------------------------------------------------------------------------------------- what is wrong, in place

const places = (form) => [...form.querySelectorAll("[data-wrong]")];
const fieldsAt = (place) => place.parentElement.querySelectorAll("input, select");

function clear(form, list) {
  for (const place of places(form)) {
    place.hidden = true;
    for (const field of fieldsAt(place)) field.removeAttribute("aria-invalid");
  }
  unmark(form);
  list.replaceChildren();
}

function problems(form, list, found, sent = new Map()) {
  clear(form, list);
  const left = [];
  for (const one of found) {
    const words = one.message + (one.hint ? ` – ${one.hint}` : "");
    const file = one.place && sent.get(one.place.replace(/(:\d+)+$/, ""));
    if (file && mark(form, file, words)) continue;
    const place = one.field && places(form).find((p) => p.dataset.wrong.split(" ").includes(one.field));
    if (place) wrongAt(place, words, one.at);
    else left.push((one.place ? `${one.place}: ` : "") + (one.field ? `${one.field}: ` : "") + words);
  }
  list.replaceChildren(...left.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
  const first = form.querySelector("[aria-invalid]") ?? form.querySelector(".files .wrong:not([hidden])")?.parentElement.querySelector("button");
  first?.focus(); // it is described by what is wrong
}

function wrongAt(place, words, at) {
  place.textContent = words;
  place.hidden = false;
  for (const field of at ? [at] : fieldsAt(place)) field.setAttribute("aria-invalid", "true");
}

// Fields that must be filled in; said as all else is, not in the browser's bubble, which is gone at once.
function missing(form) {
  return [...form.querySelectorAll("[required]")]
    .filter((field) => !field.value.trim())
    .map((field) => ({
      field: places(form).find((p) => p.parentElement === field.closest(".question"))?.dataset.wrong.split(" ")[0],
      message: field.matches("select") ? "choose one" : "this is needed",
      at: field,
    }));
}

// ------------------------------------------------------------------------------------------------------------- sending

function send(file, name, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells no upload's progress
    request.open("POST", `/api/v1/uploads?name=${encodeURIComponent(name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("load", () => {
      let said = {};
      try {
        said = JSON.parse(request.responseText);
      } catch {
        said = { problems: noAnswer };
      }
      if (request.status < 300) resolve(said);
      else reject(refusal(said));
    });
    request.addEventListener("error", () => reject(refusal({})));
    request.addEventListener("abort", () => reject(new DOMException("cancelled", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

// While it lasts: a bar, what is being done, for how long, and a way out of it.
function working(form) {
  const [bar, status, elapsed, button, cancel] = ["progress", ".status", ".elapsed", ".primary", ".cancel"].map((s) => form.querySelector(s));
  const stop = new AbortController();
  const since = Date.now();
  const clock = setInterval(() => (elapsed.textContent = `${Math.round((Date.now() - since) / 1000)} s`), 1000);
  const giveUp = () => stop.abort();
  button.disabled = true;
  cancel.hidden = bar.hidden = false;
  cancel.addEventListener("click", giveUp);
  form.setAttribute("aria-busy", "true");
  return {
    signal: stop.signal,
    say: (words) => (status.textContent = words),
    sent: (share) => (share === null ? bar.removeAttribute("value") : (bar.value = 100 * share)),
    end(words) {
      clearInterval(clock);
      const held = document.activeElement === cancel;
      status.textContent = words;
      elapsed.textContent = "";
      bar.value = 0;
      cancel.hidden = bar.hidden = true;
      cancel.removeEventListener("click", giveUp);
      button.disabled = false;
      form.removeAttribute("aria-busy");
      if (held) button.focus();
    },
  };
}

const columnsOf = (form) => Object.fromEntries([...form.querySelectorAll("[data-column]")].filter((f) => f.value.trim()).map((f) => [f.dataset.column, f.value]));

async function upload(event, form) {
  event.preventDefault();
  const list = form.querySelector(".problems");
  const result = document.getElementById(form.dataset.result);
  clear(form, list);
  const unfit = refused(form);
  if (unfit.length) {
    const none = unfit.filter(([file]) => !file).map(([, message]) => ({ field: "uploads", message }));
    problems(form, list, none);
    for (const [file, words] of unfit) if (file) mark(form, file, words);
    if (!none.length) form.querySelector(".files .wrong:not([hidden])").parentElement.querySelector("button").focus();
    return;
  }
  const files = filesOf(form);
  const names = plainNames(files);
  const work = working(form);
  const uploads = [];
  try {
    const total = files.reduce((sum, file) => sum + file.size, 0);
    let done = 0;
    for (const [k, file] of files.entries()) {
      work.say(files.length > 1 ? `Sending ${k + 1} of ${files.length}: ${file.name}` : `Sending ${file.name}`);
      uploads.push((await send(file, names[k], (loaded) => work.sent((done + loaded) / total), work.signal)).id);
      done += file.size;
    }
    work.sent(null);
    work.say("Reading …");
    const fields = Object.fromEntries(new FormData(form));
    const columns = columnsOf(form);
    const asked = { uploads, ...fields, ...(Object.keys(columns).length ? { columns } : {}) };
    const said = await post(form.dataset.upload, asked, work.signal);
    work.end("Done.");
    result.innerHTML = said.html; // escaped by the server's template
    listen(result);
    result.querySelector("[tabindex]")?.focus();
  } catch (error) {
    work.end(error.name === "AbortError" ? "Cancelled. Nothing was kept." : "");
    if (error.name === "AbortError") return;
    result.replaceChildren();
    offerColumns(form, error.columns ?? []);
    problems(form, list, error.problems ?? noAnswer, new Map(names.map((name, k) => [name, files[k]])));
  } finally {
    for (const id of uploads) fetch(`/api/v1/uploads/${id}`, { method: "DELETE" }).catch(() => {}); // it was read
  }
}

// A table that nobody knows: its own column names to choose from.
function offerColumns(form, columns) {
  const place = form.querySelector("details.columns");
  if (!place || !columns.length) return;
  place.open = true;
  place.querySelector("datalist").replaceChildren(...columns.map((value) => Object.assign(document.createElement("option"), { value })));
}

async function answer(event, form) {
  event.preventDefault();
  const list = form.querySelector(".problems");
  const status = form.querySelector(".status");
  const button = form.querySelector(".primary");
  const unfilled = missing(form);
  if (unfilled.length) return problems(form, list, unfilled);
  clear(form, list);
  button.disabled = true;
  status.textContent = "Deciding …";
  try {
    const { go } = await post(form.dataset.send, { answers: Object.fromEntries(new FormData(form)) });
    location.href = go;
  } catch (error) {
    status.textContent = "";
    button.disabled = false;
    problems(form, list, error.problems ?? noAnswer);
  }
}

async function takeTemplate(button) {
  const list = document.getElementById("template-problems");
  const all = [...document.querySelectorAll("[data-template]")];
  list.replaceChildren();
  for (const one of all) one.disabled = true;
  try {
    location.href = (await post("/start/template", { name: button.dataset.template })).go;
  } catch (error) {
    for (const one of all) one.disabled = false;
    problems(button.closest(".way"), list, error.problems ?? noAnswer);
  }
}

// ------------------------------------------------------------------------------------------------------- models by name

function suggest(field) {
  let asked = 0;
  field.addEventListener("input", () => {
    clearTimeout(asked);
    const words = field.value.trim();
    if (words) asked = setTimeout(() => offerModels(field, words), 150);
  });
}

async function offerModels(field, words) {
  const answer = await fetch(`/api/v1/prices?limit=40&q=${encodeURIComponent(words.replaceAll("/", " "))}`).catch(() => null);
  if (!answer?.ok || field.value.trim() !== words) return;
  const { models } = await answer.json();
  const shown = models.filter((m) => m.mode !== "embedding").slice(0, 20);
  field.list.replaceChildren(...shown.map((m) => Object.assign(document.createElement("option"), {
    value: m.key, label: `$${m.input_usd_per_mtok} in, $${m.output_usd_per_mtok} out, per 1M tokens`,
  })));
}

function listen(root) {
  for (const form of root.querySelectorAll("form[data-upload]")) {
    listenForFiles(form, (words) => (form.querySelector(".status").textContent = words));
    form.addEventListener("submit", (e) => upload(e, form));
  }
  for (const form of root.querySelectorAll("form[data-send]")) form.addEventListener("submit", (e) => answer(e, form));
  for (const form of root.querySelectorAll("form")) form.noValidate = true;
  for (const field of root.querySelectorAll("[data-models]")) suggest(field);
}

for (const button of document.querySelectorAll("[data-template]")) button.addEventListener("click", () => takeTemplate(button));
listen(document);
addEventListener("pageshow", (event) => event.persisted && location.reload()); // Back: the study is there now
// A file that misses its card would replace the page, and all that was written on it.
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
