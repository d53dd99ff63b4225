// What the editor proposes: words of the language, and what the graph's own schema has.
import { pickedCompletion, startCompletion } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import { declared, place, variables } from "./place.js";

const OUTSIDE = "PREFIX SELECT DISTINCT ASK CONSTRUCT DESCRIBE FROM WHERE GROUP BY HAVING ORDER LIMIT OFFSET VALUES".split(" ");
const INSIDE = "OPTIONAL FILTER BIND VALUES UNION MINUS GRAPH SELECT EXISTS NOT".split(" ");
const FUNCTIONS = (
  "COUNT SUM AVG MIN MAX SAMPLE GROUP_CONCAT DISTINCT AS LANG STR CONTAINS LCASE UCASE STRSTARTS STRENDS REGEX REPLACE " +
  "COALESCE IF BOUND YEAR DATATYPE ROUND STRLEN EXISTS NOT IN"
).split(" ");
const TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const TYPED = /[?$]?[\p{L}\p{N}_:-]*$/u;
const SILENT = new Set(["Comment", "String", "IriRef"]);
const MOST = 60;

export class Proposals {
  #address;
  #words;
  #schema = null;

  constructor(address, words) {
    this.#address = address;
    this.#words = words;
  }

  /** Fetch the schema before it is needed; a fetch that failed is tried again the next time. */
  prepare() {
    return (this.#schema ??= read(this.#address).catch(() => (this.#schema = null)));
  }

  /** Propose what fits at the cursor: a source of completions for CodeMirror. */
  async at(context) {
    const before = context.state.sliceDoc(0, context.pos);
    const typed = TYPED.exec(before)[0];
    if ((!typed && !context.explicit) || SILENT.has(syntaxTree(context.state).resolveInner(context.pos, -1).name)) {
      return null;
    }
    const schema = await this.prepare();
    if (!schema || context.aborted) return null;
    const text = context.state.doc.toString();
    const found = propose(schema, place(before.slice(0, before.length - typed.length)), typed, text, context.explicit);
    const options = found.slice(0, MOST).map((entry) => this.#option(entry, declared(text), schema));
    return options.length ? { from: context.pos - typed.length, options, filter: false } : null;
  }

  #option(entry, prefixes, schema) {
    if (!entry.iri) return { label: entry.name, type: entry.role, apply: entry.apply ?? entry.name };
    const { text, line } = written(entry, prefixes, schema);
    return {
      label: text,
      detail: entry.label || this.#words[entry.role],
      info: entry.about || undefined,
      type: entry.role,
      apply: (view, completion, from, to) => insert(view, completion, from, to, text, line),
    };
  }
}

/** Fetch the schema, and know each entry by its IRI. */
async function read(address) {
  const response = await fetch(address, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(response.statusText);
  const found = await response.json();
  const prefixes = new Map(Object.entries(found.prefixes));
  const full = (name) => iriOf(name, prefixes);
  const known = (role, entries) =>
    entries.map((entry) => ({
      ...entry,
      role,
      iri: full(entry.name),
      isOurs: entry.name.startsWith("pg:"),
      classes: entry.classes?.map(full),
      ranges: entry.ranges?.map(full),
    }));
  const properties = known("property", found.properties);
  return {
    prefixes,
    classes: known("class", found.classes),
    properties,
    functions: known("function", found.functions),
    things: known("thing", found.things),
    property: new Map(properties.map((entry) => [entry.iri, entry])),
  };
}

/** Return the IRI that a name in a query stands for, undefined where nobody can tell. */
function iriOf(name, prefixes) {
  if (name === "a") return TYPE;
  if (name.startsWith("<")) return name.slice(1, -1);
  const colon = name.indexOf(":");
  const start = colon < 0 ? undefined : prefixes.get(name.slice(0, colon));
  return start && start + name.slice(colon + 1);
}

/** Write an entry with the query's own prefix for it, else ours, which needs a line that declares it. */
function written(entry, prefixes, schema) {
  if (entry.role === "prefix") return { text: `${entry.name}:`, line: lineFor(entry.name, prefixes, schema) };
  if (entry.name.startsWith("<")) return { text: entry.name };
  const [ours, local] = entry.name.split(/:(.*)/s);
  const start = schema.prefixes.get(ours);
  const theirs = [...prefixes].find(([, iri]) => iri === start);
  if (theirs) return { text: `${theirs[0]}:${local}` };
  if (prefixes.has(ours)) return { text: `<${entry.iri}>` };
  return { text: entry.name, line: lineFor(ours, prefixes, schema) };
}

const lineFor = (prefix, prefixes, schema) =>
  prefixes.has(prefix) ? undefined : `PREFIX ${prefix}: <${schema.prefixes.get(prefix)}>\n`;

/** Put a name where it was typed, and the line that declares its prefix behind the others. */
function insert(view, completion, from, to, text, line) {
  const changes = [{ from, to, insert: text }];
  const at = line ? endOfPrologue(view.state.doc.toString()) : 0;
  if (line) changes.unshift({ from: at, insert: line });
  view.dispatch({
    changes,
    selection: { anchor: from + text.length + (line?.length ?? 0) },
    annotations: pickedCompletion.of(completion),
    userEvent: "input.complete",
    scrollIntoView: true,
  });
  if (text.endsWith(":")) startCompletion(view);
}

function endOfPrologue(text) {
  const lines = [...text.matchAll(/^[^\S\n]*(?:PREFIX|BASE)\b[^\n]*(?:\n|$)/gim)];
  const last = lines.at(-1);
  return last ? last.index + last[0].length : 0;
}

/** Gather what fits, the likeliest first. */
function propose(schema, { kind, subject, predicate, types }, typed, text, explicit) {
  const prefixes = new Map([...schema.prefixes, ...declared(text)]);
  const sort = (entries) => matching(entries, typed, prefixes);
  const plain = (role, names) =>
    names.filter((name) => name !== typed && starts(name, typed)).map((name) => ({ role, name }));
  const found = {
    variables: () => plain("variable", variables(text)),
    words: (names) => (typed.includes(":") ? [] : plain("keyword", names)),
    prefixes: () =>
      typed.includes(":")
        ? []
        : [...schema.prefixes.keys()]
            .filter((name) => starts(name, typed))
            .map((name) => ({ role: "prefix", name, label: schema.prefixes.get(name), iri: schema.prefixes.get(name) })),
    declarations: () =>
      [...schema.prefixes]
        .filter(([name]) => starts(`${name}:`, typed) && !declared(text).has(name))
        .map(([name, iri]) => ({ role: "prefix", name: `${name}: <${iri}>`, apply: `${name}: <${iri}>\n` })),
    properties: () => {
      const held = new Set((types.get(subject) ?? []).map((name) => iriOf(name, prefixes)));
      const sorted = sort(schema.properties);
      return first(sorted, (entry) => entry.classes.some((iri) => held.has(iri)));
    },
    classes: () => sort(schema.classes),
    functions: () => (typed || explicit ? sort(schema.functions) : []),
    things: () => {
      const ranges = new Set(schema.property.get(iriOf(predicate ?? "", prefixes))?.ranges);
      const fits = (entry) => entry.classes.some((iri) => ranges.has(iri));
      const sorted = sort(schema.things);
      return typed.length > 1 || (explicit && !ranges.size) ? first(sorted, fits) : sorted.filter(fits);
    },
  };
  if (/^[?$]/.test(typed)) return found.variables();
  switch (kind) {
    case "declaration":
      return found.declarations();
    case "outside":
      return [...found.words(OUTSIDE), ...found.words(FUNCTIONS), ...found.functions(), ...found.variables()];
    case "predicate":
      return [...found.properties(), ...found.prefixes(), ...found.variables()];
    case "object":
      return iriOf(predicate, prefixes) === TYPE
        ? [...found.classes(), ...found.variables()]
        : [...found.things(), ...found.variables(), ...found.prefixes()];
    case "any":
      return [...found.variables(), ...found.words(FUNCTIONS), ...found.functions(), ...found.things(), ...found.prefixes()];
    default:
      return [...found.variables(), ...found.words(INSIDE), ...found.things(), ...found.prefixes()];
  }
}

const first = (entries, isBetter) => [...entries.filter(isBetter), ...entries.filter((entry) => !isBetter(entry))];
const starts = (name, typed) => name.toLowerCase().startsWith(typed.toLowerCase());

/** Keep what was meant by what was typed: the beginning of a name with its prefix, or of a word of name or label. */
function matching(entries, typed, prefixes) {
  const colon = typed.indexOf(":");
  if (colon >= 0) {
    const start = prefixes.get(typed.slice(0, colon));
    const rest = typed.slice(colon + 1).toLowerCase();
    const inside = entries.filter((entry) => start && entry.iri.startsWith(start));
    return ranked(inside, (entry) => rank(rest, entry.iri.slice(start.length), entry.label));
  }
  return ranked(entries, (entry) => rank(typed.toLowerCase(), entry.name.replace(/^[^:]*:/, ""), entry.label));
}

/** Sort by rank; of equals, the project's own vocabulary comes first. */
function ranked(entries, rankOf) {
  const ranks = entries.map((entry) => [rankOf(entry), entry]).filter(([rank]) => rank < 4);
  return ranks.sort(([rank, entry], [next, other]) => rank - next || other.isOurs - entry.isOurs).map(([, entry]) => entry);
}

function rank(typed, name, label) {
  const inName = name.toLowerCase().indexOf(typed);
  if (inName === 0) return 0;
  const inLabel = label.toLowerCase().indexOf(typed);
  if (inLabel === 0) return 1;
  if (inLabel > 0 && /[^\p{L}\p{N}]/u.test(label[inLabel - 1])) return 2;
  return inName > 0 ? 3 : 4;
}
