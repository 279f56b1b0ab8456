"""Today's figures as the pages show them: counted when asked, and for half a minute not again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Database

T = TypeVar("T")
SHORTLY, LONG = timedelta(seconds=30), timedelta(minutes=10)
_known: WeakKeyDictionary[Database, dict[tuple[Any, ...], tuple[datetime, Any]]] = WeakKeyDictionary()


def once_in(age: timedelta, db: Database, name: tuple[Any, ...], steps: Callable[[Session], T]) -> T:
    """What `steps` reads, or what it read a short while ago.

    Args:
        name: of what is read, with everything it depends on but the time.
    """
    kept, now = _known.setdefault(db, {}), clock.now()
    found = kept.get(name)
    if found is None or not timedelta() <= now - found[0] < age:
        if len(kept) > 100:
            kept.clear()
        found = kept[name] = (now, db.read(steps))
    known: T = found[1]
    return known
