// Earlier queries, kept in this browser and nowhere else.

const STORE = "praksisgrafen.queries";
const MOST = 30;
const LONGEST = 20_000;
/** Chromium knows no nynorsk, and would fall back to the language of the browser. */
export const LOCALES = { nb: "nb", nn: ["nn", "nb"], en: "en-GB" };

export class Past {
  #section;
  #use;
  #words;

  constructor(section, words, use) {
    this.#section = section;
    this.#words = words;
    this.#use = use;
    section.querySelector("#forget").addEventListener("click", () => {
      this.#write([]);
      this.#show();
      document.getElementById("answer-title")?.focus();
    });
    this.#show();
  }

  add(query) {
    if (!query?.trim() || query.length > LONGEST) return;
    const others = this.#read().filter((one) => one.query !== query);
    this.#write([{ query, time: Date.now() }, ...others].slice(0, MOST));
    this.#show();
  }

  #read() {
    try {
      const kept = JSON.parse(localStorage.getItem(STORE) ?? "[]");
      return Array.isArray(kept) ? kept.filter((one) => typeof one?.query === "string" && Number.isFinite(one.time)) : [];
    } catch {
      return [];
    }
  }

  #write(queries) {
    try {
      if (queries.length) localStorage.setItem(STORE, JSON.stringify(queries));
      else localStorage.removeItem(STORE);
    } catch {
      // A browser that keeps nothing has no earlier queries.
    }
  }

  #show() {
    const queries = this.#read();
    this.#section.hidden = !queries.length;
    this.#section.querySelector("ol").replaceChildren(...queries.map((one) => this.#item(one)));
  }

  #item({ query, time }) {
    const item = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "past-query" });
    button.title = this.#words.useAgain;
    button.textContent = gist(query);
    button.addEventListener("click", () => this.#use(query));
    const when = document.createElement("time");
    when.dateTime = new Date(time).toISOString();
    when.textContent = new Date(time).toLocaleString(LOCALES[document.documentElement.lang], {
      dateStyle: "medium",
      timeStyle: "short",
    });
    item.append(button, when);
    return item;
  }
}

/** What a query is about, in one line: without its prefixes and comments. */
function gist(query) {
  const lines = query.split("\n").filter((line) => !/^\s*(#|PREFIX\b|BASE\b|$)/i.test(line));
  return lines.join(" ").replace(/\s+/g, " ").trim().slice(0, 160) || query.slice(0, 160);
}
