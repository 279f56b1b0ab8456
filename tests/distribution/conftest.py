"""Databases that believe to be spread over many machines."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from loyalty.db import Database
from loyalty.flows.distribute import distribute
from tests.distribution.citus import pretend


@pytest.fixture
def citus_url(new_postgresql: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """A migrated PostgreSQL that believes to have Citus."""
    with new_postgresql() as url:
        pretend(url)
        yield url


@pytest.fixture
def spread(citus_url: str) -> Iterator[Database]:
    """A database that believes to be spread over many machines, open."""
    before = Database(citus_url)
    distribute(before, shards=64, say=lambda step: None)
    before.dispose()
    database = Database(citus_url)
    yield database
    database.dispose()
