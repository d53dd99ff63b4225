"""The version that is read as a data set: its numbers, its years, and its face for search engines that look for data.

Source: https://developers.google.com/search/docs/appearance/structured-data/dataset
"""

from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup

from kg import catalogue, statistics
from kg.catalogue import Publisher
from kg.statistics import Statistics
from kg.versions import Home, Version
from server import faces, queries, reader
from server.labels import Rows
from server.rows import column, value

_COUNTRY: Final = {"nb": "Norge", "nn": "Noreg", "en": "Norway"}
_COUNTRY_IRI: Final = "http://publications.europa.eu/resource/authority/country/NOR"


def years(rows: Rows) -> tuple[str, str] | None:
    """Return the first and the last year that the graph has figures about, None where it has none."""
    found = [value(row.get(name)) for row in rows(queries.bind("years")) for name in ("first", "last")]
    return (found[0], found[1]) if any(found) else None


def home(version: Version) -> Home:
    """Return the home that a version lies in."""
    return Home(version.path.parents[1])


def counted() -> Statistics:
    """Return the numbers of the version that is read.

    Raises: LimitExceeded where a query may not go through so large a graph; BeingMade, and what else queries raise.
    """
    snapshot = reader.snapshot()
    return statistics.of_version(home(snapshot.version).path, snapshot.version, snapshot.rows)


def face(publisher: Publisher | None, files: Mapping[str, str]) -> Markup:
    """Return the version that is read as JSON-LD, with its files: addresses → media types."""
    snapshot, labels = reader.snapshot(), reader.labels()
    version, language = snapshot.version, reader.language()
    measured = snapshot.rows(queries.bind("measured"))
    labels.fetch(snapshot.rows, [row["indicator"] for row in measured])
    covered = years(snapshot.rows)
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@id": catalogue.DATASET,
        "@type": "Dataset",
        "name": catalogue.TITLE[language],
        "description": catalogue.DESCRIPTION[language],
        "url": catalogue.DATASET,
        "identifier": catalogue.DATASET,
        "license": faces.LICENCE,
        "version": str(version.number),
        "dateModified": version.time[:10],
        "inLanguage": ["nb", "nn", "en"],
        "isAccessibleForFree": True,
        "keywords": list(catalogue.KEYWORDS[language]),
        "spatialCoverage": {"@type": "Place", "@id": _COUNTRY_IRI, "name": _COUNTRY[language]},
        "variableMeasured": [
            {"@type": "StatisticalVariable", "@id": iri, "name": labels.text(iri).value}
            for iri in column(measured, "indicator")
        ],
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": catalogue.DOCUMENT, "url": catalogue.DOCUMENT},
        "distribution": [
            {"@type": "DataDownload", "contentUrl": href, "encodingFormat": kind} for href, kind in files.items()
        ],
    }
    if covered:
        found["temporalCoverage"] = "/".join(covered)
    if publisher:
        found["publisher"] = _organisation(publisher)
    return faces.script(found)


def _organisation(publisher: Publisher) -> dict[str, str]:
    found = {"@type": "Organization", "@id": publisher.iri, "name": publisher.name}
    return found | ({"identifier": publisher.number} if publisher.number else {})
