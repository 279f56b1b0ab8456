"""What an act costs when there are ten thousand, a million and ten million entries already: it should not matter."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from loyalty.bench.batches import pace_of
from loyalty.bench.crowd import Crowd
from loyalty.bench.figure import Figure
from loyalty.bench.floor import Floor
from loyalty.bench.past import BYTES_AN_ACT, Past
from loyalty.bench.turns import take_turns, timed
from loyalty.db import Database

_BATCH = 1_000
_MOST_SECONDS = 2_400  # that the past of one size may take to be made


class NoRoom(Exception):
    """The disk has not got the room that was asked for."""


def measure(
    crowd: Crowd,
    floor: Floor,
    past: Past,
    *,
    entries: Sequence[int],
    rounds: int,
    acts: int,
    say: Callable[[str], None],
) -> Iterator[Figure]:
    """Batches of a thousand and single acts, at each of these sizes, the smallest first.

    Raises:
        NoRoom
    """
    refuse_without_room(crowd.db, max(entries))
    at_first: float | None = None
    for wanted in sorted(entries):
        say(f"making a past of {wanted:,} entries")
        past.grow_to(wanted, most_seconds=_MOST_SECONDS, say=say)
        calls = max(1, acts // _BATCH)
        paces = take_turns(
            {
                "rows": partial(timed, floor.same_rows, [_BATCH] * calls, each=_BATCH),
                "ours": partial(pace_of, crowd, _BATCH, calls),
                "single": partial(pace_of, crowd, 1, max(1, acts // 100)),
            },
            rounds=rounds,
        )
        ratio = paces["ours"].per_second / paces["rows"].per_second
        at_first = at_first or ratio
        ours, single = paces["ours"], paces["single"]
        yield Figure(
            what=f"acts, batches of {_BATCH:,}, with {past.entries:,} entries stored",
            value=ours.per_second,
            p50=ours.p50 * 1_000,
            p99=ours.p99 * 1_000,
            beside={"the same rows bare": ratio, "that with the fewest stored": ratio / at_first},
        )
        yield Figure(
            what=f"acts, one by one, with {past.entries:,} entries stored",
            value=single.per_second,
            p50=single.p50 * 1_000,
            p99=single.p99 * 1_000,
        )


def refuse_without_room(db: Database, entries: int) -> None:
    """Let pass where the disk has room for so many entries, or cannot be seen from here.

    Raises:
        NoRoom
    """
    folder = _folder(db)
    if folder is not None and folder.is_dir() and shutil.disk_usage(folder).free < entries * BYTES_AN_ACT:
        raise NoRoom(f"{entries:,} entries take {entries * BYTES_AN_ACT / 1e9:,.1f} GB, which {folder} has not got.")


def _folder(db: Database) -> Path | None:
    if db.is_sqlite:
        return Path(sa.make_url(db.url).database or ".").parent
    asked = sa.text("SELECT current_setting('data_directory', true) WHERE pg_has_role('pg_read_all_settings', 'USAGE')")
    said = db.read(lambda session: session.execute(asked).scalar_one_or_none())
    return Path(said) if said else None
