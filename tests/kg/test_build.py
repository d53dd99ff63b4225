"""The build tells every fault with its place, and publishes all or nothing."""

import pytest

from kg import build, files
from kg.errors import Fault, InvalidInput
from kg.versions import Home


def _faults(folders: files.Folders) -> list[Fault]:
    with pytest.raises(InvalidInput) as caught:
        build.check(folders)
    return list(caught.value.faults)


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
    assert fault.message.startswith("the row has 33 cells, the header 32;")


def test_file_that_is_not_utf8_names_its_line(copy):
    """A table saved by Excel in another encoding is told with the line of the first wrong byte."""
    path = copy.data / "findings" / "article-2020.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1", errors="replace"))
    fault = next(fault for fault in _faults(copy) if fault.file == "data/findings/article-2020.csv")
    assert fault.line == 2
    assert fault.message.startswith("not UTF-8: byte 0x")


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
    """What the shapes refuse is told where it stands in the files, in words."""
    line = spoil("data/findings/blog-2020.csv", "level,point,51,", "level,point,151,")
    faults = _faults(copy)
    assert {(fault.file, fault.line) for fault in faults if "finding:" in fault.message} == {
        ("data/findings/blog-2020.csv", line)
    }
    assert any("0" in fault.message and "100" in fault.message for fault in faults)


def test_personal_data_outside_the_closed_shape_is_refused(copy, spoil):
    """A person's party, birth date or address never enters."""
    spoil("data/people.ttl", "person:liv-freihow a foaf:Person ;", 'person:liv-freihow a foaf:Person ; foaf:age "1" ;')
    (fault,) = _faults(copy)
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
    (fault,) = _faults(copy)
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
