"""The description that data portals harvest: the data set, its versions and files, and the SPARQL endpoint.

It follows DCAT-AP-NO 3.0, and holds what the shapes of DCAT-AP-NO 2.2 ask for besides. Nothing of it is in the hashed
content. Things without a page of their own are named after the document that describes them, so every IRI leads there.
Source: https://data.norge.no/specification/dcat-ap-no, https://www.w3.org/TR/vocab-dcat-3/
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg import iris as minted
from kg.distributions import Distribution, File
from kg.statements import Statements, Term, Texts, full, iri, iris, plain, texts, typed
from kg.versions import Version

DOCUMENT: Final = minted.BASE + "catalogue"
DATASET: Final = minted.BASE
"""The data set, whichever version is in force."""
LICENCE: Final = "http://publications.europa.eu/resource/authority/licence/CC_BY_4_0"
MOST_VERSIONS: Final = 100
"""How many versions are told of, the latest."""
TITLE: Final[Texts] = {"nb": "Praksisgrafen", "nn": "Praksisgrafen", "en": "Praksisgrafen"}
DESCRIPTION: Final[Texts] = {
    "nb": "Kunnskapsgraf over det artikler har gjengitt fra undersøkelsen IT i praksis, om hvor langt offentlig sektor "
    "i Norge har kommet med digitalisering. Hvert tall står med hvem som oppga det, hvem det gjelder, når og hvor "
    "nøyaktig, og hvor i kilden det står. Rundt tallene står organisasjoner, personer, strategier, fellesløsninger og "
    "utsagn. Undersøkelsen og artiklene tilhører andre og er ikke en del av datasettet.",
    "nn": "Kunnskapsgraf over det artiklar har attgitt frå undersøkinga IT i praksis, om kor langt offentleg sektor i "
    "Noreg har kome med digitalisering. Kvart tal står med kven som oppgav det, kven det gjeld, når og kor nøyaktig, "
    "og kvar i kjelda det står. Rundt tala står organisasjonar, personar, strategiar, fellesløysingar og utsegner. "
    "Undersøkinga og artiklane tilhøyrer andre og er ikkje ein del av datasettet.",
    "en": "Knowledge graph of what articles have reported from the survey IT i praksis, on how far Norway’s public "
    "sector has come with digitalisation. Each figure stands with who gave it, whom it is about, when and how exactly, "
    "and where in the source it is. Around the figures are organisations, people, strategies, shared solutions and "
    "claims. The survey and the articles belong to others and are not part of the data set.",
}
KEYWORDS: Final = {
    "nb": ("digitalisering", "offentlig sektor", "kommuner", "statlige virksomheter", "IT i praksis", "statistikk"),
    "nn": ("digitalisering", "offentleg sektor", "kommunar", "statlege verksemder", "IT i praksis", "statistikk"),
    "en": ("digitalisation", "public sector", "municipalities", "state bodies", "IT i praksis", "statistics"),
}
_OF_CATALOGUE: Final[Texts] = {
    "nb": "Datakatalogen til Praksisgrafen",
    "nn": "Datakatalogen til Praksisgrafen",
    "en": "The data catalogue of Praksisgrafen",
}
_IN_CATALOGUE: Final[Texts] = {
    "nb": "Datasettet Praksisgrafen med filene av den gjeldende versjonen, tidligere versjoner og SPARQL-tjenesten.",
    "nn": "Datasettet Praksisgrafen med filene av den gjeldande versjonen, tidlegare versjonar og SPARQL-tenesta.",
    "en": "The data set Praksisgrafen with the files of the current version, earlier versions and the SPARQL service.",
}
_SERVICE: Final[Texts] = {
    "nb": "SPARQL-tjenesten til Praksisgrafen",
    "nn": "SPARQL-tenesta til Praksisgrafen",
    "en": "The SPARQL service of Praksisgrafen",
}
_OF_SERVICE: Final[Texts] = {
    "nb": "Svarer på spørringer i SPARQL 1.1, om den gjeldende versjonen eller en tidligere, uten innlogging.",
    "nn": "Svarer på spørjingar i SPARQL 1.1, om den gjeldande versjonen eller ein tidlegare, utan innlogging.",
    "en": "Answers queries in SPARQL 1.1, about the current version or an earlier one, without a login.",
}
_PROVENANCE: Final[Texts] = {
    "nb": "Lest ut av artikler om undersøkelsen, med sted i teksten for hver opplysning. Ingen har lest rapportene fra "
    "selve undersøkelsen. Det som er tolket eller regnet ut, er merket.",
    "nn": "Lese ut av artiklar om undersøkinga, med stad i teksten for kvar opplysning. Ingen har lese rapportane frå "
    "sjølve undersøkinga. Det som er tolka eller rekna ut, er merkt.",
    "en": "Read from articles about the survey, with the place in the text for each statement. Nobody has read the "
    "reports of the survey itself. What is inferred or computed is marked.",
}
_RIGHTS: Final[Texts] = {
    "nb": "Lisensen gjelder tekstene og modelleringen våre, ikke undersøkelsen eller artiklene.",
    "nn": "Lisensen gjeld tekstane og modelleringa våre, ikkje undersøkinga eller artiklane.",
    "en": "The licence covers our texts and our modelling, not the survey or the articles.",
}
_EU: Final = "http://publications.europa.eu/resource/authority/"
_LANGUAGES: Final = tuple(f"{_EU}language/{code}" for code in ("NOB", "NNO", "ENG"))
_COUNTRY: Final = f"{_EU}country/NOR"
_THEMES: Final = f"{_EU}data-theme"
_THEME: Final = f"{_THEMES}/GOVE"
_PUBLIC: Final = f"{_EU}access-right/PUBLIC"
_IRREGULAR: Final = f"{_EU}frequency/IRREG"
_MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
_FILE_TYPES: Final = {
    "text/turtle": "RDF_TURTLE",
    "application/n-triples": "RDF_N_TRIPLES",
    "application/n-quads": "RDF_N_QUADS",
    "application/trig": "RDF_TRIG",
    "application/ld+json": "JSON_LD",
    "application/rdf+xml": "RDF_XML",
    "application/json": "JSON",
    "text/csv": "CSV",
    "application/vnd.apache.parquet": "PARQUET",
}
"""Media types → http://publications.europa.eu/resource/authority/file-type."""
_PROFILE: Final = "https://data.norge.no/specification/dcat-ap-no"
_PROTOCOL: Final = "https://www.w3.org/TR/sparql11-protocol/"
_CUBE: Final = "https://www.w3.org/TR/vocab-data-cube/"
_STANDARDS: Final = {
    _PROFILE: "DCAT-AP-NO",
    _PROTOCOL: "SPARQL 1.1 Protocol",
    _CUBE: "The RDF Data Cube Vocabulary",
}
_CLASSES: Final = {
    iri(name): kind
    for kind, names in {
        "dct:MediaType": ("dcat:mediaType", "dcat:compressFormat"),
        "dct:MediaTypeOrExtent": ("dct:format",),
        "dct:LinguisticSystem": ("dct:language",),
        "dct:LicenseDocument": ("dct:license",),
        "dct:RightsStatement": ("dct:accessRights",),
        "dct:Location": ("dct:spatial",),
        "dct:Frequency": ("dct:accrualPeriodicity",),
        "foaf:Document": ("dcat:landingPage", "foaf:homepage", "foaf:page"),
    }.items()
    for name in names
}
"""Properties → the class of their values, which the registers of the values do not say themselves."""
_REGISTER: Final = "https://data.brreg.no/enhetsregisteret/api/enheter/"
"""Where the Norwegian register of legal entities describes each of them, by its number."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes: name, organisation number where there is one, and where to write (`mailto:` or `https:`)."""

    name: str
    number: str
    contact: str

    @property
    def iri(self) -> str:
        """Return the IRI of the publisher: that of the register where it is in there."""
        return _REGISTER + self.number if self.number else part("publisher")


