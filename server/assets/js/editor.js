// The SPARQL editor: an editor over the text area, answers without a new page, cancelling, earlier queries.
// Everything but these comforts works without it. js/sparql.js fetches it when someone is about to write.
import "../css/editor.css";
import { ask, cancel, unguessable } from "./editor/asking.js";
import { Editor } from "./editor/editor.js";
import { Past } from "./editor/past.js";
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
  changed: (text) => (area.value = text),
});
const isWriting = document.activeElement === area;
const { selectionStart } = area;
area.hidden = true;
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
  if (page) put(page, address);
  else say(code === 0 ? words.unreachable : code === 429 ? words.busy : words.failed.replace("{}", code));
}

function begin(address) {
  const key = unguessable();
  const request = ask(address, key);
  const started = performance.now();
  const clock = Object.assign(document.createElement("span"), { ariaHidden: "true", className: "clock" });
  let ended = false;
  const tick = setInterval(() => {
    clock.textContent = ` ${words.seconds.replace("{}", seconds(performance.now() - started))}`;
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
    end,
    abandon: () => {
      end();
      request.abort();
      cancel(key, () => false);
    },
    cancel: () => {
      say(words.cancelling);
      editor.focus();
      cancel(key, () => !ended);
    },
  };
}

/** Take the answer out of a page of ours; what is wrong with the query is marked in it. */
function put(page, address) {
  for (const button of page.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  const answer = document.importNode(page.getElementById("answer") ?? page.getElementById("content"), true);
  answer.id = "answer";
  const chosen = document.activeElement?.dataset?.swap;
  document.getElementById("answer").replaceWith(answer);
  history.pushState(null, "", address);
  keep(new URL(address, location).searchParams);
  const problem = document.getElementById("problem");
  editor.mark(problem?.dataset.line ? placeOf(problem) : null);
  if (chosen) answer.querySelector(`[data-swap="${CSS.escape(chosen)}"]`)?.focus();
  say(heard(problem));
  if (!problem) past.add(new URL(address, location).searchParams.get("query"));
}

const placeOf = (problem) => ({
  line: Number(problem.dataset.line),
  column: Number(problem.dataset.column),
  token: problem.dataset.token,
  message: problem.querySelector("[data-detail]").textContent,
});

/** What is said of an answer to whoever does not see it. */
function heard(problem) {
  const parts = problem ? problem.querySelectorAll("h2, p:not([lang])") : [document.getElementById("summary")];
  return [...parts].map((part) => part?.textContent.trim() ?? "").join(". ");
}

/** Keep the view in the form, so that the next query is shown in the same. */
function keep(parameters) {
  for (const name of ["view", "x", "y", "group"]) {
    form.querySelector(`input[name=${name}]`)?.remove();
    if (!parameters.has(name)) continue;
    form.prepend(Object.assign(document.createElement("input"), { type: "hidden", name, value: parameters.get(name) }));
  }
}

const say = (text) => (status.textContent = text);
const seconds = (milliseconds) =>
  (milliseconds / 1000).toLocaleString(document.documentElement.lang, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
const addressOf = (source) => `/sparql?${new URLSearchParams(new FormData(source))}`;

document.addEventListener("submit", (event) => {
  if (event.target !== form && !event.target.matches("[data-swap]")) return;
  event.preventDefault();
  load(addressOf(event.target));
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-swap]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  link.focus();
  load(link.pathname + link.search);
});
addEventListener("popstate", () => location.reload());

const problem = document.getElementById("problem");
if (problem?.dataset.line) editor.mark(placeOf(problem));
