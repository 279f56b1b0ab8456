"""Programmes on air get another name, or leave the schedule; what was done in them stays theirs."""

from collections.abc import Iterator

import pytest

from loyalty import clock
from loyalty.db import Database
from loyalty.flows.manage_programme import add_show
from loyalty.flows.manage_shows import archive_show, rename_show
from loyalty.programme import find
from loyalty.programme.refusals import ShowNotFound
from loyalty.staff import audit
from tests.cast import MORNING, ODILE, open_station


@pytest.fixture(autouse=True)
def matinale(db: Database) -> Iterator[None]:
    with clock.running_on(clock.stopped_at(MORNING)):
        open_station(db)
        add_show(db, slug="matinale", name="La Matinale", actor=ODILE)
        yield


def actions(db: Database) -> list[str]:
    return [each.action for each in db.read(lambda session: audit.find(session, limit=9, subject="show:matinale"))]


def test_a_show_is_called_something_else_and_its_slug_stays(db: Database) -> None:
    for _ in range(2):
        rename_show(db, slug="matinale", name="Le Réveil", actor=ODILE)
    assert db.read(find.shows) == {"matinale": "Le Réveil"}
    assert actions(db) == ["show.changed", "show.added"], "the same name again is no change"
    record = db.read(lambda session: audit.find(session, limit=1))[0]
    assert (record.before, record.after) == ({"name": "La Matinale"}, {"name": "Le Réveil"})


def test_an_archived_show_keeps_its_name_and_is_archived_once(db: Database) -> None:
    for _ in range(2):
        archive_show(db, slug="matinale", actor=ODILE, reason="End of season")
    show = db.read(lambda session: find.show(session, "matinale"))
    assert (show.archived_at, show.name) == (MORNING, "La Matinale")
    assert db.read(find.shows) == {"matinale": "La Matinale"}
    assert actions(db) == ["show.archived", "show.added"]


def test_a_show_there_is_not_is_refused(db: Database) -> None:
    with pytest.raises(ShowNotFound):
        rename_show(db, slug="soir", name="Le Soir", actor=ODILE)
    with pytest.raises(ShowNotFound):
        archive_show(db, slug="soir", actor=ODILE, reason="x")