@dataclass(frozen=True, slots=True)
class Holdings:
    """What there is to describe, as of the last of the versions, which are in order and at least one.

    `root` is where this server is, without a slash at the end; `table` the files of the last version, `made` those of
    them whose size and checksum can be told, by name; `years` the first and the last that figures are about; `sources`
    the IRIs of what they were read from.
    """

    root: str
    versions: Sequence[Version]
    table: Sequence[Distribution]
    made: Mapping[str, File]
    years: tuple[str, str] | None
    sources: Sequence[str]


def part(name: str) -> str:
    """Return the IRI of something that is described in the catalogue and nowhere else."""
    return f"{DOCUMENT}#{name}"


def version_iri(number: int) -> str:
    """Return the IRI of a version, which is that of its page."""
    return f"{minted.BASE}versions/{number}"


def catalogue(publisher: Publisher, holdings: Holdings) -> Statements:
    """Return the whole catalogue."""
    document = Statements()
    _catalogue(document, publisher, holdings)
    _dataset(document, publisher, holdings)
    for older, version in zip([None, *holdings.versions], holdings.versions, strict=False):
        _version(document, publisher, version, older, holdings)
    for file in holdings.table:
        _distribution(document, file, holdings)
    _service(document, publisher, holdings)
    _people(document, publisher)
    _terms(document)
    return document


