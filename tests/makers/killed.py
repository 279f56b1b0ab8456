"""A process that is killed while it works."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest

from loyalty.db import Database


@contextmanager
def killed_after(db: Database, writes: int) -> Iterator[None]:
    """Die of the transaction after so many; the block must come that far."""
    write, left = db.write, iter(range(writes))

    def write_some(steps: Callable[..., Any], **options: Any) -> Any:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return write(steps, **options)

    with mock.patch.object(db, "write", write_some), pytest.raises(KeyboardInterrupt):
        yield
