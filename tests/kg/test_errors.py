"""Errors are known by their names in `kg.errors`, and can be made anew from what they say of themselves."""

import importlib
import inspect
import pkgutil

import pytest

from kg import errors
from kg.errors import LimitExceeded, PraksisError

AREAS = [importlib.import_module(f"kg.errors.{area.name}") for area in pkgutil.iter_modules(errors.__path__)]
KINDS = [kind for kind in map(vars(errors).get, errors.__all__) if isinstance(kind, type)]
ERRORS = [kind for kind in KINDS if issubclass(kind, PraksisError)]


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.__name__)
def test_every_error_of_an_area_is_exported(area) -> None:
    """Another process finds the class by its name in the package."""
    found = {kind for kind in vars(area).values() if isinstance(kind, type) and issubclass(kind, PraksisError)}
    assert found <= set(ERRORS)
    assert {kind.__module__ for kind in found} == {"kg.errors"}


@pytest.mark.parametrize("kind", [kind for kind in ERRORS if kind.arguments and kind is not LimitExceeded])
def test_arguments_of_an_error_are_those_of_its_constructor(kind: type[PraksisError]) -> None:
    """What an error tells of itself is what it is made from."""
    assert kind.arguments == tuple(inspect.signature(kind).parameters)


def test_every_error_is_drawn_in_the_tree() -> None:
    """The docstring of the package shows each of them, with its status where it has one of its own."""
    drawn = dict(line.strip("│├└─ ").split()[:2] for line in (errors.__doc__ or "").splitlines() if "─" in line)
    assert set(drawn) | {"PraksisError"} == {kind.__name__ for kind in ERRORS}
    told = {kind.__name__: str(kind.status) for kind in ERRORS if kind not in (PraksisError, LimitExceeded)}
    assert told.items() <= drawn.items()