def _common(publisher: Publisher) -> dict[str, list[Term]]:
    return {
        "dct:publisher": iris(publisher.iri),
        "dcat:contactPoint": iris(part("contact")),
        "dct:license": iris(LICENCE),
        "dct:language": iris(*_LANGUAGES),
    }


def _subject() -> dict[str, list[Term]]:
    """Return what a data set is about, and who may have it."""
    return {
        "dcat:theme": iris(_THEME),
        "dct:type": iris(f"{_EU}dataset-type/STATISTICAL"),
        "dcat:keyword": [word for code, words in KEYWORDS.items() for one in words for word in texts({code: one})],
        "dct:accessRights": iris(_PUBLIC),
        "dct:spatial": iris(_COUNTRY),
    }


def _catalogue(document: Statements, publisher: Publisher, holdings: Holdings) -> None:
    first, last = holdings.versions[0], holdings.versions[-1]
    said = {
        "dct:title": texts(_OF_CATALOGUE),
        "dct:description": texts(_IN_CATALOGUE),
        "dct:identifier": plain(DOCUMENT),
        **_common(publisher),
        "dct:spatial": iris(_COUNTRY),
        "dct:issued": _issued(first),
        "dct:modified": typed(last.time, "dateTime"),
        "foaf:homepage": iris(f"{holdings.root}/catalogue"),
        "dcat:themeTaxonomy": iris(_THEMES),
        "dct:conformsTo": iris(_PROFILE),
        "dcat:dataset": iris(DATASET),
        "dcat:service": iris(part("sparql")),
    }
    document.describe(DOCUMENT, "dcat:Catalog", said)


def _issued(first: Version) -> list[Term]:
    """Return when it all began, nothing where the first version is no longer there to tell."""
    return typed(first.time, "dateTime") if first.number == 1 else []


def _dataset(document: Statements, publisher: Publisher, holdings: Holdings) -> None:
    first, last = holdings.versions[0], holdings.versions[-1]
    said = {
        "dct:title": texts(TITLE),
        "dct:description": texts(DESCRIPTION),
        "dct:identifier": plain(DATASET),
        **_common(publisher),
        **_subject(),
        "dct:temporal": iris(part("temporal")) if holdings.years else [],
        "dct:accrualPeriodicity": iris(_IRREGULAR),
        "dct:issued": _issued(first),
        "dct:modified": typed(last.time, "dateTime"),
        "dct:provenance": iris(part("provenance")),
        "prov:wasDerivedFrom": full(*holdings.sources),
        "dct:conformsTo": iris(_CUBE),
        "dcat:landingPage": iris(f"{holdings.root}/"),
        "foaf:page": iris(f"{holdings.root}/about/method"),
        "dcat:hasCurrentVersion": iris(version_iri(last.number)),
        "dcat:hasVersion": iris(*(version_iri(version.number) for version in reversed(holdings.versions))),
        "dcat:distribution": iris(*(_name(file, last) for file in holdings.table)),
    }
    document.describe(DATASET, "dcat:Dataset", said)
    document.describe(part("provenance"), "dct:ProvenanceStatement", {"rdfs:label": texts(_PROVENANCE)})
    if holdings.years:
        start, end = holdings.years
        period = {"dcat:startDate": typed(f"{start}-01-01", "date"), "dcat:endDate": typed(f"{end}-12-31", "date")}
        document.describe(part("temporal"), "dct:PeriodOfTime", period)


def _version(
    document: Statements, publisher: Publisher, version: Version, older: Version | None, holdings: Holdings
) -> None:
    """Describe one version; only the last has its files told, which are those of the data set."""
    number = str(version.number)
    words = {"nb": "versjon", "nn": "versjon", "en": "version"}
    files = holdings.table if version is holdings.versions[-1] else ()
    said = {
        "dct:title": texts({code: f"Praksisgrafen, {word} {number}" for code, word in words.items()}),
        "dct:description": texts(DESCRIPTION),
        "dct:identifier": plain(version_iri(version.number)),
        **_common(publisher),
        **_subject(),
        "dcat:version": plain(number),
        "dct:issued": typed(version.time, "dateTime"),
        "dcat:isVersionOf": iris(DATASET),
        "dcat:previousVersion": iris(version_iri(older.number)) if older and older.number == version.parent else [],
        "dcat:landingPage": iris(f"{holdings.root}/versions/{number}"),
        "dcat:distribution": iris(*(_name(file, version) for file in files)),
    }
    document.describe(version_iri(version.number), "dcat:Dataset", said)


