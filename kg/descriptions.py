"""The JSON files beside the data, which describe it to others: read here only to tell what is wrong with them."""

import json

from kg.errors import Fault
from kg.files import Folders, Reading, read_text
from kg.findings import COLUMNS


def check(folders: Folders, reading: Reading) -> None:
    """Add to the faults what is not JSON, and a description of other columns than the findings tables have."""
    tables = folders.data / "findings" / "csv-metadata.json"
    for path in (tables, folders.ontology / "context.jsonld"):
        text = read_text(path, folders, reading.faults) if path.is_file() else None
        if text is None:
            continue
        name = folders.name(path)
        try:
            said = json.loads(text)
        except json.JSONDecodeError as error:
            reading.faults.append(Fault(name, error.lineno, error.colno, f"not readable as JSON: {error.msg}"))
            continue
        if path == tables and _columns(said) != COLUMNS:
            reading.faults.append(
                Fault(name, None, None, f"tableSchema.columns must name, in this order, {', '.join(COLUMNS)}")
            )


def _columns(said: object) -> list[object]:
    schema = said.get("tableSchema") if isinstance(said, dict) else None
    columns = schema.get("columns") if isinstance(schema, dict) else None
    return [column.get("name") if isinstance(column, dict) else None for column in columns or ()]
