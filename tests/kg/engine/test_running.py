"""What is running can be ended, and whoever ends it is told the truth, however close the query is to its end."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kg.engine import Limits, Query, running
from kg.engine.running import Entry, Registry, Running, Watch
from kg.errors import QueryCancelled

KEY = "k" * 22


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    """Give what lists the queries of this process."""
    return Watch(Registry(tmp_path), lambda _: None)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Have something happen as soon as the word is left that a query is to end."""

    def happen(what: Callable[[], None]) -> None:
        read = running._read

        def after(path: Path) -> Running | None:
            if path.with_suffix(".killed").exists():
                what()
            return read(path)

        monkeypatch.setattr(running, "_read", after)

    return happen


def test_word_that_is_taken_at_once_has_ended_the_query(
    watch: Watch, tmp_path: Path, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    """The query is off the list before the one who ended it looks again."""
    query = watch.over(Query("ASK {}", key=KEY), Limits(), tmp_path)
    entry = query.__enter__()

    def end() -> None:
        with pytest.raises(QueryCancelled) as raised:
            watch.check(entry)
        query.__exit__(QueryCancelled, raised.value, None)

    meanwhile(end)
    assert Registry(tmp_path).cancel(KEY)
    assert [*tmp_path.iterdir()] == []


def test_word_that_comes_too_late_has_ended_nothing(
    watch: Watch, tmp_path: Path, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    """What was settled stays so, and nothing is left lying."""

    def settle(entry: Entry) -> None:
        word = next(tmp_path.glob("*.killed"))
        left = word.read_text()
        word.unlink()  # it comes between the end of the list and the last look
        watch.settle(entry)
        word.write_text(left)

    with watch.over(Query("ASK {}", key=KEY), Limits(), tmp_path) as entry:
        meanwhile(lambda: settle(entry))
        assert not Registry(tmp_path).cancel(KEY)
    assert [*tmp_path.iterdir()] == []
