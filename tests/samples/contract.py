"""What `tests/samples/<connector>/sender.py` tells of one network: how it signs, and what its messages mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from loyalty.activities.fact import ActivityFact, WithdrawnFact

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
Sign = Callable[..., dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One message as the network really sends it, and what is to be read in it.

    Attributes:
        file: beside the sender.
        left_out: the codes of what it says that does not count.
        options: of the source.
    """

    file: str
    facts: tuple[ActivityFact, ...] = ()
    withdrawn: tuple[WithdrawnFact, ...] = ()
    left_out: tuple[str, ...] = ()
    stop: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """How the network asks whether we listen, and what it wants to hear."""

    headers: Mapping[str, str]
    body: bytes
    answer: str


@dataclass(frozen=True, kw_only=True)
class Sender:
    """One network.

    Attributes:
        secrets: two of its own form; the second replaces the first.
        not_secrets: what is none.
        sign: (body, secret=, at=, identifier=) to the headers of a message, in lower case.
        act: a sample with a fact, the one that is walked through the whole river.
        withdrawal: a sample that withdraws it.
        oldest, newest: how long ago, and how far ahead, it may have been signed.
        challenge: (secret=, at=) to a challenge, where the network asks.
    """

    folder: Path
    secrets: tuple[str, str]
    not_secrets: tuple[str, ...]
    sign: Sign
    samples: tuple[Sample, ...]
    act: str
    withdrawal: str
    oldest: timedelta
    newest: timedelta = timedelta(minutes=5)
    challenge: Callable[..., Challenge] | None = None

    def body(self, file: str) -> bytes:
        """The bytes of a sample."""
        return (self.folder / f"{file}.json").read_bytes()

    def sample(self, file: str) -> Sample:
        """The sample of that name."""
        return next(each for each in self.samples if each.file == file)
