"""A server in conformance mode."""

from collections.abc import Iterator

import pytest

from tests.serving import serving


@pytest.fixture(scope="session")
def suite_server() -> Iterator[str]:
    """Return the address of an empty server that suites may erase."""
    with serving("--conformance") as address:
        yield address
