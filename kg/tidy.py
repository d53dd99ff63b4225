"""The tidy table of figures as files: CSV with its CSVW description, and Parquet.

Shape: the columns `kg.findings.TIDY_COLUMNS`, one figure a row.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any, Final

from arro3 import io as arrow
from arro3.core import Array, DataType, Table

from kg import files, iris
from kg.findings import TIDY_COLUMNS

Rows = Sequence[Mapping[str, str]]
_SCALE: Final = 10
"""Places after the decimal point in Parquet; more where a figure has more."""
_OWN: Final = (
    {
        "name": "source",
        "titles": "source",
        "dc:description": "Name of the file with the text of the source",
        "datatype": "string",
        "required": True,
        "suppressOutput": True,
    },
    {
        "name": "observation",
        "titles": "observation",
        "dc:description": "Observation of the data cube that the figure is; empty: none",
        "datatype": "string",
        "propertyUrl": f"{iris.DEF}observation",
        "valueUrl": f"{iris.ID}observation/{{observation}}",
    },
)
"""Columns that the tables of the sources do not have."""


def write_csv(rows: Rows, output: IO[str]) -> None:
    """Write the table as CSV with a header."""
    writer = csv.DictWriter(output, TIDY_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def description(name: str) -> str:
    """Return the CSVW description of the table in a file of this name beside it.

    Source: https://www.w3.org/TR/tabular-metadata/
    """
    tables = _described()
    whole = {
        "@context": tables["@context"],
        "url": name,
        "dc:title": "Figures of the survey IT i praksis, as sources report them",
        "dc:description": tables["dc:description"],
        "dc:license": tables["dc:license"],
        "dialect": tables["dialect"],
        "tableSchema": {
            "aboutUrl": tables["tableSchema"]["aboutUrl"],
            "primaryKey": "finding",
            "columns": [_columns()[column] for column in TIDY_COLUMNS],
        },
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def write_parquet(rows: Rows, path: Path) -> None:
    """Write the table as Parquet: decimals, integers and texts; what does not apply is null.

    Source: https://parquet.apache.org/docs/file-format/types/logicaltypes/
    """
    table = Table.from_pydict({column: _array(column, rows) for column in TIDY_COLUMNS})
    arrow.write_parquet(table, path, compression="zstd(3)")


def _array(column: str, rows: Rows) -> Array:
    texts = Array([row[column] or None for row in rows], DataType.string())
    datatype = _columns()[column]["datatype"]
    if datatype == "string":
        return texts
    places = max((len(row[column].partition(".")[2]) for row in rows), default=0)
    numbers = texts.cast(DataType.decimal128(38, max(_SCALE, places)) if datatype == "decimal" else DataType.int64())
    return numbers if numbers.null_count == texts.null_count else texts  # too large a number is cast to null


@cache
def _described() -> Mapping[str, Any]:
    """Return the description of the tables of the sources, which the tidy table is made of."""
    path = files.data_dir() / "findings" / "csv-metadata.json"
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _columns() -> dict[str, dict[str, Any]]:
    """Return the columns by name; a code may be missing here, since one that does not apply is left out."""
    columns = (*_described()["tableSchema"]["columns"], *_OWN)
    return {column["name"]: _without_duty(column) if "valueUrl" in column else column for column in columns}


def _without_duty(column: Mapping[str, Any]) -> dict[str, Any]:
    about = column["dc:description"]
    told = about if "; empty:" in about else f"{about}; empty: not applicable"
    return {name: value for name, value in column.items() if name != "required"} | {"dc:description": told}
