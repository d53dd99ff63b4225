// The SPARQL editor: an editor over the text area, answers without a new page, cancelling, earlier queries.
// Everything but these comforts works without it. js/sparql.js fetches it when someone is about to write.
import "../css/editor.css";
import { ask, cancel, unguessable } from "./editor/asking.js";
import { Editor } from "./editor/editor.js";
import { LOCALES, Past } from "./editor/past.js";
import { Proposals } from "./editor/proposals.js";

const words = JSON.parse(document.getElementById("words").textContent);
const form = document.getElementById("ask");
const area = document.getElementById("query");
const host = document.getElementById("editor");
const status = document.getElementById("status");
const cancelling = document.getElementById("cancel");

const editor = new Editor(host, {
  text: area.value,
  words,
  description: document.getElementById("keys").textContent,
  proposals: new Proposals(host.dataset.schema, words),
  run: () => form.requestSubmit(),
  changed: (text) => {
    area.value = text;
    area.dispatchEvent(new Event("input"));
  },
});
const isWriting = document.activeElement === area;
const { selectionStart } = area;
area.hidden = true; // at once with the other: a page that is higher for a moment is scrolled
host.hidden = false;
area.required = false;
if (isWriting) editor.focus(selectionStart);
for (const part of document.querySelectorAll("[data-script]")) part.hidden = false;
document.querySelector("label[for=query]").addEventListener("click", () => editor.focus());
cancelling.addEventListener("click", () => running?.cancel());

const past = new Past(document.getElementById("past"), words, (query) => {
  editor.replace(query);
  editor.focus();
});

let running = null;

/** Ask for the page at an address and put its answer into this page. */
async function load(address) {
  running?.abandon();
  const mine = (running = begin(address));
  const { page, code } = await mine.answer;
  if (running !== mine) return;
  running = null;
  mine.end();
  if (mine.isCancelled && page?.querySelector("[data-cancelled]")) putCancelled(mine.duration());
  else if (page?.getElementById("content")) put(page, address, code);
  else say(code === 0 ? words.unreachable : code === 429 ? words.busy : words.failed.replace("{}", code));
}

function begin(address) {
  const key = unguessable();
  const request = ask(address, key);
  const started = performance.now();
  const duration = () => seconds(performance.now() - started);
  const clock = Object.assign(document.createElement("span"), { ariaHidden: "true", className: "clock" });
  let ended = false;
  const tick = setInterval(() => {
    clock.textContent = ` ${words.seconds.replace("{}", duration())}`;
  }, 100);
  say(words.running);
  status.append(clock);
  cancelling.hidden = false;
  const end = () => {
    ended = true;
    clearInterval(tick);
    cancelling.hidden = true;
  };
  return {
    answer: request.answer,
    isCancelled: false,
    duration,
    end,
    abandon: () => {
      end();
      request.abort();
      cancel(key, () => false);
    },
    cancel() {
      this.isCancelled = true;
      say(words.cancelling);
      editor.focus();
      cancel(key, () => !ended);
    },
  };
}

/** Take the answer, or the error, out of a page of ours; what is wrong with the query is marked in it. */
function put(page, address, code) {
  for (const button of page.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  const answer = document.importNode(page.getElementById("answer") ?? page.getElementById("content"), true);
  answer.id = "answer";
  const chosen = document.activeElement?.dataset?.swap;
  document.getElementById("answer").replaceWith(answer);
  const program = page.getElementById("curl");
  if (program) document.getElementById("curl").textContent = program.textContent;
  history.replaceState(null, "");
  history.pushState(null, "", address);
  form.dataset.shown = location.search;
  area.dispatchEvent(new Event("input"));
  keep(new URL(address, location).searchParams);
  const problem = document.getElementById("problem");
  editor.mark(problem?.dataset.line ? placeOf(problem) : null);
  if (chosen) answer.querySelector(`[data-swap="${CSS.escape(chosen)}"]`)?.focus();
  tell(heard(problem));
  if (code === 200) past.add(new URL(address, location).searchParams.get("query"));
}

/** There is nothing to ask: say so, and let the reader write. */
function refuse() {
  say(words.empty);
  editor.mark(null);
  editor.focus();
}

const placeOf = (problem) => ({
  line: Number(problem.dataset.line),
  column: Number(problem.dataset.column),
  token: problem.dataset.token,
  message: problem.querySelector("[data-detail]").textContent,
});

/** Say where the answer would be that there is none; the address stays, for it would ask again. */
function putCancelled(duration) {
  const note = document.createElement("p");
  note.className = "note";
  note.textContent = words.cancelled.replace("{}", duration);
  document.getElementById("answer").replaceChildren(note);
  editor.mark(null);
  tell(note.textContent);
}

/** What is said of an answer to whoever does not see it. */
function heard(problem) {
  const parts = problem
    ? [...problem.querySelectorAll("h2, p")]
    : [document.querySelector("#answer :is(h1, .boolean)"), document.getElementById("summary")].filter(Boolean);
  const said = parts.map((part) => part.textContent.trim().replace(/\s+/g, " "));
  return said.map((text) => (/[.?!:]$/.test(text) ? text : `${text}.`)).join(" ");
}

/** Keep the view in the form, so that the next query is shown in the same. */
function keep(parameters) {
  for (const name of ["view", "x", "y", "group"]) {
    form.querySelector(`input[name=${name}]`)?.remove();
    if (!parameters.has(name)) continue;
    form.prepend(Object.assign(document.createElement("input"), { type: "hidden", name, value: parameters.get(name) }));
  }
}

/** Say beside the button what is said nowhere else on the page. */
function say(text) {
  status.className = "";
  status.textContent = text;
}

/** Say to those who do not see it what also stands on the page. */
function tell(text) {
  status.className = "visually-hidden";
  status.textContent = text;
}

const seconds = (milliseconds) =>
  (milliseconds / 1000).toLocaleString(LOCALES[document.documentElement.lang], {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
const addressOf = (source) => `/sparql?${new URLSearchParams(new FormData(source))}`;

document.addEventListener("submit", (event) => {
  if (event.target !== form && !event.target.matches("[data-swap]")) return;
  event.preventDefault();
  if (event.target === form && !area.value.trim()) return refuse();
  load(addressOf(event.target));
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-swap]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  link.focus();
  load(link.pathname + link.search);
});

const problem = document.getElementById("problem");
if (problem?.dataset.line && area.value === area.defaultValue) editor.mark(placeOf(problem));
