// Uploads with their progress, and forms that send JSON; every problem stands beside its field.

async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({ problems: [{ message: "the server sent no answer" }] }));
  if (!answer.ok) throw Object.assign(new Error("refused"), { problems: said.problems ?? [] });
  return said;
}

function problems(form, list, found) {
  for (const place of form?.querySelectorAll("[data-wrong]") ?? []) place.hidden = true;
  for (const field of form?.querySelectorAll("[aria-invalid]") ?? []) field.removeAttribute("aria-invalid");
  const left = [];
  for (const one of found) {
    const words = one.message + (one.hint ? ` – ${one.hint}` : "");
    const place = one.field && [...(form?.querySelectorAll("[data-wrong]") ?? [])].find((p) => p.dataset.wrong === one.field);
    if (place) {
      place.textContent = words;
      place.hidden = false;
      place.parentElement.querySelector("input, select")?.setAttribute("aria-invalid", "true");
    } else {
      const item = document.createElement("li");
      item.textContent = (one.field ? `${one.field}: ` : "") + words;
      left.push(item);
    }
  }
  list.replaceChildren(...left);
  form?.querySelector("[aria-invalid]")?.focus();
}

const noAnswer = [{ message: "the server does not answer; is it still running?" }];

function send(file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells no upload's progress
    request.open("POST", `/api/v1/uploads?name=${encodeURIComponent(plain(file.name))}`);
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
      else reject(Object.assign(new Error("refused"), { problems: said.problems ?? noAnswer }));
    });
    request.addEventListener("error", () => reject(Object.assign(new Error("lost"), { problems: noAnswer })));
    request.send(file);
  });
}

// The server takes plain names only; what a file is called means nothing to it.
const plain = (name) => name.replace(/[^A-Za-z0-9 _.,+=@()-]/g, "_").replace(/^[ ._-]+/, "").slice(-100) || "file";

function listen(root) {
  for (const form of root.querySelectorAll("form[data-upload]")) form.addEventListener("submit", (e) => upload(e, form));
  for (const form of root.querySelectorAll("form[data-send]")) form.addEventListener("submit", (e) => answer(e, form));
}

async function upload(event, form) {
  event.preventDefault();
  const files = [...form.querySelector("input[type=file]").files];
  const [bar, status, list, button] = ["progress", ".status", ".problems", "button"].map((s) => form.querySelector(s));
  const result = document.getElementById(form.dataset.result);
  const total = files.reduce((sum, file) => sum + file.size, 0) || 1;
  result.replaceChildren();
  problems(form, list, []);
  button.disabled = true;
  bar.hidden = false;
  try {
    const uploads = [];
    let done = 0;
    for (const file of files) {
      status.textContent = `Sending ${file.name}`;
      const sent = await send(file, (loaded) => (bar.value = (100 * (done + loaded)) / total));
      done += file.size;
      uploads.push(sent.id);
    }
    bar.removeAttribute("value");
    status.textContent = "Arrived; reading it …";
    const said = await post(form.dataset.upload, { uploads, ...Object.fromEntries(new FormData(form)) });
    result.innerHTML = said.html; // escaped by the server's template
    status.textContent = "Done.";
    listen(result);
    result.querySelector("input, select, a")?.focus();
  } catch (error) {
    status.textContent = "";
    problems(form, list, error.problems ?? noAnswer);
  } finally {
    bar.hidden = true;
    bar.value = 0;
    button.disabled = false;
  }
}

async function answer(event, form) {
  event.preventDefault();
  const list = form.querySelector(".problems");
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  try {
    const { go } = await post(form.dataset.send, { answers: Object.fromEntries(new FormData(form)) });
    location.href = go;
  } catch (error) {
    problems(form, list, error.problems ?? noAnswer);
    button.disabled = false;
  }
}

for (const button of document.querySelectorAll("[data-template]"))
  button.addEventListener("click", async () => {
    try {
      location.href = (await post("/start/template", { name: button.dataset.template })).go;
    } catch (error) {
      problems(null, document.getElementById("template-problems"), error.problems ?? noAnswer);
    }
  });

listen(document);
