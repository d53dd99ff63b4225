"""The build tells every fault with its place, and publishes all or nothing."""

import re
import subprocess
import sys

import pytest

from kg import build, files
from kg.errors import Fault, InvalidInput
from kg.versions import Home

TABLE = "data/findings/blog-2020.csv"


def _faults(folders: files.Folders) -> list[Fault]:
    """Return the faults of the files themselves."""
    with pytest.raises(InvalidInput) as caught:
        build.dataset(folders)
    return list(caught.value.faults)


def _refused(folders: files.Folders) -> InvalidInput:
    """Return all that a check tells, the shapes having been asked."""
    with pytest.raises(InvalidInput) as caught:
        build.check(folders)
    return caught.value


def _spoilt(folders: files.Folders, name: str, spoil) -> list[str]:
    """Spoil the bytes of a file and return the faults and notes."""
    path = folders.data.parent / name
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(InvalidInput) as caught:
        build.dataset(folders)
    return [*map(str, caught.value.faults), *getattr(caught.value, "__notes__", ())]


def test_value_that_is_no_number_names_its_line_and_column(copy, spoil):
    """A cell with a decimal comma is told by file, line, cell number and column name, with the mend."""
    line = spoil("data/findings/blog-2020.csv", "level,point,51,", 'level,point,"51,0",')
    (fault,) = _faults(copy)
    assert (fault.file, fault.line, fault.column) == ("data/findings/blog-2020.csv", line, 15)
    assert fault.message == "value: “51,0” is not a number; write a plain number with a full stop, such as 33.3"


def test_code_outside_its_list_is_refused(copy, spoil):
    """A population that no code list has is told by its cell."""
    line = spoil("data/findings/blog-2020.csv", "experienced-data-reuse,inhabitants,", "experienced-data-reuse,people,")
    (fault,) = _faults(copy)
    assert str(fault) == f"data/findings/blog-2020.csv:{line}:9: population: “people” is not in the list “population”"


def test_all_faults_are_told_at_once(copy, spoil):
    """Faults of several files and several faults of one Turtle file come in one run."""
    spoil("data/findings/blog-2020.csv", "experienced-data-reuse,inhabitants,", "experienced-data-reuse,people,")
    first = spoil("data/people.ttl", 'foaf:name "Guri Kaspara Lande"', 'foaf:name "Guri Kaspara Lande')
    second = spoil("data/people.ttl", "person:truls-berg a foaf:Person ;", "person:truls-berg a foaf:Person ; ;; a . b")
    places = [(fault.file, fault.line) for fault in _faults(copy)]
    assert ("data/people.ttl", first) in places
    assert ("data/people.ttl", second) in places
    assert any(name == "data/findings/blog-2020.csv" for name, _ in places)


def test_undeclared_prefix_is_told_once(copy, spoil):
    """A forgotten @prefix line gives one fault, however often the prefix is used."""
    spoil("data/claims.ttl", "@prefix stance: <https://w3id.org/praksisgrafen/id/stance/> .\n", "")
    faults = _faults(copy)
    assert [fault.message for fault in faults] == ["The prefix stance: has not been declared"]


def test_row_with_too_many_cells_names_its_line(copy):
    """An unquoted comma in a text is told as such."""
    path = copy.data / "findings" / "blog-2020.csv"
    rows = path.read_text(encoding="utf-8").split("\n")
    rows[1] += ",more"
    path.write_text("\n".join(rows), encoding="utf-8")
    (fault, *_) = _faults(copy)
    assert fault.line == 2
    assert fault.message.startswith("the row has 36 cells, the header 35;")


def test_file_that_is_not_utf8_names_its_line(copy):
    """A table saved by Excel in another encoding is told with the line of the first wrong byte."""
    path = copy.data / "findings" / "article-2020.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1", errors="replace"))
    fault = next(fault for fault in _faults(copy) if fault.file == "data/findings/article-2020.csv")
    assert fault.line == 2
    assert re.match(r"character \d+ of the line is not UTF-8 \(byte 0x", fault.message)


