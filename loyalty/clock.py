"""What time it is, in UTC, from a source that a test, a seed or a replay may replace."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

Source = Callable[[], datetime]

NEVER = datetime(9999, 12, 31, tzinfo=UTC)  # when what does not end ends: sorts last


def _wall() -> datetime:
    return datetime.now(UTC)


_source: Source = _wall


def now() -> datetime:
    """The current instant, aware and in UTC."""
    return _source()


@contextmanager
def running_on(source: Source) -> Iterator[None]:
    """Replace the clock of the whole process (threads included) while the block runs."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before


def stopped_at(instant: datetime) -> Source:
    """A clock that always shows `instant`, which must be aware."""
    assert instant.tzinfo is not None, "an instant needs its time zone"
    frozen = instant.astimezone(UTC)
    return lambda: frozen
