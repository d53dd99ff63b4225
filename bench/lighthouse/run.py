"""What Lighthouse says of the front page, an indicator and an entity, in four categories: `make lighthouse`."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))
import servers

LEAST = 95
PAGES = {
    "front": "/",
    "indicator": "/id/indicator/ladder-bodies.html",
    "entity": "/id/organisation/digdir.html",
}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
_ATTEMPTS = 3
"""How often a page is tried: on a busy machine Chromium's trace of a page may come out without its beginning."""
_PROGRAM = Path(__file__).parent / "node_modules" / "lighthouse" / "cli" / "index.js"


def audit(node: Path, chromium: str, url: str) -> dict[str, Any]:
    """Run Lighthouse on one page, as on a slow phone; return its report."""
    command = [
        node, _PROGRAM, url, "--quiet", "--output=json", "--output-path=stdout", "--no-enable-error-reporting",
        f"--only-categories={','.join(CATEGORIES)}", "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    ]  # fmt: skip
    environment = {**os.environ, "CHROME_PATH": chromium}
    for _ in range(_ATTEMPTS):
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        if not done.returncode:
            break
    else:
        sys.exit(f"Lighthouse could not audit {url}:\n{done.stderr.decode(errors='replace')}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def faults(report: dict[str, Any]) -> list[str]:
    """Return the audits that cost points."""
    counted = {item["id"] for one in report["categories"].values() for item in one["auditRefs"] if item["weight"]}
    found = (report["audits"][name] for name in sorted(counted))
    return [
        f"{audit['title']} {audit.get('displayValue', '')}".strip()
        for audit in found
        if (audit["score"] if audit["score"] is not None else 1) < 0.9
    ]


def main() -> None:
    """Measure and report; the exit status says whether every score is good enough."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kg", type=Path, default=Path(sys.executable).with_name("kg"))
    arguments.add_argument("--home", type=Path, help="a home to serve; one is built otherwise")
    chosen = arguments.parse_args()
    chromium = shutil.which("chromium") or sys.exit("chromium is missing: apt install chromium")
    worst = 100
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="praksisgrafen-lighthouse-")))
        home = chosen.home or folder / "home"
        site = stack.enter_context(servers.ours(chosen.kg, home, folder)).removesuffix("/sparql")
        print(f"{'':12}" + "".join(f"{name:>16}" for name in CATEGORIES))
        for name, path in PAGES.items():
            report = audit(Path(sys.executable).with_name("node"), chromium, site + path)
            scores = [round(100 * (report["categories"][category]["score"] or 0)) for category in CATEGORIES]
            worst = min(worst, *scores)
            print(f"{name:12}" + "".join(f"{score:16d}" for score in scores), flush=True)
            for fault in faults(report):
                print(f"{'':14}{fault}")
    sys.exit(0 if worst >= LEAST else 1)


if __name__ == "__main__":
    main()
