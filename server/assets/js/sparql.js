// Fetch the editor at the first sign of a reader who may write: it is large, and many only read an answer.
const signs = ["focusin", "pointerover", "touchstart", "keydown"];

function fetchEditor() {
  for (const sign of signs) document.removeEventListener(sign, fetchEditor);
  import(document.getElementById("ask").dataset.editor);
}

for (const sign of signs) document.addEventListener(sign, fetchEditor, { passive: true });
