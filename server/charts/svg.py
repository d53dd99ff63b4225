"""Writing SVG elements: names, attributes and escaped text, nothing else."""

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup, escape

NAMESPACE: Final = "http://www.w3.org/2000/svg"
Value = str | float | None


def element(name: str, *content: str, **attributes: Value) -> Markup:
    """Return an element; `class_` stands for class, `_` in a name for a hyphen, None for no attribute.

    Content that is no `Markup` is text and gets escaped.
    """
    written = "".join(
        f' {_name(key)}="{escape(_value(value))}"' for key, value in attributes.items() if value is not None
    )
    inside = Markup("").join(content)
    return Markup(f"<{name}{written}>{inside}</{name}>" if content else f"<{name}{written}/>")  # noqa: S704 escaped above


def group(content: Iterable[str], **attributes: Value) -> Markup:
    """Return a group of elements."""
    return element("g", *content, **attributes)


def path(*points: tuple[float, float], **attributes: Value) -> Markup:
    """Return a line through points."""
    return element("path", d="M" + "L".join(f"{_value(x)} {_value(y)}" for x, y in points), **attributes)


def _name(key: str) -> str:
    return {"class_": "class", "view_box": "viewBox"}.get(key, key.replace("_", "-"))


def _value(value: str | float) -> str:
    """Write a number with one decimal at most."""
    if isinstance(value, str):
        return value
    written = f"{value:.1f}".removesuffix(".0")
    return "0" if written == "-0" else written
