"""The files of a version: all there, true, the same every time, and made by processes of their own."""

import csv
import gzip
import io
import json
import subprocess
import warnings
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest

from kg import distributions, dumps, extracts, findings, iris
from kg.artefacts import Artefacts
from kg.distributions import Distribution, File
from kg.errors import WorkerCrashed
from kg.versions import Home, Version

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # csvw's own imports are not ours to mend
    from csvw import Table

pytestmark = pytest.mark.xdist_group("distributions")


@pytest.fixture(scope="module")
def home(graph: ox.Store, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Publish the real graph."""
    home = Home(tmp_path_factory.mktemp("files"), durable=False)
    home.publish(graph, "tests", "the real graph", {})
    return home


@pytest.fixture(scope="module")
def version(home: Home) -> Version:
    """Return that version."""
    return home.version(1)


@pytest.fixture(scope="module")
def made(home: Home, version: Version) -> dict[str, File]:
    """Return all its files by name."""
    return {file.distribution.name: file for file in distributions.files(home.path, version)}


def test_each_version_has_all_it_should(made: dict[str, File]) -> None:
    """The forms of the graph, packed and not, the table three times, and the extracts."""
    graphs = {f"praksisgrafen.{suffix}" for suffix in ("ttl", "nt", "nq", "trig", "jsonld", "rdf")}
    table = {"findings.csv", "findings.csv.gz", "findings.csv-metadata.json", "findings.parquet"}
    years = {f"edition/{year}.{suffix}" for year in (2016, 2018, 2020, 2023) for suffix in ("ttl", "jsonld")}
    classes = {f"class/{name}.{suffix}" for name in extracts.CLASSES for suffix in ("ttl", "jsonld")}
    assert set(made) == graphs | {f"{name}.gz" for name in graphs} | table | years | classes
    assert all(set(file.distribution.title) == {"nb", "nn", "en"} for file in made.values())
    assert all(file.size == file.path.stat().st_size > 0 for file in made.values())


def test_sha256sum_finds_the_checksums_right(
    home: Home, version: Version, made: dict[str, File], tmp_path: Path
) -> None:
    """The tool everybody has checks every file, and notices a change."""
    for name, file in made.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(file.path.read_bytes())
    (tmp_path / "SHA256SUMS").write_bytes(distributions.sums(home.path, version))
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    checked = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert checked.stdout.count(": OK\n") == len(made)
    (tmp_path / "findings.csv").write_text("changed")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, timeout=60, check=False).returncode == 1


def test_the_same_content_gives_the_same_bytes(graph: ox.Store, made: dict[str, File], tmp_path: Path) -> None:
    """Another home, another number, another order of loading: no file tells."""
    other = Home(tmp_path / "other", durable=False)
    other.publish([next(iter(graph))], "others", "something before", {})
    other.publish(sorted(graph, key=hash), "others", "the same", {})
    again = {file.distribution.name: file.sha256 for file in distributions.files(other.path, other.version(2))}
    assert again == {name: file.sha256 for name, file in made.items()}


def test_packed_files_hold_the_plain_ones_and_no_time(made: dict[str, File]) -> None:
    packed = [file for file in made.values() if file.distribution.is_packed]
    assert len(packed) == 7
    for file in packed:
        content = file.path.read_bytes()
        assert gzip.decompress(content) == made[file.distribution.name.removesuffix(".gz")].path.read_bytes()
        assert content[3] == 0, "no name"
        assert content[4:8] == bytes(4), "no time"


@pytest.mark.parametrize("name", dumps.FORMATS)
def test_the_command_writes_the_same_bytes(graph: ox.Store, made: dict[str, File], name: str) -> None:
    """`kg dump` and the download are one."""
    output = io.BytesIO()
    dumps.write(graph, name, output)
    (file,) = (f for f in made.values() if f.distribution.batch == name and not f.distribution.is_packed)
    assert file.path.read_bytes() == output.getvalue()


def test_the_description_is_true_of_the_table(made: dict[str, File]) -> None:
    """A CSVW library reads every cell with the datatype described, and finds what has to be there."""
    metadata = made["findings.csv-metadata.json"].path
    described = json.loads(metadata.read_text(encoding="utf-8"))
    assert [column["name"] for column in described["tableSchema"]["columns"]] == findings.TIDY_COLUMNS
    rows = list(Table.from_file(metadata).iterdicts())
    assert len(rows) == 58
    assert all(isinstance(row["value"], Decimal) and isinstance(row["start"], int) for row in rows)
    assert len({row["finding"] for row in rows}) == len(rows)


def test_the_description_leads_to_the_graph(graph: ox.Store, made: dict[str, File]) -> None:
    """aboutUrl, propertyUrl and valueUrl of every cell give a statement that is there."""
    schema = json.loads(made["findings.csv-metadata.json"].path.read_text(encoding="utf-8"))["tableSchema"]
    said = {(q.subject, q.predicate, q.object) for q in graph}
    checked = 0
    with made["findings.csv"].path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            subject = ox.NamedNode(schema["aboutUrl"].replace("{finding}", row["finding"]))
            for column in schema["columns"]:
                if row[column["name"]] and "valueUrl" in column:
                    value = ox.NamedNode(column["valueUrl"].replace(f"{{{column['name']}}}", row[column["name"]]))
                    assert (subject, ox.NamedNode(column["propertyUrl"]), value) in said
                    checked += 1
    assert checked > 600


def test_parquet_says_what_the_csv_says_with_types(made: dict[str, File]) -> None:
    """Arrow's own library, not the one that wrote it, reads decimals, integers and texts."""
    table = pq.read_table(made["findings.parquet"].path)
    types = {field.name: str(field.type) for field in table.schema}
    assert (types["value"], types["start"], types["unit"]) == ("decimal128(38, 10)", "int64", "string")
    with made["findings.csv"].path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for told, row in zip(table.to_pylist(), rows, strict=True):
        assert told["value"] == Decimal(row["value"])
        assert {name: str(value or "") for name, value in told.items() if types[name] == "string"} == {
            name: cell for name, cell in row.items() if types[name] == "string"
        }
        assert told["start"] == int(row["start"])
        assert told["numerator"] == (int(row["numerator"]) if row["numerator"] else None)
    assert len(pd.read_parquet(made["findings.parquet"].path)) == len(rows)


def _read(file: File) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(file.path.read_bytes(), format=_rdf(file))}


