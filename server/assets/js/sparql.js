// Fetch the editor at the first sign of a reader who may write: it is large, and many only read an answer.
const form = document.getElementById("ask");
const area = document.getElementById("query");
const signs = ["focusin", "pointerover", "touchstart", "keydown"];

function fetchEditor() {
  for (const sign of signs) document.removeEventListener(sign, fetchEditor);
  import(form.dataset.editor);
}

for (const sign of signs) document.addEventListener(sign, fetchEditor, { passive: true });

// A query that is not asked yet is kept in the browser's own history, so that going back or reloading does not lose it;
// a change of language takes it along behind the #, which no server sees.
const carried = new URLSearchParams(location.hash.slice(1)).get("draft");
let waiting;

const unix = (text) => text.replace(/\r\n?/g, "\n");
const asked = () => unix(new URL(location).searchParams.get("query") || area.defaultValue);
const draft = () => (area.value === asked() ? null : { draft: area.value });

function keep() {
  clearTimeout(waiting);
  if (history.state?.draft !== draft()?.draft) history.replaceState(draft(), "");
}

if (carried !== null) history.replaceState({ draft: carried }, "", location.pathname + location.search);
if (history.state?.draft !== undefined) area.value = history.state.draft;

area.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(keep, 300);
});
document.addEventListener("focusout", keep);

// Answers the editor puts into the page have addresses of their own; a part of the page has too, but is here already.
form.dataset.shown = location.search;
addEventListener("popstate", () => (location.search === form.dataset.shown ? keep() : location.reload()));

document.querySelector(".languages").addEventListener("click", ({ target }) => {
  const link = target.closest("a");
  if (!link) return;
  const there = new URL(location);
  there.searchParams.set("lang", link.hreflang);
  there.hash = draft() ? new URLSearchParams(draft()) : "";
  link.href = there;
});
