"""The files of each version: what there is, fetched whole or in parts, the same bytes every time."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Final

from babel.units import format_unit
from flask import Blueprint, Response, current_app, request, send_file

from kg import distributions, iris, jsonld
from kg.artefacts import Status
from kg.distributions import Distribution, File
from kg.errors import BeingMade, PreconditionFailed
from kg.versions import Version
from server import answers, caching, formats, reader
from server.errors import UnknownThing
from server.labels import Link
from server.language import N_
from server.segments import SEGMENTS

blueprint = Blueprint("downloads", __name__)
ADDRESS: Final = "/praksisgrafen."
"""What the addresses of the whole graph begin with; of the parameters behind them, only the version counts."""
FOR_EVER: Final = "public, max-age=31536000, immutable"
_A_MINUTE: Final = "public, max-age=60"
_AS_IT_IS: Final = "no-transform"
"""Said of what is packed already, here or by its format: `server.compression` leaves it alone too."""
_GZIP: Final = "application/gzip"
_UNITS: Final = ("byte", "kilobyte", "megabyte", "gigabyte")
_EXTRACTS: Final = {"edition": N_("By edition of the survey"), "class": N_("By what it is about")}


@blueprint.get(f"{ADDRESS}<suffix>")
def dump(suffix: str) -> Response:
    """Give every statement of the version; its digest is the entity tag."""
    version = reader.snapshot().version
    return _given(version, _found(version, f"{ADDRESS[1:]}{suffix}"), caching.TRY_AGAIN_SOON)


@blueprint.get("/downloads/latest/<path:name>")
def latest(name: str) -> Response:
    """Lead to a file of the version in force, by its number."""
    version = reader.snapshots().current().version
    if name != distributions.SUMS:
        _found(version, name)
    return _kept(Response(status=302, headers={"Location": f"/downloads/{version.number}/{name}"}), _A_MINUTE)


@blueprint.get("/downloads/<number>/<path:name>")
def one(number: str, name: str) -> Response:
    """Give a file of a version, which never changes."""
    reader.choose_version(number)
    version = reader.snapshot().version
    return _given(version, _found(version, name), FOR_EVER)


@blueprint.get(f"/downloads/<number>/{distributions.SUMS}")
def sums(number: str) -> Response:
    """Give the checksums of all files of a version, for `sha256sum -c`."""
    reader.choose_version(number)
    version = reader.snapshot().version
    body = distributions.sums(_home(version), version)
    tag = sha256(body).hexdigest()
    return _kept(caching.not_modified(tag) or caching.stamp(Response(body, mimetype="text/plain"), tag), FOR_EVER)


@blueprint.get("/context.jsonld")
def context() -> Response:
    """Give the names that JSON-LD of ours is written with."""
    body = jsonld.published()
    tag = sha256(body).hexdigest()
    return caching.not_modified(tag) or caching.stamp(Response(body, mimetype=formats.JSONLD), tag)


def _home(version: Version) -> Path:
    return version.path.parents[1]


def _found(version: Version, name: str) -> Distribution:
    found = distributions.find(_home(version), version, name)
    if found is None:
        raise UnknownThing(request.base_url)
    return found


def _given(version: Version, wanted: Distribution, lasting: str) -> Response:
    """Send a file, packed where the client takes that and there is such a one; parts are of what is not packed."""
    home = _home(version)
    packed = None if wanted.is_packed else distributions.find(home, version, f"{wanted.name}.gz")
    plain = distributions.file(home, version, wanted)
    coded = distributions.file(home, version, packed) if packed and _takes_gzip() else None
    with version.reading():  # the files go with their version
        response = caching.not_modified(plain.sha256) or _sent(plain, coded)
    if packed or wanted.is_packed or wanted.media_type == distributions.PARQUET:
        lasting = f"{lasting}, {_AS_IT_IS}"
    if packed:
        response.vary.add("Accept-Encoding")
    if wanted.name == distributions.TABLE:
        response.headers.add("Link", f'<{wanted.name}-metadata.json>; rel="describedby"; type="application/csvm+json"')
    return _kept(response, lasting)


def _takes_gzip() -> bool:
    accepted = request.accept_encodings
    return "Range" not in request.headers and 0 < accepted.quality("gzip") >= accepted.quality("identity")


def _read_range(size: int) -> None:
    """Leave aside what is no single part; an end that is longer than the file is all of it, which Werkzeug refuses.

    Source: https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2
    """
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        request.environ.pop("HTTP_RANGE", None)
    elif asked.ranges[0][0] < -size:
        request.environ["HTTP_RANGE"] = "bytes=0-"


def _sent(plain: File, coded: File | None) -> Response:
    shown, sent = plain.distribution, coded or plain
    _read_range(sent.size)
    try:
        response = send_file(
            sent.path,
            mimetype=_GZIP if shown.is_packed else shown.media_type,
            as_attachment=True,
            download_name=Path(shown.name).name,
            conditional=True,
            etag=f"{plain.sha256}-gzip" if coded else plain.sha256,
        )
    except FileNotFoundError:  # it made room for others at this very moment
        raise BeingMade(1) from None
    if response.status_code == 412:
        response.close()
        raise PreconditionFailed("The file is not what If-Match names.", "Fetch it again.")
    if coded:
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("Accept-Ranges", None)
    response.headers["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(sent.sha256)).decode()}:"
    return response


def _kept(response: Response, lasting: str) -> Response:
    response.headers["Cache-Control"] = lasting
    return response


@dataclass(frozen=True)
class Shown:
    """A file on the page: its status, and size and digest where it is made."""

    distribution: Distribution
    href: str
    status: Status
    size: str
    sha256: str


@dataclass(frozen=True)
class Extract:
    """What an extract is about, by the name of the interface or by its link, and its files."""

    name: str
    link: Link | None
    files: Sequence[Shown]


@blueprint.get("/downloads")
def page() -> Response:
    """List the files of the version, with what is made of them."""
    version = reader.snapshot().version
    home = _home(version)
    table = distributions.distributions(home, version)
    states = [distributions.status(home, version, entry) for entry in table]
    tag = caching.tag(request.full_path, reader.language(), version.number, states)
    unchanged = caching.not_modified(tag)
    if unchanged is not None:
        return caching.vary(unchanged)
    made = {file.distribution.name: file for file in distributions.ready(home, version)}
    shown = [_shown(version, entry, state, made) for entry, state in zip(table, states, strict=True)]
    response = answers.page(
        "downloads/downloads.html",
        groups={group: [one for one in shown if one.distribution.group == group] for group in ("graph", "findings")},
        extracts={title: _extracts(group, shown) for group, title in _EXTRACTS.items()},
        states=set(states),
        sums=f"/downloads/{version.number}/{distributions.SUMS}",
        folder=f"{request.root_url}downloads/{version.number}/",
        room=size(current_app.config["EARLIER_FILES"], reader.language()),
    )
    return caching.vary(caching.stamp(response, tag))


def _shown(version: Version, entry: Distribution, state: Status, made: dict[str, File]) -> Shown:
    file = made.get(entry.name)
    address = f"/downloads/{version.number}/{entry.name}"
    if file is None:
        return Shown(entry, address, state, "", "")
    return Shown(entry, address, state, size(file.size, reader.language()), file.sha256)


def _extracts(group: str, shown: Sequence[Shown]) -> list[Extract]:
    """Put the files of each extract together; classes have their names from the interface, editions from the graph."""
    ours = [one for one in shown if one.distribution.group == group]
    parts = {part: list(files) for part, files in groupby(ours, key=lambda one: one.distribution.part)}
    if group == "class":
        return [Extract(SEGMENTS[part].name, None, files) for part, files in parts.items()]
    labels, editions = reader.labels(), {part: iris.entity("edition", part) for part in parts}
    labels.fetch(reader.snapshot().rows, list(editions.values()))
    return [Extract("", labels.link(editions[part]), files) for part, files in parts.items()]


def size(number: float, language: str) -> str:
    """Write a number of bytes as a language does, with two digits or three. Units: bytes."""
    power = 0
    while number >= 1000 and power < len(_UNITS) - 1:
        number, power = number / 1000, power + 1
    rounded = round(number, 1) if number < 10 and power else round(number)
    written: str = format_unit(rounded, f"digital-{_UNITS[power]}", "short" if power else "long", locale=language)
    return written.replace(" ", "\N{NO-BREAK SPACE}")
