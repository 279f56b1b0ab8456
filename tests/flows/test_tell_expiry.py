"""Fans are told before their points expire: once, in their language, and nobody for a trifle."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.db import Database
from loyalty.fans.merge import Kept
from loyalty.fans.tables import Fan
from loyalty.flows import tell_expiry as flow
from loyalty.flows.adjust import adjust_points
from loyalty.flows.change_expiry import apply_expiry, change_expiry
from loyalty.flows.change_programme import change_programme
from loyalty.flows.erase import erase_fan
from loyalty.flows.link import register
from loyalty.flows.merge_fans import merge_fans
from loyalty.outbox import mail
from loyalty.programme.expiry import Rolling, Sliding, document
from loyalty.programme.tables import Programme
from tests.cast import MORNING, ODILE, ines, marc, open_station
from tests.makers.killed import killed_after
from tests.makers.proof import adds_up
from tests.makers.station import rows

END = datetime(2027, 2, 28, 23, 0, tzinfo=UTC)  # midnight in Paris
CLUB = "https://club.example"


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    open_station(db, months=3)
    yield
    assert adds_up(db)


@pytest.fixture
def fan(db: Database) -> Fan:
    """Ines, who reads French and has 120 points until the end of February."""
    fan = ines(db)
    gives(db, fan, 120)
    return fan


def gives(db: Database, fan: Fan, points: int, *, at: datetime = MORNING) -> None:
    with clock.running_on(clock.stopped_at(at)):
        adjust_points(db, fan_id=fan.id, amount=points, reason="Gift", actor=ODILE, key=fan.id + points)


def tells(db: Database, days: float) -> int:
    """The job, so many days before the end of February."""
    with clock.running_on(clock.stopped_at(END - timedelta(days=days))):
        return flow.tell_expiry(db, public_url=CLUB)


def letters(db: Database) -> list[str]:
    return [each.subject for each in db.read(lambda session: mail.latest(session, limit=50))][::-1]


def test_a_fan_is_told_a_month_and_a_week_before_each_once(db: Database, fan: Fan) -> None:
    assert [tells(db, days) for days in (31, 30, 29.9, 12, 7, 6.9, 1, 0)] == [0, 1, 0, 0, 1, 0, 0, 0]
    assert letters(db) == ["Radio Lumière : 120 points expirent le 28 février 2027"] * 2
    text = db.read(lambda session: mail.latest(session, limit=1))[0].text
    assert "120 de vos points expirent le 28 février 2027, à la fin de la journée." in text
    assert f"{CLUB}/rewards" in text and "il n’est pas publicitaire" in text


def test_who_comes_into_sight_late_is_told_once_the_later_way(db: Database, fan: Fan) -> None:
    assert [tells(db, days) for days in (5, 4)] == [1, 0]


def test_the_letter_is_in_the_language_of_the_fan(db: Database, fan: Fan) -> None:
    db.write(lambda session: session.execute(sa.update(Fan).values(language="en")))
    tells(db, 20)
    assert letters(db) == ["Radio Lumière: 120 points expire on 28 February 2027"]


def test_points_have_the_name_the_station_gave_them(db: Database, fan: Fan) -> None:
    change_programme(db, {"point_names": {"fr": ["rayon", "rayons"], "en": ["ray", "rays"]}}, actor=ODILE)
    tells(db, 20)
    assert "120 rayons expirent" in letters(db)[0]


def test_what_was_spent_meanwhile_is_not_spoken_of(db: Database, fan: Fan) -> None:
    tells(db, 20)
    with clock.running_on(clock.stopped_at(END - timedelta(days=10))):
        adjust_points(db, fan_id=fan.id, amount=-115, reason="Taken", actor=ODILE, key=1)
    assert tells(db, 5) == 0, "five points are below the least"


def test_nobody_without_an_address_and_nobody_who_left_is_told(db: Database, fan: Fan) -> None:
    silent = register(db, reference="no-mail", display_name="Nour", actor=ODILE)
    gives(db, silent, 50)
    stranger = marc(db)
    gives(db, stranger, 60)
    erase_fan(db, fan_id=stranger.id, actor=ODILE)
    assert tells(db, 20) == 1


def test_who_was_merged_is_told_as_one(db: Database, fan: Fan) -> None:
    other = marc(db)
    gives(db, other, 60)
    with clock.running_on(clock.stopped_at(MORNING)):
        merge_fans(db, source_id=other.id, target_id=fan.id, kept=Kept(), reason="One person", actor=ODILE)
    tells(db, 20)
    assert letters(db) == ["Radio Lumière : 180 points expirent le 28 février 2027"]


def test_points_that_slide_say_how_to_keep_them(db: Database) -> None:
    db.write(lambda session: session.execute(sa.update(Programme).values(expiry=document(Sliding(3)))))
    gives(db, ines(db), 40)
    tells(db, 20)
    assert "gagnez des points avant cette date" in db.read(lambda session: mail.latest(session, limit=1))[0].text


def test_no_notice_where_the_station_wants_none(db: Database, fan: Fan) -> None:
    change_programme(db, {"expiry_notice_days": []}, actor=ODILE)
    assert tells(db, 20) == 0


def test_another_date_is_another_notice(db: Database, fan: Fan) -> None:
    tells(db, 20)
    with clock.running_on(clock.stopped_at(END - timedelta(days=19))):
        change_expiry(db, Rolling(4), applies=True, actor=ODILE, reason="Longer")
        apply_expiry(db)
    assert tells(db, 5) == 0 and tells(db, -10) == 1


def test_the_job_is_killed_and_runs_again_and_nobody_is_told_twice(db: Database, monkeypatch) -> None:
    for number in range(30):
        gives(db, register(db, reference=f"f{number}", email=f"f{number}@example.org", actor=ODILE), 20 + number)
    monkeypatch.setattr(flow, "FANS_AT_ONCE", 1)
    with killed_after(db, 12):
        tells(db, 20)
    assert 0 < len(letters(db)) < 30
    tells(db, 20)
    sent = rows(db, "SELECT recipient, count(*) FROM outgoing_mail GROUP BY recipient")
    assert len(sent) == 30 and {count for _, count in sent} == {1}


def test_what_was_told_is_forgotten_once_the_date_is_over(db: Database, fan: Fan) -> None:
    tells(db, 20)
    assert rows(db, "SELECT days FROM expiry_notice") == [(30,)]
    tells(db, -1)
    assert rows(db, "SELECT days FROM expiry_notice") == []
