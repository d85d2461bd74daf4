// The decision page: inputs move, the answer follows. No state but the list of changes, which is also in the address.
//
// While an input moves, one quick look is under way at a time and only the newest waits: requests never pile up. When
// it rests, the full decision is asked for; a newer change aborts it.

const REST_MS = 300;
const $ = (id) => document.getElementById(id);
const main = $("main");
const controls = [...document.querySelectorAll(".control")];
const byName = new Map(controls.map((c) => [c.dataset.name, c]));

let changes = new Map(); // input → text, in the order of change
let past = [];
let future = [];
let quick = null; // the quick look under way
let waiting = null; // when the newest change that waits for one was made
let full = null; // the AbortController of the full decision under way
let rest = 0;
let settled = true;

// ---------------------------------------------------------------------------------------------- asking the server

async function post(url, body, signal) {
  const answer = await fetch(url, {
    method: "POST", signal, headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ seen: main.dataset.seen, changes: [...changes], ...body }),
  });
  const said = await answer.json().catch(() => ({ problems: [{ message: "the server sent no answer" }] }));
  if (!answer.ok || said.problems) throw Object.assign(new Error("refused"), { problems: said.problems ?? [] });
  return said;
}

function show(parts) {
  for (const [name, html] of Object.entries(parts)) {
    const place = $(`part-${name}`);
    const open = new Set([...place.querySelectorAll("details[open]")].map(keyOf));
    place.innerHTML = html; // escaped by the server's templates
    for (const one of place.querySelectorAll("details")) if (open.has(keyOf(one))) one.open = true;
  }
  const headline = document.querySelector("#part-answer .headline");
  $("strip").textContent = headline ? headline.textContent : "";
}

const keyOf = (details) => details.dataset.keep ?? details.querySelector("summary")?.textContent ?? "";

function changed(since = performance.now()) {
  draw();
  settled = false;
  if (main.dataset.state !== "moving") $("answer").style.minHeight = `${$("answer").offsetHeight}px`; // nothing jumps
  main.dataset.state = "moving";
  full?.abort();
  clearTimeout(rest);
  rest = setTimeout(settle, REST_MS);
  waiting = since;
  if (!quick) look();
}

async function look() {
  while (waiting !== null) {
    const since = waiting;
    waiting = null;
    try {
      quick = post("/look", {});
      const said = await quick;
      if (settled || !said.parts) continue;
      show(said.parts);
      document.body.offsetHeight; // the layout is part of what a person waits for
      performance.measure("slider-to-chart", { start: since, end: performance.now(), detail: said.ms });
      problems([]);
    } catch (error) {
      problems(error.problems ?? [{ message: "the server does not answer; is it still running?" }]);
    }
  }
  quick = null;
}

async function settle() {
  const mine = (full = new AbortController());
  try {
    const said = await post("/look", { full: true }, mine.signal);
    if (mine.signal.aborted) return;
    settled = true;
    show(said.parts);
    problems([]);
    main.dataset.state = "settled";
    $("answer").style.minHeight = "";
    $("said").textContent = $("strip").textContent; // read out once inputs rest, not at every step
    if (!$("compared").hidden) compare();
  } catch (error) {
    if (error.name === "AbortError") return;
    main.dataset.state = "refused";
    problems(error.problems ?? [{ message: "the server does not answer; is it still running?" }]);
  }
}

// ------------------------------------------------------------------------------------------- what is wrong, in place

function problems(found) {
  for (const c of controls) {
    const wrong = c.querySelector(".wrong");
    if (wrong.hidden) continue;
    wrong.hidden = true;
    c.querySelector(".field").removeAttribute("aria-invalid");
  }
  const list = document.createElement("ul");
  list.className = "problems";
  for (const one of found) {
    const control = controlOf(one.field);
    const words = one.message + (one.hint ? ` – ${one.hint}` : "");
    if (control) {
      const wrong = control.querySelector(".wrong");
      wrong.textContent = words;
      wrong.hidden = false;
      const field = control.querySelector(".field");
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-errormessage", wrong.id);
      control.closest("details")?.setAttribute("open", "");
    } else {
      const item = document.createElement("li");
      item.textContent = (one.field ? `${one.field}: ` : "") + words;
      list.append(item);
    }
  }
  $("problems").replaceChildren(...(list.children.length ? [list] : []));
}