def _name(file: Distribution, version: Version) -> str:
    return part(f"{version.number}-{file.name}")


def _distribution(document: Statements, file: Distribution, holdings: Holdings) -> None:
    version, made = holdings.versions[-1], holdings.made.get(file.name)
    checksum = f"{_name(file, version)}-sha256"
    said = {
        "dct:title": texts(file.title),
        "dcat:accessURL": iris(f"{holdings.root}/downloads"),
        "dcat:downloadURL": iris(f"{holdings.root}/downloads/{version.number}/{file.name}"),
        "dcat:mediaType": iris(_MEDIA_TYPES + file.media_type),
        "dct:format": iris(_file_type(file)),
        "dcat:compressFormat": iris(f"{_MEDIA_TYPES}application/gzip") if file.is_packed else [],
        "dcat:byteSize": typed(made and made.size, "nonNegativeInteger"),
        "spdx:checksum": iris(checksum) if made else [],
        "dct:license": iris(LICENCE),
        "dct:rights": iris(part("rights")),
        "dct:language": iris(*_LANGUAGES),
        "dct:issued": typed(version.time, "dateTime"),
        "dcatap:availability": iris(f"{_EU}planned-availability/STABLE"),
    }
    document.describe(_name(file, version), "dcat:Distribution", said)
    if made:
        digest = {
            "spdx:algorithm": iris("spdx:checksumAlgorithm_sha256"),
            "spdx:checksumValue": typed(made.sha256, "hexBinary"),
        }
        document.describe(checksum, "spdx:Checksum", digest)


def _file_type(file: Distribution) -> str:
    code = _FILE_TYPES.get(file.media_type)
    return f"{_EU}file-type/{code}" if code else ""


def _service(document: Statements, publisher: Publisher, holdings: Holdings) -> None:
    endpoint = f"{holdings.root}/sparql"
    said = {
        "dct:title": texts(_SERVICE),
        "dct:description": texts(_OF_SERVICE),
        "dct:identifier": plain(part("sparql")),
        **{name: values for name, values in _common(publisher).items() if name != "dct:language"},
        "dcat:endpointURL": iris(endpoint),
        "dcat:endpointDescription": iris(endpoint),
        "dcat:servesDataset": iris(DATASET),
        "dcat:theme": iris(_THEME),
        "dcat:keyword": plain("SPARQL"),
        "dct:accessRights": iris(_PUBLIC),
        "dct:conformsTo": iris(_PROTOCOL),
        "dct:format": iris(*(f"{_EU}file-type/{code}" for code in ("RDF_TURTLE", "JSON_LD", "RDF_XML", "CSV"))),
        "dcat:landingPage": iris(endpoint),
        "foaf:page": iris(f"{holdings.root}/about/api"),
    }
    document.describe(part("sparql"), "dcat:DataService", said)


def _people(document: Statements, publisher: Publisher) -> None:
    """Describe the publisher, and whom to write to."""
    said = {"foaf:name": plain(publisher.name), "dct:identifier": plain(publisher.number)}
    document.describe(publisher.iri, "foaf:Agent" + (" org:Organization" if publisher.number else ""), said)
    way = "vcard:hasEmail" if publisher.contact.startswith("mailto:") else "vcard:hasURL"
    contact = {"vcard:fn": plain(publisher.name), way: iris(publisher.contact)}
    document.describe(part("contact"), "vcard:Kind vcard:Organization", contact)


def _terms(document: Statements) -> None:
    """Say of standards, pages and terms of others what the profiles want them to be."""
    for standard, title in _STANDARDS.items():
        document.describe(standard, "dct:Standard", {"dct:title": texts({"en": title})})
    document.describe(part("rights"), "dct:RightsStatement", {"rdfs:label": texts(_RIGHTS)})
    found = {(str(triple.object).strip("<>"), _CLASSES.get(triple.predicate, "")) for triple in document.triples}
    for term, name in sorted(one for one in found if one[1]):
        document.describe(term, name, {})
