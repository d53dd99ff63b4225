"""The one way an edit becomes a version: under the write lock, through a process that can be killed."""

import atexit
import json
import os
import pickle
import threading
import time

from kg.edits.child import EditTask, Job, unpack
from kg.edits.control import Control
from kg.edits.model import Edit, EditLimits, Expect, MergeGraph, Outcome, ReplaceGraph
from kg.engine import Limits
from kg.engine.processes import Forge, Process, verdict
from kg.engine.protocol import Kind
from kg.errors import PreconditionFailed, QueryTimeout, UnknownVersion, UpdateTimeout
from kg.versions import Home, Version
from kg.versions.content import Content

_DEFAULTS = EditLimits()
_NOBODY = Control()
_PRELOAD = {True: ("kg.edits.judging", "kg.edits.child"), False: ("kg.edits.child",)}
_forges: dict[tuple[int, bool], Forge] = {}
_lock = threading.Lock()


def apply(  # noqa: PLR0913 - each is a fact about the edit
    home: Home,
    edit: Edit,
    *,
    author: str,
    message: str,
    expect: Expect | None = None,
    limits: EditLimits = _DEFAULTS,
    validate: bool = True,
    admin: bool = False,
    control: Control = _NOBODY,
) -> Outcome:
    """Make an edit and the version that comes of it; an edit that changes nothing makes none.

    With `validate` off, nothing is concluded, validated or skolemised, and the default graph can be written: for
    conformance suites on a home of their own. Only an `admin` changes what edits are judged by. Whoever has the control
    can end the edit until its version is committed.

    Raises: QuerySyntaxError, QueryEvaluationError, ServiceForbidden, UpdateCancelled, the errors below EditError,
    LimitExceeded, EngineUnavailable and VersionError.
    """
    with home.writing(control.check) as writing:
        home.need_room(limits.free_disk)
        current = writing.current
        if current is None:
            raise UnknownVersion("There is no version to edit yet.", "Build one with `kg build`.")
        _check(expect, current)
        scratch = writing.scratch()
        job = Job(
            str(current.store_path),
            str(scratch),
            current.graphs,
            current.quads,
            edit,
            limits,
            validate,
            admin,
            home.disk.durable,
        )
        content = _in_child(job, control)
        control.settle()
        created = isinstance(edit, ReplaceGraph | MergeGraph) and current.digest(edit.graph) is None
        if content.hash == current.content_hash:
            return Outcome(current, changed=False, created=False, added=0, removed=0)
        version = writing.commit(scratch, content, author, message, "edit")
        return Outcome(version, changed=True, created=created, added=content.added, removed=content.removed)


def warm(*, validate: bool = True) -> None:
    """Start what edits need ahead of the first one, which otherwise waits for it."""
    _forge(validate).start(EditTask(), Process).kill()


def _check(expect: Expect | None, current: Version) -> None:
    """Compare the state of a graph with what is expected of it.

    Raises: PreconditionFailed.
    """
    if expect is None:
        return
    digest = current.digest(expect.graph)
    graph = "default" if expect.graph is None else f"<{expect.graph}>"
    if expect.if_match is not None and (digest is None or not {"*", digest} & expect.if_match):
        detail = "The graph %(graph)s does not exist." if digest is None else "The graph %(graph)s has changed since."
        raise PreconditionFailed(detail, "Get it again, make your change to that, and send its ETag.", graph=graph)
    if expect.if_none_match is not None and digest is not None and {"*", digest} & expect.if_none_match:
        raise PreconditionFailed(
            "The graph %(graph)s exists already, and If-None-Match says that it must not.", graph=graph
        )


def _in_child(job: Job, control: Control) -> Content:
    """Have a process of its own do a job; however that ends, the process is gone.

    Raises: UpdateTimeout; UpdateCancelled; what `kg.engine.processes.verdict` says of a death; what the child says.
    """
    limits = job.limits
    process = _forge(job.validate).start(EditTask(), Process)
    try:
        control.given(process.pid)
        deadline = None if limits.timeout is None else time.monotonic() + limits.timeout
        process.conversation.send((Kind.REQUEST, pickle.dumps(job)), deadline=deadline)
        _, end = process.conversation.receive(deadline)
    except TimeoutError:
        process.kill()
        raise UpdateTimeout(limits.timeout or 0) from None
    except EOFError:
        death = process.kill()
        control.check()
        died = verdict(death, Limits(timeout=limits.timeout, memory=limits.memory))
        raise UpdateTimeout(died.limit) if isinstance(died, QueryTimeout) else died from None
    except BaseException:
        process.kill()
        raise
    process.kill()
    return unpack(json.loads(end))


def _forge(validate: bool) -> Forge:
    """Return the fork server of this process for edits of a kind; one that was forked needs its own."""
    key = os.getpid(), validate
    with _lock:
        if key not in _forges:
            _forges[key] = Forge(_PRELOAD[validate])
            atexit.register(_forges[key].close)
        return _forges[key]