def test_finding_named_twice_is_refused(copy):
    """Two rows cannot share a name, in one table or in two."""
    path = copy.data / "findings" / "blog-2020.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text.split("\n")[1] + "\n", encoding="utf-8")
    (fault,) = _faults(copy)
    assert "is taken already" in fault.message


def test_character_that_xml_cannot_hold_is_told_with_its_file(copy, spoil):
    """A graph with it could not be written as RDF/XML."""
    member = "org:organization organisation:ks ;"
    spoil("data/people.ttl", member, f'{member} skos:note "a\\u0007"@nb ;')
    (fault,) = _faults(copy)
    assert (fault.file, "U+0007" in fault.message) == ("data/people.ttl", True)


def test_link_to_nothing_is_told_with_file_and_line(copy, spoil):
    """A slip in a slug does not become a new, empty thing."""
    spoil("data/people.ttl", "org:organization organisation:ks ;", "org:organization organisation:kss ;")
    (fault,) = _faults(copy)
    assert fault.file == "data/people.ttl"
    assert fault.message == "kristin-weidemann-wieland-ks-2023 points at organisation/kss, which no file describes"


def test_shape_violation_names_file_line_and_focus_node(copy, spoil):
    """What the shapes refuse is told once, where it stands in the files, and not of what the rules make of it too."""
    line = spoil(TABLE, "level,point,51,", "level,point,151,")
    assert [str(fault) for fault in _refused(copy).faults] == [
        (
            f"{TABLE}:{line}: finding:experienced-data-reuse-blog-2020: A percentage lies between 0 and 100. "
            "[shape:LevelPercentage]"
        )
    ]


def test_shape_violation_in_a_row_names_the_cell(copy, spoil):
    """Where a result is about one property of a row, its cell is named; what the rules copied is told of the row."""
    line = spoil(TABLE, "trettende gang", "trettende gang en to tre fire")
    faults = _refused(copy).faults
    assert {(fault.file, fault.line) for fault in faults} == {(TABLE, line)}
    assert [fault.column for fault in faults if "five words" in fault.message] == [4]


def test_shapes_are_asked_of_what_could_be_read(copy, spoil):
    """A bad cell hides no other fault, and nothing is told that only comes of the row it stands in."""
    spoil(TABLE, "edition-ordinal-blog-2020,332,346", "edition-ordinal-blog-2020,332,3x46")
    fraction = spoil(TABLE, "level,point,33.3,1,3", "level,point,40,1,3")
    share = spoil(TABLE, "level,point,51,", "level,point,151,")
    person = spoil("data/people.ttl", "person:liv-freihow a foaf:Person ;", "person:liv-freihow a foaf:Person, owl:X ;")
    born = spoil(
        "data/people.ttl", "person:truls-berg a foaf:Person ;", "person:truls-berg a foaf:Person ; foaf:age 1 ;"
    )
    error = _refused(copy)
    told = [(fault.file, fault.line, fault.message.split(": ")[-1]) for fault in error.faults]
    assert (TABLE, fraction, "33.3) [shape:FractionValue]") in told
    assert (TABLE, share, "A percentage lies between 0 and 100. [shape:LevelPercentage]") in told
    assert any(place[:2] == ("data/people.ttl", born) for place in told)
    assert "“3x46” is not a number; write a whole number" in [message for *_, message in told]
    assert {(file, line) for file, line, _ in told} <= {
        *((TABLE, line) for line in (2, fraction, share)),
        *(("data/people.ttl", line) for line in (person, born)),
    }
    assert error.__notes__ == [
        "The shapes were asked only what does not depend on what these faults hide: ask again when they are mended."
    ]


def test_value_that_a_shape_calculated_is_told_as_such(copy, spoil):
    """What a fraction should have been does not seem to stand in the file."""
    spoil(TABLE, "level,point,33.3,1,3", "level,point,40,1,3")
    (fault,) = _refused(copy).faults
    assert "(calculated: 33.3)" in fault.message