function controlOf(field) {
  if (!field) return null;
  if (byName.has(field)) return byName.get(field);
  const last = field.split(".").pop(); // a default is stated for each candidate that takes it
  for (const name of [...changes.keys()].reverse()) {
    if (name.startsWith(`${field}.`) || field.startsWith(`${name}.`)) return byName.get(name);
    if (name.startsWith("defaults.") && name.endsWith(`.${last}`)) return byName.get(name);
  }
  return null;
}

// ------------------------------------------------------------------------------------------------------- the inputs

function draw() {
  for (const c of controls) {
    const text = changes.get(c.dataset.name);
    const isChanged = text !== undefined;
    c.classList.toggle("changed", isChanged);
    c.querySelector(".back").hidden = !isChanged;
    const field = c.querySelector(".field");
    if (document.activeElement !== field || !isChanged) field.value = text ?? c.dataset.saved;
    const slider = c.querySelector("input[type=range]");
    if (!slider) continue;
    const at = isChanged ? stops(slider).indexOf(text) : Number(slider.dataset.at);
    if (at >= 0) slider.value = at;
    slider.setAttribute("aria-valuetext", text ?? c.dataset.saved);
  }
  $("undo").disabled = !past.length;
  $("redo").disabled = !future.length;
  for (const id of ["reset", "save", "compare"]) $(id).disabled = !changes.size && (id !== "compare" || $("compared").hidden);
  address();
}

const stops = (slider) => (slider.stops ??= JSON.parse(slider.dataset.stops));

function put(name, text) {
  const saved = byName.get(name)?.dataset.saved;
  if (text === saved || text === null) changes.delete(name);
  else changes.set(name, text);
}

function keep(before) {
  const same = before.size === changes.size && [...before].every(([name, text]) => changes.get(name) === text);
  if (same) return;
  past.push(before);
  future = [];
}

function back(from, to) {
  if (!from.length) return;
  to.push(new Map(changes));
  changes = from.pop();
  changed();
}

for (const c of controls) {
  const { name } = c.dataset;
  const field = c.querySelector(".field");
  const slider = c.querySelector("input[type=range]");
  const reset = c.querySelector(".back");
  field.addEventListener("change", () => {
    if (field.readOnly) return;
    const before = new Map(changes);
    put(name, field.value.trim() || null);
    keep(before);
    changed();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") field.blur();
    if (event.key === "Escape") {
      field.value = changes.get(name) ?? c.dataset.saved;
      field.blur();
    }
  });
  reset.addEventListener("click", () => {
    const before = new Map(changes);
    put(name, null);
    keep(before);
    changed();
    field.focus();
  });
  if (!slider) continue;
  let before = null;
  slider.addEventListener("input", () => {
    const since = performance.now();
    before ??= new Map(changes);
    put(name, stops(slider)[Number(slider.value)]);
    changed(since);
  });
  slider.addEventListener("change", () => {
    if (before) keep(before);
    before = null;
    draw();
  });
}

$("search").addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const c of $("all-inputs").querySelectorAll(".control")) {
    const text = `${c.dataset.name} ${c.querySelector(".label").textContent} ${c.querySelector(".about").textContent}`.toLowerCase();
    c.hidden = !words.every((word) => text.includes(word));
    found += !c.hidden;
  }
  $("search-count").textContent = words.length ? `${found} found` : "";
});

// ------------------------------------------------------------------------------------------ the address, and exports

function address() {
  const text = [...changes].map(([name, value]) => `${encodeURIComponent(name)}:${encodeURIComponent(value)}`).join(";");
  history.replaceState(null, "", text ? `#e=${text}` : location.pathname);
  const query = changes.size ? `?e=${encodeURIComponent(JSON.stringify([...changes]))}` : "";
  for (const link of document.querySelectorAll("[data-export]")) link.href = link.pathname + query;
}

function fromAddress() {
  const match = /^#e=(.+)$/.exec(location.hash);
  if (!match) return new Map();
  try {
    const pairs = match[1].split(";").map((pair) => pair.split(":").map(decodeURIComponent));
    return new Map(pairs.filter((pair) => pair.length === 2 && pair[1]));
  } catch {
    return new Map();
  }
}

// -------------------------------------------------------------------------------------- unfold, compare, save, share

const panel = $("panel");
let asked = null; // the AbortController of the figure that is being unfolded
function openPanel(title, body) {
  $("panel-title").textContent = title;
  $("panel-body").replaceChildren(body);
  if (!panel.open) panel.showModal();
}
$("panel-close").addEventListener("click", () => panel.close());
$("panel-back").addEventListener("click", () => {
  unfolded.pop();
  unfold(unfolded.pop());
});
panel.addEventListener("close", () => (unfolded = []));
panel.addEventListener("click", (event) => event.target === panel && panel.close());

