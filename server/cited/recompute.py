"""Recompute the hash of an answer to SELECT or ASK: python recompute.py answer.json [--ordered]."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

ESCAPES = {"\\": r"\\", '"': r"\"", "\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r"}


def character(one: str) -> str:
    """Write a character of a literal as canonical N-Triples does."""
    return ESCAPES.get(one) or (f"\\u{ord(one):04X}" if one < " " or one in "\x7f\ufffe\uffff" else one)


def term(value: dict[str, Any] | None) -> str:
    """Write a term as canonical N-Triples does; an unbound variable is empty."""
    if value is None:
        return ""
    if value["type"] == "uri":
        return f"<{value['value']}>"
    if value["type"] == "triple":
        return f"<<( {' '.join(term(value['value'][part]) for part in ('subject', 'predicate', 'object'))} )>>"
    text = '"' + "".join(map(character, value["value"])) + '"'
    if "xml:lang" in value:
        return f"{text}@{value['xml:lang']}" + (f"--{value['its:dir']}" if "its:dir" in value else "")
    return f"{text}^^<{value['datatype']}>" if "datatype" in value else text


def document(answer: dict[str, Any], *, ordered: bool) -> bytes:
    """Return the text that is hashed; `ordered` says that the query itself has ORDER BY."""
    if "boolean" in answer:
        lines = ["true" if answer["boolean"] else "false"]
    else:
        names = answer["head"]["vars"]
        rows = ["\t".join(term(row.get(name)) for name in names) for row in answer["results"]["bindings"]]
        lines = ["\t".join("?" + name for name in names), *(rows if ordered else sorted(rows))]
    return "".join(f"{line}\n" for line in ["praksisgrafen-answer-1", *lines]).encode()


if __name__ == "__main__":
    found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.stdout.write(hashlib.sha256(document(found, ordered="--ordered" in sys.argv)).hexdigest() + "\n")