def test_shapes_with_faults_are_not_asked(copy, spoil):
    """Half a shape says nothing about the data, and the check says that it was not asked."""
    spoil("ontology/shapes/person.ttl", "shape:Person a sh:NodeShape ;", "shape:Person a a sh:NodeShape ;")
    error = _refused(copy)
    assert [fault.file for fault in error.faults] == ["ontology/shapes/person.ttl"]
    assert error.__notes__ == [
        "The shapes were not asked, since some of them have faults: ask again when these are mended."
    ]


UNCHECKED = "Links to findings were not checked: it is not known which ones the faulty tables describe."


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (
            lambda text: text.replace(b",level,scale", b",scale", 1),
            (
                "1:11: the header differs from the expected columns; here stands “scale”, where “level” belongs; "
                "missing: level"
            ),
        ),
        (
            lambda text: text.replace(b"words_en\n", b"words_en,more\n", 1),
            (
                "1:36: the header differs from the expected columns; here stands “more”, where nothing belongs; "
                "unknown: more"
            ),
        ),
        (
            lambda text: text.replace(b"level,scale", b"scale,level", 1),
            "1:11: the header differs from the expected columns; here stands “scale”, where “level” belongs",
        ),
        (
            lambda text: text.replace(b",", b";"),
            "1:1: the cells are parted by semicolons; save the file with commas between them",
        ),
        (
            lambda text: text.rstrip() + b'\n"a ""b""\nc","d',
            "6:2: the quotation mark that opens this cell is never closed",
        ),
        (lambda text: text.rstrip(b",\n") + b'"a,"b', "4:33: the quotation mark that opens this cell is never closed"),
        (
            lambda text: text.replace(b'hovedvekt, 2020"', b"hovedvekt, 2020", 1),
            (
                "3:27: the quotation marks of this cell are closed before “Offentlege v”: write one inside a text "
                "twice, and one where the text ends"
            ),
        ),
        (
            lambda text: text.decode().encode("latin-1", errors="replace"),
            "2:165: character 165 of the line is not UTF-8 (byte 0xf8); save the file as UTF-8",
        ),
        (
            lambda text: text.split(b"\n")[0] + b"\n",
            "1: the table has no rows; write one for each figure, or remove the file",
        ),
    ],
)
def test_table_that_cannot_be_read_tells_its_own_fault_only(copy, spoil, expected):
    """One fault with line and cell, none of links to findings that the table would have described."""
    rows = copy.data.parent / TABLE
    rows.write_text("".join(rows.read_text(encoding="utf-8").splitlines(keepends=True)[:4]), encoding="utf-8")
    assert _spoilt(copy, TABLE, spoil) == [f"{TABLE}:{expected}", UNCHECKED]


def test_empty_table_is_told_with_the_mend(copy):
    """An empty file is named, and the header it needs."""
    told = _spoilt(copy, TABLE, lambda _: b"")
    assert told[0].startswith(
        f"{TABLE}:1:1: the file is empty; give it this header and its rows, or remove it: finding,"
    )
    assert told[1:] == [UNCHECKED]


def test_turtle_in_another_encoding_tells_its_own_fault_only(copy):
    """What the file would have described is unknown, so links are not checked, and the check says so."""
    told = _spoilt(copy, "data/organisations.ttl", lambda text: text.decode().encode("latin-1", errors="replace"))
    assert len(told) == 2
    assert re.match(r"data/organisations.ttl:\d+:\d+: character \d+ of the line is not UTF-8", told[0])
    assert told[1] == "Links were not checked: it is not known what the files that cannot be read describe."


def test_code_list_with_a_syntax_error_hides_its_codes(copy, spoil):
    """The cells that use a code of a faulty list are no faults."""
    line = spoil("ontology/codes/population.ttl", "population:inhabitants a ", "population:inhabitants a a ")
    assert [(fault.file, fault.line) for fault in _faults(copy)] == [("ontology/codes/population.ttl", line)]