let unfolded = []; // the way to the figure in the panel: what it is made of unfolds in the same place

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-figure]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const side = link.closest("[data-side]")?.dataset.side;
  const from = link.closest("#panel") ? unfolded.at(-1) : { saved: link.closest("#inputs") !== null };
  unfold({ figure: link.dataset.figure, saved: side ? side === "A" : Boolean(from?.saved) });
});

async function unfold(wanted) {
  const body = document.createElement("div");
  asked?.abort();
  const mine = (asked = new AbortController());
  document.body.classList.add("asking");
  try {
    const ofSaved = wanted.saved ? { changes: [] } : {};
    const said = await post("/unfold", { figure: wanted.figure, ...ofSaved }, mine.signal);
    if (asked !== mine) return;
    body.innerHTML = said.html; // escaped by the server's template
    unfolded.push(wanted);
    openPanel(said.title, body);
  } catch (error) {
    if (error.name === "AbortError") return;
    body.textContent = (error.problems ?? []).map((p) => p.message).join(" ") || "The server does not answer.";
    openPanel("This can not be unfolded", body);
  }
  if (asked === mine) document.body.classList.remove("asking");
  $("panel-back").hidden = unfolded.length < 2;
  panel.scrollTop = 0;
}

async function compare() {
  try {
    $("compared").innerHTML = (await post("/compare", {})).html; // escaped by the server's template
    $("compared").hidden = false;
    $("compare").setAttribute("aria-pressed", "true");
    $("compare-close").addEventListener("click", stopComparing);
  } catch (error) {
    problems(error.problems ?? []);
  }
}
function stopComparing() {
  $("compared").hidden = true;
  $("compare").setAttribute("aria-pressed", "false");
  $("compare").focus();
  draw();
}
$("compare").addEventListener("click", async () => {
  if (!$("compared").hidden) return stopComparing();
  await compare();
  $("compared").scrollIntoView({ block: "start" });
});

$("save").addEventListener("click", async () => {
  const body = document.createElement("div");
  try {
    const { difference } = await post("/save", {});
    const lines = document.createElement("pre");
    lines.className = "difference";
    for (const [sign, text] of difference) {
      const line = document.createElement("span");
      line.className = { "+": "added", "-": "removed", "@": "place" }[sign] ?? "";
      line.textContent = sign === "@" ? `${text}\n` : `${sign} ${text}\n`;
      lines.append(line);
    }
    const sure = document.createElement("button");
    sure.type = "button";
    sure.className = "primary";
    sure.textContent = "Save to the study file";
    sure.addEventListener("click", async () => {
      try {
        await post("/save", { sure: true });
        history.replaceState(null, "", location.pathname);
        location.reload();
      } catch (error) {
        panel.close();
        problems(error.problems ?? []);
      }
    });
    const note = document.createElement("p");
    note.textContent = "These lines change, and nothing else:";
    body.append(note, lines, sure);
    openPanel("Save to the study file", body);
    sure.focus();
  } catch (error) {
    problems(error.problems ?? [{ message: "the server does not answer; is it still running?" }]);
  }
});

$("share").addEventListener("click", async () => {
  const button = $("share");
  try {
    await navigator.clipboard.writeText(location.href);
    button.textContent = "Copied";
  } catch {
    const body = document.createElement("p");
    const code = document.createElement("code");
    code.textContent = location.href;
    body.append(code);
    openPanel("The link to this page", body);
  }
  setTimeout(() => (button.textContent = "Copy link"), 1600);
});

$("undo").addEventListener("click", () => back(past, future));
$("redo").addEventListener("click", () => back(future, past));
$("reset").addEventListener("click", () => {
  const before = new Map(changes);
  changes = new Map();
  keep(before);
  changed();
});
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || panel.open) return;
  if (event.target.matches?.("input:not([type=range]), textarea, select")) return; // its own undo
  const key = event.key.toLowerCase();
  if (key !== "z" && key !== "y") return;
  event.preventDefault();
  if (key === "y" || event.shiftKey) back(future, past);
  else back(past, future);
});

// On a telephone the answer stays in sight above the sliders.
new IntersectionObserver(([seen]) => $("strip").classList.toggle("shown", !seen.isIntersecting)).observe($("answer"));

$("actions").hidden = false;
show({});
changes = fromAddress();
draw();
if (changes.size) changed();
else main.dataset.state = "settled";
addEventListener("hashchange", () => {
  const before = new Map(changes);
  changes = fromAddress();
  keep(before);
  changed();
});
