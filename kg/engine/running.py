"""What is running: a folder with one file for each query or update that takes long, for every process of a server.

    <folder>/<id>.json      the query, its server process and its worker, each with the time it started
    <folder>/<id>.killed    whoever ended it, written before the worker is killed

A process identifier may be used again, so a process is known by its identifier and its start together. A file
whose server process is gone is swept by whoever comes upon it. The text of a query is read by operators only:
the folder is its owner's alone.
"""

import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from kg.engine import Limits, Query
from kg.errors import QueryCancelled

LISTED_AFTER: Final = 0.1
"""Age of a query that is listed; one with a key is listed at once. Units: seconds."""
SLOW_AFTER: Final = 2.0
"""Age of a query whose worker gives way to others. Units: seconds."""
_TEXT_KEPT: Final = 10_000
_ID: Final = re.compile(r"[0-9a-f]{16}")
By = Literal["operator", "client"]


@dataclass(frozen=True, slots=True)
class Process:
    """A process, known by identifier and start (clock ticks since the machine did)."""

    pid: int
    start: int

    @classmethod
    def of(cls, pid: int) -> "Process | None":
        """Return the process that has this identifier now, or None where there is none."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_bytes()
        except OSError:
            return None
        return cls(pid, int(stat[stat.rfind(b")") + 2 :].split()[19]))

    def is_alive(self) -> bool:
        """Tell whether it still runs."""
        return Process.of(self.pid) == self

    def kill(self) -> bool:
        """Kill this very process, never another one that has got its identifier."""
        try:
            handle = os.pidfd_open(self.pid)
        except OSError:
            return False
        try:
            if not self.is_alive():
                return False
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        finally:
            os.close(handle)
        return True


@dataclass(frozen=True, slots=True)
class Running:
    """One query; `worker` is None while it waits for one. Units: seconds since 1970, seconds."""

    id: str
    text: str
    version: str
    started: float
    timeout: float | None
    server: Process | None
    worker: Process | None
    key: str | None = None

    def described(self) -> dict[str, object]:
        """Return what an operator is told."""
        return {
            "id": self.id,
            "query": self.text,
            "version": self.version,
            "started": datetime.fromtimestamp(self.started, UTC).isoformat(timespec="milliseconds"),
            "seconds": round(time.time() - self.started, 3),
            "timeout": self.timeout,
            "server_pid": self.server and self.server.pid,
            "worker_pid": self.worker and self.worker.pid,
        }


class Registry:
    """The folder of running queries."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[Running]:
        """Return the queries that run now, the oldest first; sweep those of processes that are gone."""
        found = []
        for path in self._folder.glob("*.json"):
            running = _read(path)
            if running is None or running.server is None:
                continue
            if running.server.is_alive():
                found.append(running)
            else:
                self.remove(running.id)
        return sorted(found, key=lambda running: running.started)

    def kill(self, identifier: str, by: By = "operator") -> bool:
        """End a query; False where none of this name runs."""
        running = _read(self._folder / f"{identifier}.json") if _ID.fullmatch(identifier) else None
        return running is not None and self._kill(running, by)

    def cancel(self, key: str) -> bool:
        """End every query whose holder knows its key; False where there is none."""
        digest = _digest(key)
        held = [running for running in self.all() if running.key and hmac.compare_digest(running.key, digest)]
        return sum(self._kill(running, "client") for running in held) > 0

    def _kill(self, running: Running, by: By) -> bool:
        """Leave word for the server process, then look for the worker: one of us sees the other's.

        Where the query is off the list by then, it was ended if its process has taken the word.
        """
        word = self._folder / f"{running.id}.killed"
        word.write_text(by, encoding="utf-8")
        current = _read(self._folder / f"{running.id}.json")
        if current is None:
            return not _taken(word)
        if current.worker is not None:
            current.worker.kill()
        return True

    def killed_by(self, identifier: str) -> By | None:
        """Return who ended a query, if anyone did; the word is taken, by us or by whoever left it and takes it back."""
        path = self._folder / f"{identifier}.killed"
        try:
            word = path.read_text(encoding="utf-8")
        except OSError:
            return None
        if not word or not _taken(path):
            return None
        return "client" if word == "client" else "operator"

    def write(self, running: Running) -> None:
        """List a query."""
        fresh = self._folder / f".{running.id}-{threading.get_ident()}"
        with contextlib.suppress(OSError):  # a disk that is full or read-only is no reason to fail a query
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - of a descriptor with its mode
                json.dump(asdict(running), file)
            fresh.replace(self._folder / f"{running.id}.json")

    def close(self, identifier: str) -> None:
        """Let nobody end a query from here on; whoever did so before has left word."""
        with contextlib.suppress(OSError):
            (self._folder / f"{identifier}.json").unlink(missing_ok=True)

    def remove(self, identifier: str) -> None:
        """Forget a query."""
        for suffix in ("json", "killed"):
            with contextlib.suppress(OSError):
                (self._folder / f"{identifier}.{suffix}").unlink(missing_ok=True)


