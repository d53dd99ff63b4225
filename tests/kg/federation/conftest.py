"""One server on loopback that may be asked: 127.0.0.1 stands for a public address here, 127.0.0.2 for one inside."""

from typing import Any

import pytest

from kg.origins import AllowList
from kg.remote import FetchLimits

TURTLE = "text/turtle"
NAME = "data.example"
LIMITS = FetchLimits(timeout=5, size=100_000)


@pytest.fixture
def allowed(internet: Any) -> AllowList:
    """Allow one server, whose name leads to the public one."""
    internet.names[NAME] = ["127.0.0.1"]
    return AllowList.parse(internet.origin(NAME))


@pytest.fixture
def url(internet: Any) -> str:
    return f"{internet.origin(NAME)}/x"
