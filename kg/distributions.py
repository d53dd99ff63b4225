"""The files of a version that can be fetched: which there are, what they are, where they lie once they are made.

`distributions` is the table; `file` makes one where it is absent, `files` all of them, `ready` makes none. They are
made in batches, each by a process of its own: what is read once is written in all its forms.
"""

import gzip
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import IO, Final, Literal

import pyoxigraph as ox

from kg import dumps, extracts, findings, terms, tidy
from kg.artefacts import Artefacts, Maker, Status
from kg.errors import BeingMade
from kg.versions import Home, Version

Group = Literal["graph", "findings", "class", "edition"]
"""What a file holds: everything; the table of figures; the things of one class; one edition of the survey."""
SUMS: Final = "SHA256SUMS"
"""The name of the file of checksums, which is no distribution itself."""
KIND: Final = "downloads"
"""The first part of the names of these artefacts."""

TABLE: Final = "findings.csv"
"""The name of the table of figures; its description lies beside it."""
PARQUET: Final = "application/vnd.apache.parquet"

_maker: Final = Maker("kg.distributions")
_PART: Final = 1 << 20
"""Units: bytes."""
_LABEL: Final = ox.NamedNode(terms.PREFIXES["skos"] + "prefLabel")


@dataclass(frozen=True, slots=True)
class Distribution:
    """One file of a version, at `/downloads/<number>/<name>`; `title` has a text for each of nb, nn and en.

    `media_type` is that of the content, without a charset, and `form` what it is called; where `is_packed`, the file is
    that content in gzip. `part` is which class or edition an extract holds, `batch` what the file is made with.
    """

    name: str
    media_type: str
    form: str
    title: Mapping[str, str]
    group: Group
    part: str = ""
    is_packed: bool = False
    batch: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A distribution that was made. Units: bytes; the digest is in hexadecimal."""

    distribution: Distribution
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Format:
    suffix: str
    media_type: str
    name: str


_GRAPH: Final = {
    "turtle": _Format("ttl", "text/turtle", "Turtle"),
    "ntriples": _Format("nt", "application/n-triples", "N-Triples"),
    "nquads": _Format("nq", "application/n-quads", "N-Quads"),
    "trig": _Format("trig", "application/trig", "TriG"),
    "jsonld": _Format("jsonld", "application/ld+json", "JSON-LD"),
    "rdfxml": _Format("rdf", "application/rdf+xml", "RDF/XML"),
}
_EXTRACTS: Final[Mapping[str, Callable[[Iterable[ox.Triple], IO[bytes]], None]]] = {
    "turtle": dumps.write_turtle,
    "jsonld": dumps.write_jsonld,
}
_WHOLE: Final = {"nb": "Hele grafen", "nn": "Heile grafen", "en": "The whole graph"}
_FIGURES: Final = {"nb": "Tallene fra kildene", "nn": "Tala frå kjeldene", "en": "The figures of the sources"}
_CLASS: Final = {"nb": "Alt om klassen {}", "nn": "Alt om klassen {}", "en": "All about the class {}"}
_DESCRIPTION: Final = {
    "nb": "Beskrivelse av kolonnene i tabellen (CSVW)",
    "nn": "Skildring av kolonnane i tabellen (CSVW)",
    "en": "Description of the columns of the table (CSVW)",
}
_FINDINGS: Final = (
    (TABLE, "text/csv", "CSV"),
    (f"{TABLE}-metadata.json", "application/csvm+json", "CSVW"),
    ("findings.parquet", PARQUET, "Parquet"),
)
_AS: Final = {"nb": "som", "nn": "som", "en": "as"}


def distributions(home: Path, version: Version) -> tuple[Distribution, ...]:
    """Return the table of every file of a version, whole graph first, whether they are made or not.

    Raises: UnknownVersion when the version was pruned.
    """
    return (*_FIXED, *_of_editions(home, version))


def find(home: Path, version: Version, name: str) -> Distribution | None:
    """Return the distribution of this name, None where there is none.

    Raises: UnknownVersion when the version was pruned.
    """
    fixed = _BY_NAME.get(name)
    return fixed or next((one for one in _of_editions(home, version) if one.name == name), None)


def status(home: Path, version: Version, distribution: Distribution) -> Status:
    """Tell whether a file is made."""
    return Artefacts(home, version).status(f"{KIND}/{distribution.batch}")


def file(home: Path, version: Version, distribution: Distribution, *, nice: int = 0) -> File:
    """Return a file, which is made where it is absent.

    Raises: BeingMade when that takes longer than a reader waits, or it makes room for others at this very moment;
    UnknownVersion when the version was pruned; DiskLow; what `Apart.call` raises.
    """
    batch = distribution.batch
    folder = Artefacts(home, version).get(
        f"{KIND}/{batch}", lambda folder: _maker.make(version, folder, nice, _write_batch, batch)
    )
    try:
        return _in(folder, distribution)
    except FileNotFoundError:
        raise BeingMade(1) from None


def files(home: Path, version: Version, *, nice: int = 0) -> Iterator[File]:
    """Give every file, one after the other; those that are absent are made.

    Raises: what `file` raises.
    """
    return (file(home, version, distribution, nice=nice) for distribution in distributions(home, version))


def ready(home: Path, version: Version) -> Sequence[File]:
    """Return the files that are made.

    Raises: UnknownVersion when the version was pruned.
    """
    table = distributions(home, version)
    return [file(home, version, one) for one in table if status(home, version, one) == "ready"]


def sums(home: Path, version: Version) -> bytes:
    """Return the checksums of every file, as `sha256sum -c` reads them; what is absent is made.

    Raises: what `file` raises.
    """
    return "".join(f"{one.sha256}  {one.distribution.name}\n" for one in files(home, version)).encode()


def _fixed() -> Iterator[Distribution]:
    """Give what every version has."""
    for batch, form in _GRAPH.items():
        title = _titled(_WHOLE, form.name)
        name = f"praksisgrafen.{form.suffix}"
        yield from _plain_and_packed(Distribution(name, form.media_type, form.name, title, "graph", batch=batch))
    for name, media_type, form_name in _FINDINGS:
        title = _DESCRIPTION if form_name == "CSVW" else _titled(_FIGURES, form_name)
        plain = Distribution(name, media_type, form_name, title, "findings", batch="findings")
        yield from _plain_and_packed(plain) if form_name == "CSV" else (plain,)
    for slug in extracts.CLASSES:
        yield from _extract("class", slug, {language: text.format(slug) for language, text in _CLASS.items()})


def _plain_and_packed(plain: Distribution) -> Iterator[Distribution]:
    yield plain
    title = {language: f"{text}, gzip" for language, text in plain.title.items()}
    yield replace(plain, name=f"{plain.name}.gz", title=title, is_packed=True)


def _extract(group: Group, part: str, titles: Mapping[str, str]) -> Iterator[Distribution]:
    for name in _EXTRACTS:
        form = _GRAPH[name]
        title = _titled(titles, form.name)
        yield Distribution(
            f"{group}/{part}.{form.suffix}", form.media_type, form.name, title, group, part, batch="extracts"
        )


def _titled(what: Mapping[str, str], form: str) -> dict[str, str]:
    return {language: f"{text} {_AS[language]} {form}" for language, text in what.items()}


_FIXED: Final = tuple(_fixed())
_BY_NAME: Final = {one.name: one for one in _FIXED}


def _of_editions(home: Path, version: Version) -> tuple[Distribution, ...]:
    return _read_editions(home, version.number, version.content_hash)


@lru_cache(maxsize=64)
def _read_editions(home: Path, number: int, _content: str) -> tuple[Distribution, ...]:
    """Read which editions a version has; its content tells it from others of its number."""
    with Home(home).version(number).reading() as store:
        found = [(slug, _labels(store, edition)) for slug, edition in extracts.editions(store).items()]
    return tuple(one for slug, labels in found for one in _extract("edition", slug, labels))


def _labels(store: ox.Store, thing: ox.NamedNode) -> dict[str, str]:
    """Return the name of a thing in each language, in another or from its IRI where it has none."""
    literals = (quad.object for quad in store.quads_for_pattern(thing, _LABEL, None, None))
    said = {literal.language or "": literal.value for literal in literals if isinstance(literal, ox.Literal)}
    return {
        language: said.get(language) or said.get("nb") or thing.value.rpartition("/")[2]
        for language in findings.LANGUAGES
    }


def _in(folder: Path, distribution: Distribution) -> File:
    path = folder / distribution.name
    return File(distribution, path, path.stat().st_size, _digests(folder)[distribution.name])


@lru_cache(maxsize=256)
def _digests(folder: Path) -> Mapping[str, str]:
    lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _write_batch(store: ox.Store, folder: Path, batch: str) -> None:
    """Write the files of a batch and their checksums."""
    if batch == "findings":
        _write_findings(store, folder)
    elif batch == "extracts":
        _write_extracts(store, folder)
    else:
        with (folder / f"praksisgrafen.{_GRAPH[batch].suffix}").open("wb") as output:
            dumps.write(store, batch, output)
    for one in _FIXED:
        if one.batch == batch and one.is_packed:
            _pack(folder / one.name.removesuffix(".gz"), folder / one.name)
    made = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{_digest(path)}  {path.relative_to(folder)}\n" for path in made]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _write_findings(store: ox.Store, folder: Path) -> None:
    rows = findings.tidy_rows(store)
    (name, *_), (description, *_), (parquet, *_) = _FINDINGS
    with (folder / name).open("w", encoding="utf-8", newline="") as output:
        tidy.write_csv(rows, output)
    (folder / description).write_text(tidy.description(name), encoding="utf-8")
    tidy.write_parquet(rows, folder / parquet)


def _write_extracts(store: ox.Store, folder: Path) -> None:
    for name, triples in extracts.of_class(store).items():
        _write_extract(triples, folder / "class" / name)
    for slug, edition in extracts.editions(store).items():
        _write_extract(extracts.of_edition(store, edition), folder / "edition" / slug)


def _write_extract(triples: list[ox.Triple], stem: Path) -> None:
    stem.parent.mkdir(exist_ok=True)
    for name, write in _EXTRACTS.items():
        with stem.with_name(f"{stem.name}.{_GRAPH[name].suffix}").open("wb") as output:
            write(triples, output)


def _pack(plain: Path, packed: Path) -> None:
    """Compress a file; neither a time nor a name stands in what comes of it."""
    with (
        plain.open("rb") as source,
        packed.open("wb") as target,
        gzip.GzipFile("", "wb", 9, target, mtime=0) as output,
    ):
        while part := source.read(_PART):
            output.write(part)


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
