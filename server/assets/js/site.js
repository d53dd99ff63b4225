// Buttons that copy what another element says: <button data-copy="id" data-copied="Copied" hidden>.
const status = document.createElement("p");
status.className = "visually-hidden";
status.setAttribute("role", "status");

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const said = (button.dataset.said ??= button.textContent);
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  button.textContent = button.dataset.copied;
  status.textContent = button.dataset.copied;
  setTimeout(() => {
    button.textContent = said;
    status.textContent = "";
  }, 2000);
}

if (navigator.clipboard) {
  document.body.append(status);
  for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = false;
  // A part of the page may be put in its place later, with buttons of its own.
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button[data-copy]");
    if (button) copy(button);
  });
}

// Names proposed while somebody types into a search field; the browser shows them as it does elsewhere.
const names = document.createElement("datalist");
names.id = "names";

async function propose(field) {
  const text = field.value.trim();
  const parameters = new URLSearchParams({ q: text, lang: document.documentElement.lang });
  const answer = text ? await fetch(`${field.form.action}/suggest?${parameters}`).catch(() => null) : null;
  const [, found, kinds] = answer?.ok ? await answer.json() : ["", [], []];
  if (field.value.trim() === text) names.replaceChildren(...found.map((name, place) => new Option(kinds[place], name)));
}

for (const field of document.querySelectorAll("input[type=search]")) {
  document.body.append(names);
  field.setAttribute("list", names.id);
  field.autocomplete = "off";
  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(propose, 150, field);
  });
}