def _taken(word: Path) -> bool:
    """Remove a word that was left; False where another one did so first."""
    try:
        word.unlink()
    except OSError:
        return False
    return True


def _read(path: Path) -> Running | None:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        for name in ("server", "worker"):
            fields[name] = fields[name] and Process(**fields[name])
        return Running(**fields)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _digest(key: str) -> str:
    """Return what is kept of a key: who reads the list cannot cancel in a client's name."""
    return hashlib.sha256(key.encode()).hexdigest()


class Entry:
    """One query of this process, from its arrival to its end."""

    def __init__(self, query: Query, limits: Limits, store_path: Path) -> None:
        self.query = query
        self.limits = limits
        self.store_path = store_path
        self.arrived = time.monotonic()
        self.began: float | None = None
        self.worker: int | None = None
        self.listed: Running | None = None


class Watch:
    """The queries of one process: lists those that take long, and tells of those that take too long.

    Short queries, nearly all, cost one entry in a set; a thread looks after the rest.
    """

    def __init__(
        self,
        registry: Registry | None,
        slow: Callable[[int], None],
        cancelled: type[QueryCancelled] = QueryCancelled,
    ) -> None:
        self._registry = registry
        self._cancelled = cancelled
        self._slow = slow
        self._server = Process.of(os.getpid())
        self._lock = threading.Lock()
        self._entries: set[Entry] = set()
        self._wanted = threading.Event()
        self._closed = False
        threading.Thread(target=self._look, name="running-queries", daemon=True).start()

    @contextmanager
    def over(self, query: Query, limits: Limits, store_path: Path) -> Iterator[Entry]:
        """Watch a query while the block runs."""
        entry = Entry(query, limits, store_path)
        if query.key is not None:
            self._list(entry)
        with self._lock:
            self._entries.add(entry)
        if not self._wanted.is_set():
            self._wanted.set()
        try:
            yield entry
        finally:
            with self._lock:
                self._entries.discard(entry)
                listed = entry.listed
            if listed is not None and self._registry is not None:
                self._registry.remove(listed.id)

    def given(self, entry: Entry, worker: int) -> None:
        """Note which worker has the query.

        Raises: QueryCancelled when it was ended while it waited.
        """
        with self._lock:
            entry.worker, entry.began = worker, time.monotonic()
            if entry.listed is not None:
                self._publish(entry)
        self.check(entry)

    def check(self, entry: Entry) -> None:
        """Look whether the query was ended.

        Raises: QueryCancelled.
        """
        if by := self.killed_by(entry):
            raise self._cancelled(by)

    def settle(self, entry: Entry) -> None:
        """Take a query off the list: from here on nobody can end it any more.

        Raises: QueryCancelled when someone has.
        """
        with self._lock:
            self._entries.discard(entry)
        if entry.listed is not None and self._registry is not None:
            self._registry.close(entry.listed.id)
        self.check(entry)
        entry.listed = None

    def killed_by(self, entry: Entry) -> By | None:
        """Return who ended the query, if anyone did."""
        return self._registry.killed_by(entry.listed.id) if entry.listed and self._registry else None

    def close(self) -> None:
        """Stop looking."""
        self._closed = True
        self._wanted.set()

    def _list(self, entry: Entry) -> None:
        started = time.time() - (time.monotonic() - entry.arrived)
        key = None if entry.query.key is None else _digest(entry.query.key)
        text, timeout = entry.query.text[:_TEXT_KEPT], entry.limits.timeout
        version = entry.store_path.parent.name
        entry.listed = Running(secrets.token_hex(8), text, version, started, timeout, self._server, None, key)
        self._publish(entry)

    def _publish(self, entry: Entry) -> None:
        if entry.listed is None or self._registry is None:
            return
        if entry.worker is not None and entry.listed.worker is None:
            entry.listed = replace(entry.listed, worker=Process.of(entry.worker))
        self._registry.write(entry.listed)

    def _look(self) -> None:
        while True:
            self._wanted.wait()
            if self._closed:
                return
            time.sleep(LISTED_AFTER / 2)
            now = time.monotonic()
            with self._lock:
                if not self._entries:
                    self._wanted.clear()
                for entry in self._entries:
                    if entry.listed is None and now - entry.arrived > LISTED_AFTER:
                        self._list(entry)
                late = [entry for entry in self._entries if _is_late(entry, now)]
            for entry in late:
                self._slow(entry.worker or 0)


def _is_late(entry: Entry, now: float) -> bool:
    return entry.began is not None and now - entry.began > SLOW_AFTER
