"""Another policy of expiry: for what comes, or for what is there too; seen before, and never sooner than a month."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.db import Database
from loyalty.flows import approve, change_expiry, preview_expiry
from loyalty.flows.change_expiry import apply_expiry
from loyalty.flows.change_programme import change_programme
from loyalty.flows.earn import earn
from loyalty.ledger.tables import Lot
from loyalty.programme.expiry import Fixed, Never, Policy, Rolling, Sliding
from loyalty.programme.find import the_programme
from loyalty.programme.refusals import ExpiryAskedFor, ExpiryBeingApplied
from loyalty.staff import approvals, audit
from tests.cast import ODILE, chat, open_station, rule
from tests.makers.killed import killed_after
from tests.makers.proof import adds_up
from tests.makers.station import rows

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2027, 1, 15, 12, tzinfo=PARIS).astimezone(UTC)
LEA = "staff:lea@lumiere.example"
FANS = 12


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    """Twelve fans who earned ten points each in November and in January, under rolling 24 months."""
    open_station(db, months=24)
    rule(db)
    for month, year in ((11, 2026), (1, 2027)):
        at = datetime(year, month, 10, 12, tzinfo=PARIS).astimezone(UTC)
        with clock.running_on(clock.stopped_at(at)):
            earn(db, [chat(month * 100 + n, actor=f"fan-{n}", happened_at=at) for n in range(FANS)], source="hook")
    with clock.running_on(clock.stopped_at(NOW)):
        yield
    assert adds_up(db)


def ends(db: Database) -> dict[date | None, int]:
    """What is left, by its last day in Paris."""
    table = Lot.__table__  # type: ignore[attr-defined]
    amount = sa.func.sum(table.c.granted - table.c.used - table.c.expired)
    found = db.read(
        lambda session: session.execute(sa.select(table.c.expires_at, amount).group_by(table.c.expires_at)).all()
    )
    return {
        None if at == clock.NEVER else (at - timedelta(seconds=1)).astimezone(PARIS).date(): int(points)
        for at, points in found
        if points
    }


def change(db: Database, policy: Policy, *, applies: bool = True, actor: str = ODILE) -> change_expiry.Changed:
    return change_expiry.change_expiry(db, policy, applies=applies, actor=actor, reason="New season")


def test_a_change_is_for_what_is_earned_from_now_on(db: Database) -> None:
    before = ends(db)
    change(db, Rolling(3), applies=False)
    assert apply_expiry(db) == 0
    assert ends(db) == before
    earn(db, [chat(1, happened_at=NOW)], source="hook")
    assert ends(db)[date(2027, 4, 30)] == 10
    record = db.read(lambda session: audit.find(session, limit=1))[0]
    assert record.action == "expiry.changed" and record.reason == "New season"
    assert record.before == {"policy": {"kind": "rolling", "months": 24}}
    assert record.after == {"policy": {"kind": "rolling", "months": 3}, "existing_points": False}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Never(), {None: 240}),
        (Rolling(36), {date(2029, 11, 30): 120, date(2030, 1, 31): 120}),
        (Rolling(3), {date(2027, 2, 28): 120, date(2027, 4, 30): 120}),
        (Rolling(1), {date(2027, 2, 14): 120, date(2027, 2, 28): 120}),  # December is over: thirty days from now
        (Fixed(12, 31), {date(2027, 2, 14): 120, date(2027, 12, 31): 120}),
        (Sliding(12), {date(2028, 1, 31): 240}),
    ],
)
def test_what_was_previewed_is_what_is_done(db: Database, policy: Policy, expected: dict[date | None, int]) -> None:
    preview = preview_expiry.preview_expiry(db, policy)
    said: dict[date | None, int] = {}
    for month in preview.months:
        if month.points_after:
            said[month.first] = month.points_after
            assert month.fans_after == FANS
    by_month: dict[date | None, int] = {}
    for day, points in expected.items():
        first = day and day.replace(day=1)
        by_month[first] = by_month.get(first, 0) + points
    assert said == by_month
    assert (preview.fans, preview.points, preview.one_in) == (FANS, 240, 1)
    assert sum(month.points_before for month in preview.months) == 240
    change(db, policy)
    assert apply_expiry(db) == preview.points_sooner / 10 + preview.points_later / 10
    assert ends(db) == expected
    assert apply_expiry(db) == 0, "once is all"
    record = db.read(lambda session: audit.find(session, limit=1))[0]
    assert record.action == "expiry.applied"
    assert record.after["points_sooner"] == preview.points_sooner


def test_a_sample_of_the_fans_stands_for_all(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_expiry, "MOST_LOTS", 12)
    sampled = preview_expiry.preview_expiry(db, Rolling(3))
    assert sampled.one_in == 2 and sampled.points == sampled.fans * 20
    assert preview_expiry.preview_expiry(db, Rolling(3), exactly=True).one_in == 1


def test_points_that_are_made_to_slide_do(db: Database) -> None:
    change(db, Sliding(12))
    apply_expiry(db)
    with clock.running_on(clock.stopped_at(NOW + timedelta(days=30))):
        earn(db, [chat(1, actor="fan-3", happened_at=clock.now())], source="hook")
    assert ends(db) == {date(2028, 1, 31): 220, date(2028, 2, 29): 30}
    change(db, Rolling(24))
    apply_expiry(db)
    assert rows(db, "SELECT sum(sliding) FROM lot") == [(0,)], "and made to stay, they do"


def test_points_that_slid_can_be_made_to_stay_on_the_very_same_date(db: Database) -> None:
    change(db, Sliding(24))
    apply_expiry(db)
    before = ends(db)
    change(db, Rolling(24))
    assert apply_expiry(db) == 0
    assert ends(db) == before
    assert rows(db, "SELECT sum(sliding) FROM lot") == [(0,)]


def test_a_large_shortening_takes_two_people(db: Database) -> None:
    change_programme(db, {"approval_points": 100}, actor=ODILE)
    before = ends(db)
    assert change(db, Rolling(3)).waits
    assert apply_expiry(db) == 0 and ends(db) == before
    assert db.read(the_programme).expiry == Rolling(24), "nothing has happened yet"
    with pytest.raises(ExpiryAskedFor):
        change(db, Rolling(3))
    with pytest.raises(ExpiryAskedFor):
        change(db, Rolling(6), applies=False)
    asked = db.read(approvals.waiting)[0]
    with pytest.raises(approvals.OwnApproval):
        approve.approve(db, approval_id=asked.id, actor=ODILE)
    approve.approve(db, approval_id=asked.id, actor=LEA)
    assert db.read(the_programme).expiry == Rolling(3)
    assert apply_expiry(db) == 24


def test_making_points_last_longer_takes_one_person(db: Database) -> None:
    change_programme(db, {"approval_points": 0}, actor=ODILE)
    assert not change(db, Rolling(36)).waits
    assert apply_expiry(db) == 24
    assert not change(db, Rolling(3), applies=False).waits, "nothing that exists expires sooner"


def test_one_change_is_applied_after_the_other(db: Database) -> None:
    change(db, Rolling(36))
    with pytest.raises(ExpiryBeingApplied):
        change(db, Rolling(48))
    apply_expiry(db)
    change(db, Rolling(48))


def test_a_change_that_is_killed_goes_on_where_it_stopped(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_expiry, "HOLDERS_AT_ONCE", 1)
    change(db, Rolling(36))
    with killed_after(db, 9):
        apply_expiry(db)
    assert len(ends(db)) > 2, "some have the new dates, some the old ones"
    earn(db, [chat(1, actor="fan-3", happened_at=NOW)], source="hook")
    apply_expiry(db)
    assert ends(db) == {date(2029, 11, 30): 120, date(2030, 1, 31): 130}
    moved = rows(db, "SELECT holder_id, count(DISTINCT id) FROM entry WHERE cause = 'expiry_policy' GROUP BY holder_id")
    assert {count for _, count in moved} == {1}, "each holder once"


def test_points_that_expire_before_the_change_is_through_are_left_alone(db: Database) -> None:
    change(db, Rolling(36))
    with clock.running_on(clock.stopped_at(datetime(2029, 1, 15, tzinfo=UTC))):
        apply_expiry(db)
    assert ends(db) == {date(2028, 11, 30): 120, date(2030, 1, 31): 120}
