"""The life of the process that makes one edit: copy the version, write, judge, record, and leave.

It touches nothing but its scratch directory. What becomes of that is the business of the process that holds the write
lock, so this one may be killed at any moment.
"""

import errno
import gc
import json
import os
import pickle
import resource
import socket
from collections.abc import Callable, Mapping
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path
from typing import Any

import pyoxigraph as ox

import kg.errors
from kg.edits.delta import compare
from kg.edits.model import Edit, EditLimits
from kg.edits.writing import write
from kg.engine import sandbox
from kg.engine.protocol import Conversation, Kind
from kg.errors import (
    DiskLow,
    EditError,
    InvalidEdit,
    PraksisError,
    QueryMemoryExceeded,
    UpdateTooLarge,
    VersionError,
)
from kg.versions import changes
from kg.versions.changes import Changes
from kg.versions.content import Content
from kg.versions.disk import Disk
from kg.versions.home import verify_count

_GRACE = 5.0
"""Processor time beyond the deadline, before the kernel ends what the parent did not. Units: seconds."""


@dataclass(frozen=True, slots=True)
class Job:
    """One edit to be made: of the version in `current`, with these graphs and so many quads, into `scratch`.

    An `admin` may change what edits are judged by; `verify` has the written store read again.
    """

    current: str
    scratch: str
    graphs: Mapping[str, str]
    quads: int
    edit: Edit
    limits: EditLimits
    validate: bool
    admin: bool = False
    verify: bool = True


@dataclass(frozen=True, slots=True)
class EditTask:
    """What the fork server starts a process for; the job itself comes over the stream, where it may be large."""

    def run(self, stream: socket.socket) -> None:
        """Make one edit and tell what came of it."""
        conversation = Conversation(stream)
        about = {"pid": os.getpid(), "sandboxed": sandbox.sockets_are_denied()}
        conversation.send((Kind.READY, json.dumps(about).encode()))
        _, request = conversation.receive()
        job: Job = pickle.loads(request)  # noqa: S301 - from our parent
        conversation.send((Kind.END, json.dumps(_outcome(job)).encode()))


def prepare(job: Job, disk: Disk, opened: Callable[[], None] = lambda: None) -> Content:
    """Fill the scratch directory with the store after the edit and the record of its changes.

    `opened` is called when both stores are open.

    Raises: the errors of `kg.edits.apply` but for those of the lock and of expectations.
    """
    scratch = Path(job.scratch)
    old = ox.Store.read_only(job.current)
    old.backup(str(scratch / "store"))
    store = ox.Store(str(scratch / "store"))
    opened()
    touched = write(store, job.edit, job.graphs, validate=job.validate)
    delta = compare(old, store, job.graphs, touched)
    if job.validate and delta.digests:
        # Imported here: without judging, an edit needs neither rdflib nor pySHACL.
        from kg.edits.judging import judge  # noqa: PLC0415

        delta = compare(old, store, job.graphs, judge(old, store, delta, admin=job.admin))
    quads = job.quads + len(delta.added) - len(delta.removed)
    # Without this the next backup would silently be without what was written: a copy leaves the write-ahead log behind.
    store.flush()
    del store
    _assert_released(scratch / "store")
    if job.verify:
        verify_count(scratch / "store", quads)
    changes.write(Changes(sorted(delta.added), sorted(delta.removed)), scratch, disk)
    _check_size(scratch, job.limits.disk)
    return Content(delta.applied_to(job.graphs), quads, len(delta.added), len(delta.removed))


def _assert_released(path: Path) -> None:
    """Make sure that nothing writes to a store any more: a compaction would take files away under those who read it.

    Raises: VersionError.
    """
    # An iterator that is part of a circle of references keeps the store open.
    gc.collect()
    descriptors = Path("/proc/self/fd")
    if descriptors.is_dir() and str(path / "LOCK") in {_target(entry) for entry in descriptors.iterdir()}:
        raise VersionError("The store is still open after the edit.", "This is a fault of the program.")


def _target(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except OSError:
        return ""


def _check_size(scratch: Path, limit: int | None) -> None:
    """Compare what the new files take with the limit; files shared with the version before have two names or more."""
    new = (path.stat() for path in scratch.rglob("*"))
    if limit is not None and sum(about.st_size for about in new if about.st_nlink == 1) > limit:
        raise UpdateTooLarge(limit)


def _outcome(job: Job) -> dict[str, Any]:
    limits = job.limits
    if limits.timeout is not None:
        sandbox.limit_processor(limits.timeout + _GRACE)
    if limits.disk is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.disk, limits.disk))
    try:
        memory = limits.memory
        return asdict(prepare(job, Disk(), (lambda: None) if memory is None else lambda: sandbox.limit_memory(memory)))
    except MemoryError:
        return pack_error(QueryMemoryExceeded(limits.memory or 0))
    except OSError as error:
        return pack_error(_refusal(error, limits))
    except PraksisError as error:
        return pack_error(error)


def _refusal(error: OSError, limits: EditLimits) -> PraksisError:
    """Say what it means that the disk refused; what the store raises has a text and no number."""
    if limits.disk is not None and (error.errno == errno.EFBIG or os.strerror(errno.EFBIG) in str(error)):
        return UpdateTooLarge(limits.disk)
    if error.errno == errno.ENOSPC or os.strerror(errno.ENOSPC) in str(error):
        return DiskLow(0, limits.free_disk)
    return VersionError("The edit cannot be written: %(words)s", words=str(error))


def pack_error(error: PraksisError) -> dict[str, Any]:
    """Turn an error into what can be sent to the parent."""
    if isinstance(error, InvalidEdit):
        return {"error": "InvalidEdit", "results": [astuple(result) for result in error.results]}
    known = getattr(kg.errors, type(error).__name__, None) is type(error)
    # An error of another module, such as that of unusable shapes, is told in its own words.
    told = error if known else EditError("The shapes cannot be used: %(words)s", words=error.detail)
    return {"error": type(told).__name__, "members": dict(told.members())}


def unpack(end: dict[str, Any]) -> Content:
    """Return what a child has made of its job.

    Raises: the error that it ended with.
    """
    if "error" not in end:
        return Content(**end)
    if end["error"] == "InvalidEdit":
        from kg.shapes import Result  # noqa: PLC0415 - takes most of a second, and is needed only here

        names = [field.name for field in fields(Result)]
        results = [dict(zip(names, values, strict=True)) for values in end["results"]]
        raise InvalidEdit([Result(**{**r, "messages": tuple(map(tuple, r["messages"]))}) for r in results])
    kind: type[PraksisError] = getattr(kg.errors, end["error"])
    raise kind(**end["members"])
