// Where in a query the cursor stands: before what, after what. Pure functions over text.

const TOKEN = new RegExp(
  [
    /(?<comment>#[^\n]*)/,
    /(?<iri><[^<>"{}|^`\\\s]*>)/,
    /(?<string>"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')(?:@[\w-]+|\^\^\S+)?/,
    /(?<variable>[?$][\p{L}\p{N}_]+)/u,
    /(?<name>[\p{L}\p{N}_-]*:(?:[\p{L}\p{N}_%:-]|\.(?=[\p{L}\p{N}_%:-]))*)/u,
    /(?<number>[+-]?\d[\d.eE+-]*\d|\d)/,
    /(?<word>[\p{L}_][\p{L}\p{N}_]*)/u,
    /(?<mark>[{}()[\].;,/|^])/,
  ]
    .map((part) => part.source)
    .join("|"),
  "gu",
);
const DECLARATION = /\bPREFIX\s+([\p{L}\p{N}_.-]*):\s*<([^>]*)>/giu;

/** Map the prefixes a query declares to their IRIs. */
export function declared(text) {
  return new Map([...text.matchAll(DECLARATION)].map(([, prefix, iri]) => [prefix, iri]));
}

/** Return the variables of a query, each once. */
export const variables = (text) => [...new Set(text.match(/[?$][\p{L}\p{N}_]+/gu))];

/**
 * Tell what comes next after the beginning of a query.
 *
 * `kind` is declaration (after PREFIX), outside (of all braces), subject, predicate, object, end (of a statement) or
 * any (inside brackets); `subject` and `predicate` are as they stand there, `types` maps subjects to what they are
 * said to be.
 */
export function place(text) {
  const types = new Map();
  const outer = [];
  let statement = [];
  let braces = 0;
  let brackets = 0;
  let last = "";
  const add = (token) => {
    statement.push(token);
    const [subject, predicate, object] = statement;
    if (object && (predicate === "a" || predicate === "rdf:type")) {
      types.set(subject, [...(types.get(subject) ?? []), object]);
    }
  };
  for (const { 0: token, groups } of text.matchAll(TOKEN)) {
    if (groups.comment) continue;
    last = token;
    if (groups.mark) {
      if (token === "(") brackets += 1;
      else if (token === ")") brackets = Math.max(0, brackets - 1);
      else if (brackets) continue;
      else if (token === "{" || token === "}") {
        braces += token === "{" ? 1 : -1;
        statement = [];
      } else if (token === ".") statement = [];
      else if (token === ";") statement.length = Math.min(statement.length, 1);
      else if (token === ",") statement.length = Math.min(statement.length, 2);
      else if (token === "[") {
        outer.push(statement);
        statement = [`[${outer.length}`];
      } else if (token === "]") {
        statement = outer.pop() ?? [];
        add("[]");
      } else if (statement.length > 1 && (token === "/" || token === "|")) statement.length = 1;
    } else if (!brackets) {
      if (groups.word && token !== "a") statement = [];
      else add(token);
    }
  }
  const [subject, predicate] = statement;
  return { kind: kind(last, braces, brackets, statement.length), subject, predicate, types };
}

function kind(last, braces, brackets, length) {
  if (/^prefix$/i.test(last)) return "declaration";
  if (brackets) return "any";
  if (braces <= 0) return "outside";
  return ["subject", "predicate", "object"][length] ?? "end";
}