def _rdf(file: File) -> ox.RdfFormat:
    found = ox.RdfFormat.from_media_type(file.distribution.media_type)
    assert found is not None
    return found


def test_extracts_say_the_same_in_each_form(made: dict[str, File]) -> None:
    names = {name.rpartition(".")[0] for name in made if "/" in name}
    assert all(_read(made[f"{name}.ttl"]) == _read(made[f"{name}.jsonld"]) for name in names)


def test_a_class_is_all_that_is_said_of_its_things(graph: ox.Store, made: dict[str, File]) -> None:
    prefix = f"{iris.ID}finding/"
    ours = {q.triple for q in graph if isinstance(q.subject, ox.NamedNode) and q.subject.value.startswith(prefix)}
    assert _read(made["class/finding.ttl"]) == ours
    assert not [file.distribution.name for file in made.values() if "/" in file.distribution.name and not _read(file)]


def test_an_edition_is_whole_enough_to_be_used(graph: ox.Store, made: dict[str, File]) -> None:
    """Each of its figures is there with all that is said of it, its observation, its place, and every name."""
    store = ox.Store()
    store.extend(ox.Quad(*triple) for triple in _read(made["edition/2020.ttl"]))
    edition, about = ox.NamedNode(f"{iris.ID}edition/2020"), ox.NamedNode(f"{iris.DEF}edition")
    figures = [quad.subject for quad in graph.quads_for_pattern(None, about, edition, None)]
    assert len(figures) > 40
    for figure in figures:
        said = {quad.triple for quad in graph.quads_for_pattern(figure, None, None, None)}
        assert said == {quad.triple for quad in store.quads_for_pattern(figure, None, None, None)}
    nameless = store.query(
        """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        PREFIX pg: <https://w3id.org/praksisgrafen/def/>
        SELECT ?thing { ?finding a pg:NumericFinding ; pg:indicator|pg:population|pg:kind|pg:level ?thing
          FILTER NOT EXISTS { ?thing skos:prefLabel ?name } }"""
    )
    assert list(nameless) == []
    ask = """PREFIX oa: <http://www.w3.org/ns/oa#> PREFIX pg: <https://w3id.org/praksisgrafen/def/>
        ASK { ?note oa:hasBody ?finding ; oa:hasTarget/oa:hasSelector/oa:start ?start .
          ?finding a pg:NumericFinding ; pg:observation/pg:population ?who }"""
    assert store.query(ask)
    people = f"{iris.ID}person/"
    said = {str(q.predicate) for q in store if str(q.subject).startswith(f"<{people}")}
    assert said <= {
        "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>",
        "<http://xmlns.com/foaf/0.1/name>",
        "<http://www.w3.org/2004/02/skos/core#prefLabel>",
    }


def test_a_process_that_dies_leaves_nothing(home: Home, version: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one who asks has it made anew."""
    monkeypatch.setattr(distributions, "KIND", "crashing")
    monkeypatch.setattr(distributions, "_write_batch", _die)
    table = distributions.find(home.path, version, "findings.csv")
    assert isinstance(table, Distribution)
    with pytest.raises(WorkerCrashed):
        distributions.file(home.path, version, table)
    assert distributions.status(home.path, version, table) == "absent"
    assert list((Artefacts(home.path, version).folder / "crashing").iterdir()) == []
    monkeypatch.undo()
    monkeypatch.setattr(distributions, "KIND", "crashing")
    assert distributions.file(home.path, version, table).size > 1000


def _die(_store: str, _batch: str, place: str, _nice: int) -> None:
    Path(place).mkdir()
    raise SystemExit(3)
