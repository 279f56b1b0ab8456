"""The station changes its mind about its programme, and what was before is on record."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.db import Database
from loyalty.errors import NotFound
from loyalty.flows.change_programme import change_programme
from loyalty.pictures.make import LOGO, make
from loyalty.programme.find import the_programme
from loyalty.staff import audit
from tests.cast import MORNING, ODILE, open_station
from tests.makers.pictures import photo

STARS = {"fr": ["étoile", "étoiles"], "en": ["star", "stars"]}


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=1))):
        yield


def trail(db: Database) -> list[audit.AuditRecord]:
    return db.read(lambda session: audit.find(session, limit=9, subject="programme"))


def test_only_what_changed_is_on_record_before_and_after(db: Database) -> None:
    open_station(db)
    said = {"name": "Radio Lumière", "point_names": STARS, "approval_points": 50}
    change_programme(db, said, actor=ODILE, reason="A new season")
    assert db.read(the_programme).point_names == STARS
    (record,) = trail(db)
    points = {"fr": ["point", "points"], "en": ["point", "points"]}
    assert record.before == {"point_names": points, "approval_points": 1_000}
    assert record.after == {"point_names": STARS, "approval_points": 50}
    assert (record.actor, record.reason) == (ODILE, "A new season")


def test_what_changes_nothing_leaves_no_trace(db: Database) -> None:
    open_station(db)
    change_programme(db, {"name": "Radio Lumière"}, actor=ODILE)
    assert trail(db) == []


def test_a_logo_is_kept_and_taken_away(db: Database) -> None:
    open_station(db)
    change_programme(db, {}, actor=ODILE, logo=make(photo(), LOGO))
    assert db.read(the_programme).logo_id is not None
    change_programme(db, {}, actor=ODILE, without_logo=True)
    assert db.read(the_programme).logo_id is None
    assert len(trail(db)) == 2


def test_there_must_be_a_programme(db: Database) -> None:
    with pytest.raises(NotFound):
        change_programme(db, {"name": "Radio Soleil"}, actor=ODILE)
