"""Evaluate in this process, over a store opened read-only: for the command line.

There is no way to stop a query here: pyoxigraph has neither timeout nor cancellation. Byte and row limits are
kept, limits of time and memory are not; `workers` keeps all of them. SERVICE is refused by the parser's word
alone.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from pyoxigraph import Store

from kg.engine import Answer, Limits, Query, SearchIndex
from kg.engine.asking import BaseEngine, bound, indexed, narrowed
from kg.engine.evaluation import Setting, evaluate
from kg.engine.spool import Spool
from kg.errors import EngineUnavailable

_UNLIMITED = Limits(timeout=None, result_bytes=None, rows=None, memory=None)


class EmbeddedEngine(BaseEngine):
    """An engine over a store of this process; `Engine` says what its methods do."""

    def __init__(
        self,
        store: Store,
        *,
        limits: Limits = _UNLIMITED,
        prefixes: Mapping[str, str] | None = None,
        union: bool = True,
        index: SearchIndex | None = None,
    ) -> None:
        self._store: Store | None = store
        self._limits = limits
        self._index = index
        self._setting = Setting(prefixes or {}, union, str(index.folder) if index else None)

    @classmethod
    def open(cls, store_path: Path, *, prefixes: Mapping[str, str] | None = None) -> "EmbeddedEngine":
        """Open the store of a version for reading.

        Raises: EngineUnavailable when there is none.
        """
        try:
            return cls(Store.read_only(str(store_path)), prefixes=prefixes)
        except OSError as error:
            raise EngineUnavailable("The store cannot be opened: %(words)s", words=str(error)) from error

    def query(
        self,
        query: Query,
        *,
        timeout: float | None = None,
        result_bytes: int | None = None,
        rows: int | None = None,
    ) -> Answer:
        """Answer a query; a timeout is accepted and cannot be kept."""
        if self._store is None:
            raise EngineUnavailable("The engine is closed.")
        limits = narrowed(self._limits, timeout, result_bytes, rows)
        return indexed(partial(self._evaluated, self._store, bound(query), limits), lambda: self._index)

    def _evaluated(self, store: Store, query: Query, limits: Limits) -> Answer:
        spool = Spool()
        try:
            return spool.answer(evaluate(store, query, self._setting, limits, spool.write))
        except BaseException:
            spool.close()
            raise

    def close(self) -> None:
        """Release the store."""
        self._store = None
