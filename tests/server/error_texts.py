"""What errors say, read from the code that raises them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import server
from kg.errors import EditsInTheWay, InvalidInput, InvalidToken, PraksisError
from server import errors

ROOT: Final = Path(server.__file__).parent.parent
NEVER_OVER_HTTP: Final = (EditsInTheWay, InvalidInput, InvalidToken)
"""Only the command raises these; so do the modules below."""
COMMAND_ONLY: Final = {
    f"{name}.py"
    for name in ("kg/build", "kg/cli", "kg/cli_tokens", "kg/cli_versions", "kg/tokens", "kg/versions/backups",
                 "kg/versions/history", "server/config", "server/conformance", "server/serve", "server/supervisor")
}  # fmt: skip
_VALUES: Final = {
    "WorkerCrashed": "what the system calls the cause",
    "UnknownThing": "an IRI",
    "ImpossibleChoice": "a parameter, its value and a range of numbers",
}
"""Errors whose arguments are values, not texts."""


def kinds() -> dict[str, type[PraksisError]]:
    """Return the classes of the tree that are told over HTTP, by name; the words of others stay in the log."""
    found = {kind.__name__: kind for kind in errors.kinds().values()}
    return {
        name: kind for name, kind in found.items()
        if kind.status != 500 and not issubclass(kind, NEVER_OVER_HTTP)
    }  # fmt: skip


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Return the modules that raise what may be told over HTTP."""
    for folder in ("kg", "server"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if name not in COMMAND_ONLY and "/guide/" not in name:
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def texts() -> set[str]:
    """Return every template of a detail or a hint."""
    return {text for _, module in modules() for call in calls(module) for text in _constants(call, module)}


def put_together() -> set[str]:
    """Return the places where an error is given a text put together, which nobody could translate."""
    found = set()
    for name, module in modules():
        for call in calls(module):
            for given in call.args:
                if any(isinstance(part, ast.JoinedStr | ast.BinOp) for part in ast.walk(given)):
                    found.add(f"{name}:{given.lineno}")
    return found


def calls(module: ast.Module) -> Iterator[ast.Call]:
    """Return where errors are made, by name or in the constructor of a class below."""
    told = kinds()
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef) and node.name in told:
            yield from (call for call in ast.walk(node) if isinstance(call, ast.Call) and _is_constructor(call))
        elif isinstance(node, ast.Call) and _name(node.func) in told and _name(node.func) not in _VALUES:
            yield node


def _is_constructor(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _constants(call: ast.Call, module: ast.Module) -> Iterator[str]:
    """Return the sentences among the arguments, also those that stand under a name."""
    for given in call.args:
        for part in ast.walk(given):
            if isinstance(part, ast.Name):
                yield from (text for value in _assigned(part.id, module) for text in _sentences(value))
        yield from _sentences(given)


def _sentences(expression: ast.expr) -> Iterator[str]:
    for part in ast.walk(expression):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and re.search(r"[a-z]{2} ", part.value):
            yield part.value


def _assigned(name: str, module: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(module):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if isinstance(node, ast.Assign | ast.AnnAssign) and value is not None:
            yield from (value for target in targets if isinstance(target, ast.Name) and target.id == name)
