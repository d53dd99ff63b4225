"""What crawlers are told: robots.txt, sitemaps and link sets, over the real graph."""

import re
import xml.etree.ElementTree as ET

import pytest
from flask.testing import FlaskClient
from protego import Protego

from server import crawlers

NAMESPACES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
HERE = "http://localhost"
ENTITY = "/id/indicator/ladder-bodies"


@pytest.fixture
def client(real_client: FlaskClient) -> FlaskClient:
    return real_client


def _parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own


def _locations(text: str, of: str = "url") -> list[str]:
    return [str(one.text) for one in _parsed(text).findall(f"s:{of}/s:loc", NAMESPACES)]


def test_sitemap_lists_each_page_once_with_its_languages(client: FlaskClient) -> None:
    """Absolute addresses that answer, of things and of lists, with their alternates and when they last changed."""
    response = client.get("/sitemap.xml")
    assert response.mimetype == "application/xml"
    urls = _parsed(response.text).findall("s:url", NAMESPACES)
    assert [child.tag.partition("}")[2] for child in urls[0]] == ["loc", "lastmod", *["link"] * 4]
    locations = _locations(response.text)
    assert len(locations) == len(set(locations)) > 600
    assert {f"{HERE}/", f"{HERE}/indicators", f"{HERE}{ENTITY}.html", f"{HERE}/list/person"} <= set(locations)
    assert not [one for one in locations if "/annotation/" in one or "?" in one]
    for url in (urls[0], urls[len(urls) // 2], urls[-1]):
        (own,) = (str(one.text) for one in url.findall("s:loc", NAMESPACES))
        alternates = {one.get("hreflang"): one.get("href") for one in url.findall("x:link", NAMESPACES)}
        assert alternates == {tag: f"{own}?lang={tag}" for tag in ("nb", "nn", "en")} | {"x-default": own}
        assert client.get(own.removeprefix(HERE), headers={"Accept": "text/html"}).status_code == 200


def test_page_of_a_thing_names_the_same_alternates_as_the_sitemap(client: FlaskClient) -> None:
    """The two say the same, or neither is believed."""
    page = client.get(f"{ENTITY}.html").text
    linked = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', page))
    (url,) = (
        one
        for one in _parsed(client.get("/sitemap.xml").text).findall("s:url", NAMESPACES)
        if one.findtext("s:loc", namespaces=NAMESPACES) == f"{HERE}{ENTITY}.html"
    )
    assert linked == {one.get("hreflang"): one.get("href") for one in url.findall("x:link", NAMESPACES)}


def test_many_pages_are_listed_in_several_maps(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index leads to all maps, which together hold what one would."""
    whole = _locations(client.get("/sitemap.xml").text)
    monkeypatch.setattr(crawlers, "PER_MAP", 250)
    maps = _locations(client.get("/sitemap.xml?fresh=1").text, "sitemap")
    assert len(maps) == -(-len(whole) // 250) > 1
    parts = [_locations(client.get(one.removeprefix(HERE)).text) for one in maps]
    assert [one for part in parts for one in part] == whole
    assert client.get(f"/sitemap-{len(maps) + 1}.xml").status_code == 404
    assert client.get("/sitemap-0.xml").status_code == 404


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/findings", True),
        ("/findings?lang=nn", True),
        ("/findings?indicator=ladder-bodies&lang=nn", False),
        ("/findings?lang=nn&indicator=ladder-bodies", False),
        (f"{ENTITY}.html", True),
        (f"{ENTITY}.html?lang=en", True),
        (f"{ENTITY}.html?version=1", False),
        (f"{ENTITY}.ttl", True),
        ("/sparql", False),
        ("/search?q=tillit", False),
        ("/search", False),
        ("/reconcile/en", False),
        ("/versions/1", True),
        ("/versions/1...2", False),
        ("/static/icon.svg", True),
    ],
)
def test_robots_keep_to_pages(client: FlaskClient, path: str, allowed: bool) -> None:
    """Read by the parser of a crawler: pages in each language, and none of the permutations."""
    rules = Protego.parse(client.get("/robots.txt").text)
    assert rules.can_fetch(HERE + path, "crawler") is allowed
    assert list(rules.sitemaps) == [f"{HERE}/sitemap.xml"]


def test_sitemap_lists_nothing_that_is_to_be_left_alone(client: FlaskClient) -> None:
    """The two would contradict each other."""
    rules = Protego.parse(client.get("/robots.txt").text)
    addresses = re.findall(r'(?:<loc>|href=")([^"<]+)', client.get("/sitemap.xml").text)
    assert len(addresses) > 600
    assert [one for one in addresses if not rules.can_fetch(one, "crawler")] == []


def test_link_set_says_what_the_page_says_and_what_its_documents_say(client: FlaskClient) -> None:
    """The page names both forms of it; their links are those of the answers themselves."""
    page = f"{HERE}{ENTITY}.html?lang=nn"
    header = client.get(page.removeprefix(HERE)).headers["Link"]
    sets = dict(re.findall(r'<([^>]*)>; rel="linkset"; type="([^"]*)"', header))
    assert sorted(sets.values()) == ["application/linkset", "application/linkset+json"]
    texts = {kind: client.get(address.removeprefix(HERE)) for address, kind in sets.items()}
    assert all(response.mimetype == kind for kind, response in texts.items())
    found = {one.pop("anchor"): one for one in texts["application/linkset+json"].json["linkset"]}  # type: ignore[index]
    own = {rel: [link["href"] for link in links] for rel, links in found[client_page(found)].items()}
    signposts = re.findall(r'<([^>]*)>; rel="([^"]*)"', header)
    assert sorted((href, rel) for rel, hrefs in own.items() for href in hrefs) == sorted(
        one for one in signposts if one[1] in own
    )
    for address in own["describedby"]:
        assert found[address]["describes"][0]["href"] == client_page(found)
    lines = texts["application/linkset"].text.strip().split(",\n")
    assert len(lines) == sum(len(links) for one in found.values() for links in one.values())
    assert all(re.fullmatch(r'<[^>]+>; rel="[\w-]+"(; type="[^"]+")?; anchor="[^"]+"', line) for line in lines)


def client_page(found: dict[str, dict[str, list[dict[str, str]]]]) -> str:
    """Return what is cited as a persistent address: the page."""
    (page,) = (anchor for anchor, links in found.items() if "cite-as" in links)
    return page


def test_link_set_is_chosen_by_its_type(client: FlaskClient) -> None:
    """At the address of the thing, like every other document about it."""
    response = client.get(ENTITY, headers={"Accept": "application/linkset+json"})
    assert response.headers["Location"] == f"{ENTITY}.linkset.json"
    assert client.get("/id/indicator/none.linkset.json").status_code == 404