def test_table_whose_name_cannot_name_a_graph_is_told(copy):
    """A file name with a space or a capital is a fault, not a traceback."""
    (copy.data / "findings" / "Blog 2.csv").write_bytes((copy.data.parent / TABLE).read_bytes())
    (fault,) = _faults(copy)
    assert str(fault).startswith("data/findings/Blog 2.csv: rename the file: “Blog 2” cannot name a graph")


@pytest.mark.parametrize(
    "literal",
    [
        '"2018-06-45"^^xsd:date',
        '"tjue"^^xsd:integer',
        '"a"^^xsd:decimal',
        '"tjue"^^xsd:gYear',
        '"2020-13"^^xsd:gYearMonth',
        '"""tj\\u0075e"""^^xsd:int',
    ],
)
def test_ill_typed_literal_is_told_with_line_and_column(copy, literal):
    """Whatever the shapes say, a value that its datatype does not have is told where it stands."""
    path = copy.data / "editions.ttl"
    text = path.read_text(encoding="utf-8")
    addition = f'# it isn\'t "typed\n<urn:a> <urn:b#c> "tjue", "a"@nb ,\n  {literal} .\n'
    path.write_text(f"{text}\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n{addition}", encoding="utf-8")
    (fault,) = _faults(copy)
    assert (fault.file, fault.line, fault.column) == ("data/editions.ttl", text.count("\n") + 5, 3)
    value = literal.split("^^")[0].strip('"').replace("\\u0075", "u")
    assert fault.message == f"“{value}” is no {literal.split('^^')[1]} (urn:a urn:b#c)"


def test_literal_that_rdflib_cannot_read_shows_no_traceback(copy):
    """XML Schema has years that Python has not: rdflib, which the shapes are asked with, tells nothing of its own."""
    path = copy.data / "editions.ttl"
    far = '<urn:a> <urn:b#c> "tjue"^^xsd:gYear, "10000-01-01"^^<http://www.w3.org/2001/XMLSchema#date> .'
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{far}\n", encoding="utf-8")
    program = (
        "import sys; from pathlib import Path; from kg import cli, files; root = Path(sys.argv[1]);"
        "files.default_folders = lambda: files.Folders(root / 'ontology', root / 'data'); cli.main(['check'])"
    )
    command = [sys.executable, "-c", program, str(copy.data.parent)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert "“tjue” is no xsd:gYear" in result.stderr
    assert "Traceback" not in result.stderr


def test_digit_of_another_script_is_no_number(copy, spoil):
    """Only 0-9 make a number in XML Schema."""
    spoil(TABLE, "level,point,51,", "level,point,٥١,")
    (fault,) = _faults(copy)
    assert fault.message.startswith("value: “٥١” is not a number")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"columns": [', '"columns": [,', ":26:17: not readable as JSON: Expecting value"),
        ('"name": "finding"', '"name": "found"', ": tableSchema.columns must name, in this order, finding, start"),
    ],
)
def test_broken_description_of_the_tables_is_told(copy, spoil, old, new, expected):
    """The description is published beside the tables, so it is checked with them."""
    spoil("data/findings/csv-metadata.json", old, new)
    (fault,) = _faults(copy)
    assert str(fault).startswith(f"data/findings/csv-metadata.json{expected}")


def test_stored_query_with_a_syntax_error_has_one_place(copy, spoil):
    """The line is that of the file, and the one in the query without its header is not told beside it."""
    line = spoil("data/queries/trust.rq", "SELECT", "SELEKT")
    (fault,) = _faults(copy)
    assert (fault.file, fault.line) == ("data/queries/trust.rq", line)
    assert "error at" not in fault.message


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda text: text.replace(b",", b";", 1), "1:1: the header differs"),
        (lambda text: text.decode().encode("latin-1", errors="replace"), "2:27: character 27 of the line is not UTF-8"),
        (lambda text: text.rstrip(b"\n") + b",more\n", "the row has 8 cells, the header 7; “more” is one too many"),
    ],
)
def test_list_of_what_is_left_out_is_read_as_strictly(copy, spoil, expected):
    """data/excluded.csv has lines and cells in its faults like the findings tables."""
    (fault,) = _spoilt(copy, "data/excluded.csv", spoil)
    assert expected in fault


