// How the editor looks: the design system's tokens, which change with light and dark by themselves.
import { EditorView } from "@codemirror/view";

const colour = (name) => `var(--ds-color-${name})`;
const surface = { backgroundColor: colour("neutral-surface-default"), color: colour("neutral-text-default") };
const edge = `1px solid ${colour("neutral-border-default")}`;

export const look = EditorView.theme({
  "&": {
    ...surface,
    border: edge,
    borderRadius: "var(--ds-border-radius-md)",
    fontSize: "0.9375rem",
  },
  "&.cm-focused": { outline: `3px solid ${colour("focus-outer")}`, outlineOffset: "1px" },
  ".cm-scroller": {
    fontFamily: "var(--editor-font)",
    lineHeight: "1.6",
    maxHeight: "min(34rem, 70vh)",
  },
  ".cm-content, .cm-gutter": { minHeight: "14rem" },
  ".cm-content": { paddingBlock: "0.75rem", caretColor: colour("neutral-text-default") },
  ".cm-line": { paddingInline: "0.75rem" },
  ".cm-cursor": { borderLeftWidth: "2px", borderLeftColor: colour("neutral-text-default") },
  ".cm-gutters": {
    backgroundColor: colour("neutral-background-tinted"),
    color: colour("neutral-text-subtle"),
    borderRight: `1px solid ${colour("neutral-border-subtle")}`,
    borderStartStartRadius: "inherit",
    borderEndStartRadius: "inherit",
  },
  ".cm-lineNumbers .cm-gutterElement": { paddingInline: "0.75rem 0.5rem", minWidth: "2.5rem" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: colour("accent-surface-active"),
  },
  "&.cm-focused .cm-matchingBracket": { background: colour("accent-surface-hover"), outline: edge },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    backgroundColor: colour("danger-surface-default"),
    textDecoration: `underline wavy 2px ${colour("danger-border-strong")}`,
    textUnderlineOffset: "3px",
    textDecorationSkipInk: "none",
  },
  ".cm-tooltip": {
    ...surface,
    border: edge,
    borderRadius: "var(--ds-border-radius-md)",
    boxShadow: "var(--ds-shadow-md)",
    overflow: "hidden",
    fontFamily: "var(--ds-font-family, sans-serif)",
  },
  ".cm-diagnostic": { padding: "0.5rem 0.75rem", borderInlineStart: `4px solid ${colour("danger-base-default")}` },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "inherit", maxHeight: "18rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    display: "flex",
    justifyContent: "space-between",
    gap: "1.5rem",
    padding: "0.375rem 0.75rem",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: colour("accent-base-default"),
    color: colour("accent-base-contrast-default"),
  },
  ".cm-completionLabel": { fontFamily: "var(--editor-font)", fontSize: "0.875rem" },
  ".cm-completionDetail": {
    margin: 0,
    fontStyle: "normal",
    color: colour("neutral-text-subtle"),
    overflow: "hidden",
    textOverflow: "ellipsis",
    maxWidth: "22rem",
  },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-completionInfo": { ...surface, padding: "0.75rem", maxWidth: "20rem", lineHeight: "1.5" },
  ".tok-keyword": { color: colour("accent-text-default"), fontWeight: "600" },
  ".tok-variableName": { color: colour("brand2-text-subtle") },
  ".tok-string": { color: colour("brand1-text-subtle") },
  ".tok-number, .tok-bool": { color: colour("brand1-text-subtle") },
  ".tok-propertyName, .tok-typeName": { color: colour("accent-text-subtle") },
  ".tok-namespace, .tok-url": { color: colour("accent-text-subtle") },
  ".tok-comment": { color: colour("neutral-text-subtle"), fontStyle: "italic" },
  ".tok-meta, .tok-punctuation": { color: colour("neutral-text-subtle") },
});
