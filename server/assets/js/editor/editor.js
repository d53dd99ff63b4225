// CodeMirror in a shadow root: its style sheets are adopted there, which the page's policy allows.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { nextDiagnostic, setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, drawSelection, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter, styleTags, tags } from "@lezer/highlight";
import { SparqlLanguage } from "codemirror-lang-sparql";
import { look } from "./look.js";

const language = SparqlLanguage.configure({ props: [styleTags({ "PrefixedName/...": tags.propertyName })] });

export class Editor {
  #view;

  constructor(host, { text, words, description, proposals, run, changed }) {
    const root = host.attachShadow({ mode: "open" });
    const about = Object.assign(document.createElement("p"), { id: "about", hidden: true, textContent: description });
    root.append(about);
    this.#view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: text,
        extensions: [
          Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }])),
          lineNumbers(),
          highlightSpecialChars(),
          history(),
          drawSelection(),
          indentUnit.of("  "),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ override: [(context) => proposals.at(context)], icons: false, maxRenderedOptions: 60 }),
          language,
          syntaxHighlighting(classHighlighter),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          keymap.of([{ key: "F8", run: nextDiagnostic }]),
          EditorView.lineWrapping,
          EditorView.domEventHandlers({ beforeinput: replaceSelected, focus: () => void proposals.prepare() }),
          EditorView.contentAttributes.of({ "aria-label": words.editor, "aria-describedby": "about" }),
          EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
          EditorState.phrases.of(words),
          look,
        ],
      }),
    });
  }

  focus(place) {
    if (place !== undefined) this.#view.dispatch({ selection: { anchor: place } });
    this.#view.focus();
  }

  replace(text) {
    const { state } = this.#view;
    this.#view.dispatch({ changes: { from: 0, to: state.doc.length, insert: text }, scrollIntoView: true });
    this.mark(null);
  }

  /** Mark what is wrong; line and column count from 1, in code points. */
  mark(problem) {
    const { state } = this.#view;
    const found = problem ? [diagnostic(state.doc, problem)] : [];
    this.#view.dispatch(setDiagnostics(state, found));
    if (found.length) this.#view.dispatch({ selection: { anchor: found[0].from }, scrollIntoView: true });
  }
}

/**
 * Type over what is selected ourselves: where that is a whole line or more, Chromium would keep its look in inline
 * styles, which the page's policy forbids, and say so on the console.
 */
function replaceSelected(event, view) {
  const { from, to } = view.state.selection.main;
  if (event.inputType !== "insertText" || !event.data || from === to) return false;
  const insert = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type" });
  const handlers = view.state.facet(EditorView.inputHandler);
  if (!handlers.some((handle) => handle(view, from, to, event.data, insert))) view.dispatch(insert());
  event.preventDefault();
  return true;
}

function diagnostic(doc, { line, column, token, message }) {
  const there = doc.line(Math.min(line, doc.lines));
  const before = [...there.text].slice(0, column - 1).join("").length;
  const from = Math.min(there.from + before, doc.length);
  const to = Math.min(from + Math.max(token.length, 1), doc.length);
  return { from: from === to ? Math.max(from - 1, 0) : from, to, severity: "error", message };
}