def test_personal_data_outside_the_closed_shape_is_refused(copy, spoil):
    """A person's party, birth date or address never enters."""
    spoil("data/people.ttl", "person:liv-freihow a foaf:Person ;", 'person:liv-freihow a foaf:Person ; foaf:age "1" ;')
    (fault,) = _refused(copy).faults
    assert fault.file == "data/people.ttl"
    assert "person:liv-freihow" in fault.message


def test_refused_build_leaves_the_home_as_it_was(copy, spoil, tmp_path):
    """Bad input publishes nothing."""
    home = Home(tmp_path / "home")
    spoil("data/findings/blog-2020.csv", "level,point,51,", "level,point,x,")
    with pytest.raises(InvalidInput):
        build.build(copy, home, "test", "test")
    assert home.current() is None


def test_rule_with_a_syntax_error_is_told_by_its_file(copy, spoil):
    """A rule that does not parse is told like any other file."""
    spoil("ontology/rules/inverse.rq", "CONSTRUCT {", "CONSTRUCT [")
    assert any(fault.file == "ontology/rules/inverse.rq" for fault in _faults(copy))


def test_rule_that_constructs_nothing_is_told_by_its_file(copy):
    """A SELECT query parses, and is no rule."""
    (copy.ontology / "rules" / "inverse.rq").write_text("SELECT * { ?s ?p ?o }", encoding="utf-8")
    assert [fault.message for fault in _faults(copy) if fault.file == "ontology/rules/inverse.rq"] == [
        "a rule has to be a CONSTRUCT query: what it constructs is what it concludes"
    ]


def test_rule_without_a_place_in_the_order_is_told_by_the_shapes(copy, spoil):
    """A word is no place, and no reason to stop before the rest is read."""
    spoil("ontology/rules.ttl", "    sh:order 20 ;", '    sh:order "twenty" ;')
    assert any("a whole number" in fault.message for fault in _refused(copy).faults)


def test_rule_that_is_not_utf8_is_told_by_its_file(copy):
    """A rule in another encoding is told with the character, like any other file."""
    rule = copy.ontology / "rules" / "inverse.rq"
    rule.write_bytes(rule.read_bytes() + "# blåbær".encode("latin-1"))
    (fault,) = [fault for fault in _faults(copy) if fault.file == "ontology/rules/inverse.rq"]
    assert "is not UTF-8" in fault.message


def test_statement_in_two_files_is_refused(copy):
    """The same triple in two graphs would count twice in a query."""
    path = copy.data / "solutions.ttl"
    twin = '<https://w3id.org/praksisgrafen/id/organisation/ks> <http://xmlns.com/foaf/0.1/name> "KS" .'
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{twin}\n", encoding="utf-8")
    (fault,) = _faults(copy)
    assert "stands in the graphs organisations and solutions; say it in one of them" in fault.message


def test_statement_that_a_rule_concludes_too_is_refused(copy):
    """The file that says it is told, though the other graph is one of the rules."""
    observation = "https://w3id.org/praksisgrafen/id/observation/2020_experienced-data-reuse_inhabitants"
    path = copy.data / "solutions.ttl"
    twin = f"<{observation}> a <http://purl.org/linked-data/cube#Observation> ."
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{twin}\n", encoding="utf-8")
    (fault,) = _refused(copy).faults
    assert fault.file == "data/solutions.ttl"
    assert "stands in the graphs observations and solutions; say it in one of them" in fault.message


def test_blank_nodes_in_a_circle_are_told_with_their_file(copy):
    """Blank nodes that point at each other cannot be named, and the file that has them is told."""
    people = copy.data / "people.ttl"
    people.write_text(
        people.read_text(encoding="utf-8") + "\n_:a rdfs:seeAlso _:b .\n_:b rdfs:seeAlso _:a .\n", "utf-8"
    )
    assert "data/people.ttl: blank nodes point at each other in a circle; give one of them an IRI" in map(
        str, _faults(copy)
    )
