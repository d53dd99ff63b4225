"""Charts as PNG, for readers and services that cannot show SVG."""

import tempfile
from functools import cache
from pathlib import Path

import resvg_py
from fontTools.ttLib import TTFont

_MISSING_IN_INTER = str.maketrans({"\N{NARROW NO-BREAK SPACE}": "\N{THIN SPACE}"})


def png(document: str, fonts: tuple[Path, ...], scale: float = 1) -> bytes:
    """Render an SVG document with these fonts (WOFF2), or with the machine's own where there are none."""
    return resvg_py.svg_to_bytes(
        svg_string=document.translate(_MISSING_IN_INTER).replace('"Inter Variable",', ""),
        zoom=scale,
        skip_system_fonts=bool(fonts),
        font_files=[str(_opened(font)) for font in fonts],
        font_family="Inter" if fonts else None,
        sans_serif_family="Inter" if fonts else None,
    )


@cache
def _opened(font: Path) -> Path:
    """Write a WOFF2 font as TrueType, which is what the renderer reads, once a process."""
    target = Path(tempfile.mkdtemp(prefix="praksisgrafen-font-")) / f"{font.stem}.ttf"
    with TTFont(font) as read:
        read.flavor = None
        read.save(target)
    return target
