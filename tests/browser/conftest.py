"""Debian's Chromium, and a real server over the real graph."""

import shutil
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser, sync_playwright

from kg.versions import Home
from server import create_app, making, reader
from server.config import Settings
from tests.browser.pages import LANGUAGES
from tests.browser.visits import Made, Visitor
from tests.server.conftest import BROWSER
from tests.server.served import serving

_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")


@pytest.fixture(scope="session")
def site(graph: ox.Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the real graph; give the address."""
    folder = tmp_path_factory.mktemp("site")
    home = Home(folder / "home", durable=False)
    version, _ = home.publish(graph, "tests", "the real graph", {})
    making.make(home, version)  # so that no page changes while it is looked at
    with serving(home.path, folder / "log", processes=1) as served:
        yield f"http://127.0.0.1:{served.port}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium, or skip the test and say what is missing."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is missing: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def visitor(browser: Browser, site: str) -> Iterator[Visitor]:
    """Give somebody who opens the pages."""
    visitor = Visitor(browser, site)
    yield visitor
    visitor.close()


@pytest.fixture(scope="session")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Made]]:
    """Give what a client gets who has asked too often, in each language."""
    home = Home(tmp_path_factory.mktemp("impatient"), durable=False)
    app = create_app(Settings(home=home.path, workers=1, rate="0.1"))
    client = app.test_client()
    client.get("/")
    answers = {language: client.get(f"/?lang={language}", headers=BROWSER) for language in LANGUAGES}
    yield {name: Made(answer.mimetype, answer.text, answer.status_code) for name, answer in answers.items()}
    with app.app_context():
        reader.snapshots().close()
