"""The station at one moment, and fans it knows then."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from loyalty import clock
from loyalty.db import Database
from loyalty.flows.adjust import adjust_points
from loyalty.flows.link import link
from tests import cast
from tests.cast import MORNING, ODILE
from tests.makers.proof import adds_up

FIRST, SECOND = datetime(2026, 11, 30, 23, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)


@contextmanager
def station_at(
    db: Database, at: datetime, *, proof: Callable[[Database], bool] = adds_up, **programme: Any
) -> Iterator[None]:
    """The station, opened on a clock that stands still; in the end its books must add up, or what else is to hold."""
    with clock.running_on(clock.stopped_at(at)):
        cast.open_station(db, **programme)
        yield
        assert proof(db)


def on(days: float) -> AbstractContextManager[None]:
    """So many days after the morning."""
    return clock.running_on(clock.stopped_at(MORNING + timedelta(days=days)))


def ines_of_twitch(db: Database) -> int:
    """Ines, with her account on Twitch."""
    fan_id = cast.ines(db).id
    link(db, fan_id=fan_id, network="twitch", external_id="tw-ines", actor=ODILE)
    return fan_id


def ines_who_saved(db: Database) -> int:
    """Ines, with thirty points that expire at the end of November, seventy at the end of December."""
    fan_id = cast.ines(db).id
    give(db, fan_id, 30, key=1)
    with on(10):
        give(db, fan_id, 70, key=2)
    return fan_id


def give(db: Database, fan_id: int, points: int, *, key: int, unit: str = "points") -> None:
    """Give points by hand, or take them."""
    adjust_points(db, fan_id=fan_id, amount=points, unit=unit, key=key, reason="For the test", actor=ODILE)
