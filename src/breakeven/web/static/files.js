// Files that were chosen or dropped: a list from which each can be taken out, with what is wrong beside it.

import { isZip, unzipped } from "./zip.js";

const inputOf = (form) => form.querySelector("input[type=file]");
const size = (bytes) =>
  bytes >= 1e6 ? `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB` : bytes >= 1e3 ? `${Math.round(bytes / 1e3)} KB` : `${bytes} bytes`;

// Of a folder or a zip, what may hold rows: a licence beside an export is not for us.
const ROWS = /\.(jsonl?|ndjson|csv|tsv|parquet|log|eval)(\.(gz|zst))?$|\.(gz|zst)$/i;

export const filesOf = (form) => [...inputOf(form).files];

export function listenForFiles(form, say) {
  const input = inputOf(form);
  const card = form.closest(".way") ?? form;
  input.addEventListener("change", () => take(form, filesOf(form), say));
  for (const kind of ["dragenter", "dragover"])
    card.addEventListener(kind, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      card.classList.add("over");
    });
  card.addEventListener("dragleave", (event) => card.contains(event.relatedTarget) || card.classList.remove("over"));
  card.addEventListener("drop", async (event) => {
    event.preventDefault();
    card.classList.remove("over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const plain = [...event.dataTransfer.files]; // empty once something was awaited
    const found = (await Promise.all(entries.map(filesIn))).flat();
    const isWhole = entries.some((entry) => entry.isDirectory);
    take(form, entries.length ? found : plain, say, isWhole);
  });
}

// All files under an entry that was dropped; a folder tells its own in portions.
async function filesIn(entry) {
  if (entry.name.startsWith(".")) return [];
  if (entry.isFile) return [await new Promise((done, fail) => entry.file(done, fail))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return found;
    for (const one of some) found.push(...(await filesIn(one)));
  }
}

async function take(form, files, say, isWhole = false) {
  say("");
  let found = [];
  const wrong = [];
  for (const file of files)
    if (!isZip(file)) found.push(file);
    else
      try {
        say(`Unpacking ${file.name} …`);
        found.push(...(await unzipped(file)));
        isWhole = true;
      } catch (error) {
        found.push(file);
        wrong.push([file, `${error.message}; unpack it and choose the files in it`]);
      }
  const all = found.length;
  const rows = found.filter((file) => ROWS.test(file.name) || wrong.some(([other]) => other === file));
  if (isWhole && rows.length) found = rows;
  hold(form, found);
  for (const [file, words] of wrong) mark(form, file, words);
  const left = all - found.length;
  say(files.length ? `${found.length} ${found.length === 1 ? "file" : "files"} chosen${left ? `, ${left} left out` : ""}` : "");
}

function hold(form, files) {
  const held = new DataTransfer();
  for (const file of files) held.items.add(file);
  inputOf(form).files = held.files;
  form.querySelector(".files").replaceChildren(...files.map((file) => row(form, file)));
}

function row(form, file) {
  const item = document.createElement("li");
  const [name, bytes, remove, wrong] = ["bdi", "small", "button", "p"].map((tag) => document.createElement(tag));
  name.textContent = file.name;
  bytes.textContent = size(file.size);
  remove.type = "button";
  remove.textContent = "Remove";
  remove.setAttribute("aria-label", `Remove ${file.name}`);
  remove.addEventListener("click", () => {
    const rest = filesOf(form).filter((other) => other !== file && !same(other, file));
    hold(form, rest);
    (form.querySelector(".files button") ?? inputOf(form)).focus();
  });
  wrong.className = "wrong";
  wrong.hidden = true;
  item.append(name, bytes, remove, wrong);
  return item;
}

const same = (a, b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;

// Say beside a file what is wrong with it; false where it is not in the list.
export function mark(form, file, words) {
  const at = filesOf(form).findIndex((other) => other === file || same(other, file));
  const wrong = form.querySelectorAll(".files li")[at]?.querySelector(".wrong");
  if (!wrong) return false;
  wrong.textContent = words;
  wrong.hidden = false;
  return true;
}

export function unmark(form) {
  for (const wrong of form.querySelectorAll(".files .wrong")) wrong.hidden = true;
}

// What can be told before anything is sent: (file or null, words) of each.
export function refused(form) {
  const files = filesOf(form);
  const [bytes, count] = [Number(form.dataset.mostBytes), Number(form.dataset.mostFiles)];
  if (!files.length) return [[null, "choose a file first"]];
  if (files.length > count)
    return [[null, count === 1 ? "one file only: remove the others" : `at most ${count} files at once: join them, or remove some`]];
  const large = form.dataset.upload.endsWith("/logs")
    ? `larger than ${size(bytes)}: run \`breakeven profile LOGS -o profile.json\` where it lies, and choose profile.json here`
    : `larger than ${size(bytes)}`;
  return files.filter((file) => !file.size || file.size > bytes).map((file) => [file, file.size ? large : "this file is empty"]);
}

// The server takes plain names only, each once; what a file is called means nothing to it.
export function plainNames(files) {
  const taken = new Set();
  return files.map((file) => {
    const plain = file.name.replace(/[^A-Za-z0-9 _.,+=@()-]/g, "_").replace(/^[ ._-]+|[ .]+$/g, "").slice(-100) || "file";
    const [stem, end] = plain.includes(".") ? [plain.slice(0, plain.indexOf(".")), plain.slice(plain.indexOf("."))] : [plain, ""];
    let name = plain;
    for (let k = 2; taken.has(name); k++) name = `${stem || "file"} (${k})${end}`;
    taken.add(name);
    return name;
  });
}
