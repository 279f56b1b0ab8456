"""The dose of each fault: a little at every run, all of it with `--long`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

pytest.register_assert_rewrite("tests.faults.clients")  # a failure says which numbers

T = TypeVar("T")
Dose = Callable[[Any, Any], Any]


@pytest.fixture(scope="session")
def dose(pytestconfig: pytest.Config) -> Callable[[T, T], T]:
    """Chooses between what a short run takes and a long one."""
    is_long = pytestconfig.getoption("long")
    return lambda short, long: long if is_long else short
