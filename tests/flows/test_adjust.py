"""Staff give and take points: once, never more than there is, and large amounts only with a second person."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.db import Database
from loyalty.errors import NotFound
from loyalty.flows.adjust import FormUsed, NotThatMany, adjust_approved, adjust_points
from loyalty.flows.earn import earn
from loyalty.flows.expire import expire_points
from loyalty.flows.link import link
from loyalty.flows.reverse import withdraw
from loyalty.ledger import find as ledger
from loyalty.ledger.find import Balance
from loyalty.staff import approvals, audit
from loyalty.staff.audit import Actor
from tests.cast import MORNING, ODILE, chat, ines, rule
from tests.makers.moment import station_at

SARAH = Actor("staff:sarah@lumiere.example", "203.0.113.7")
AT = MORNING + timedelta(hours=1)


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with station_at(db, AT):
        yield


def balance(db: Database, fan_id: int) -> Balance:
    return db.read(lambda session: ledger.balance(session, fan_id, now=clock.now()))


def adjust(db: Database, fan_id: int, amount: int, *, key: int = 1, **options: str) -> int:
    said = {"reason": "Lost at the counter", "actor": SARAH, **options}
    return adjust_points(db, fan_id=fan_id, amount=amount, key=key, **said).balance


def records(db: Database, fan_id: int) -> list[audit.AuditRecord]:
    found = db.read(lambda session: audit.find(session, limit=10, subject=f"fan:{fan_id}"))
    return [each for each in found if each.action != "fan.registered"]


def test_points_given_expire_as_the_programme_says(db: Database) -> None:
    fan = ines(db)
    assert adjust(db, fan.id, 50) == 50
    (lot,) = balance(db, fan.id).lots
    assert (lot.points, lot.expires_at is not None) == (50, True)
    with clock.running_on(clock.stopped_at(lot.expires_at)):  # type: ignore[arg-type]
        expire_points(db)
        assert balance(db, fan.id).points == 0


def test_the_same_form_twice_gives_once(db: Database) -> None:
    fan = ines(db)
    adjust(db, fan.id, 50, key=7)
    again = adjust_points(db, fan_id=fan.id, amount=50, reason="Again", actor=SARAH, key=7)
    assert (again.balance, again.is_new) == (50, False)
    with pytest.raises(FormUsed):
        adjust(db, fan.id, 60, key=7)
    assert len(records(db, fan.id)) == 1


def test_points_are_taken_soonest_expiry_first_and_never_below_zero(db: Database) -> None:
    rule(db)
    fan = ines(db)
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    with clock.running_on(clock.stopped_at(AT - timedelta(days=40))):
        earn(db, [chat(1, minutes=-60 * 24 * 40)], source="hook")
    earn(db, [chat(2)], source="hook")
    assert adjust(db, fan.id, -15) == 5
    (lot,) = balance(db, fan.id).lots
    assert lot.points == 5
    with pytest.raises(NotThatMany) as refused:
        adjust(db, fan.id, -6, key=2)
    assert refused.value.holes == {"balance": 5, "amount": 6}
    assert balance(db, fan.id).points == 5


def test_points_that_expired_cannot_be_taken(db: Database) -> None:
    fan = ines(db)
    adjust(db, fan.id, 50)
    with clock.running_on(clock.stopped_at(AT + timedelta(days=900))), pytest.raises(NotThatMany):
        adjust(db, fan.id, -1, key=2)


def test_status_points_can_be_given_and_taken_too(db: Database) -> None:
    fan = ines(db)
    adjust(db, fan.id, 30, unit="status")
    adjust(db, fan.id, -10, unit="status", key=2)
    assert (balance(db, fan.id).status_points, balance(db, fan.id).points) == (20, 0)
    with pytest.raises(NotThatMany):
        adjust(db, fan.id, -21, unit="status", key=3)


def test_what_is_owed_is_paid_from_what_is_given(db: Database) -> None:
    rule(db)
    fan = ines(db)
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    earn(db, [chat(1)], source="hook")
    adjust(db, fan.id, -10)
    withdraw(db, [WithdrawnFact(act_key=chat(1).act_key)], source="hook")
    assert balance(db, fan.id).debt == 10
    assert adjust(db, fan.id, 25, key=2) == 15
    assert balance(db, fan.id).debt == 0


def test_an_adjustment_leaves_one_record_with_who_from_where_why_before_and_after(db: Database) -> None:
    fan = ines(db)
    adjust(db, fan.id, 50)
    (record,) = records(db, fan.id)
    assert (record.actor, record.address) == ("staff:sarah@lumiere.example", "203.0.113.7")
    assert (record.action, record.reason) == ("points.adjusted", "Lost at the counter")
    assert record.before == {"points": 0, "status": 0, "debt": 0}
    assert record.after == {"points": 50, "status": 0, "debt": 0, "amount": 50, "unit": "points", "form": "1"}


def test_a_large_amount_waits_for_a_second_person_and_is_then_done_once(db: Database) -> None:
    fan = ines(db)
    asked = adjust_points(db, fan_id=fan.id, amount=1_001, reason="Raffle", actor=SARAH, key=9)
    again = adjust_points(db, fan_id=fan.id, amount=1_001, reason="Raffle", actor=SARAH, key=9)
    assert (asked.waits, asked.balance, again.waits, again.is_new) == (True, 0, True, False)
    (waiting,) = db.read(approvals.waiting)
    for _ in range(2):
        db.write(lambda session: adjust_approved(session, waiting, actor="staff:odile@lumiere.example"))
    assert balance(db, fan.id).points == 1_001
    done, question = records(db, fan.id)
    assert (question.action, done.action) == ("adjustment.asked", "points.adjusted")
    assert done.after is not None and done.after["asked_by"] == "staff:sarah@lumiere.example"


def test_nobody_is_asked_to_agree_to_what_cannot_be(db: Database) -> None:
    fan = ines(db)
    with pytest.raises(NotThatMany):
        adjust(db, fan.id, -5_000)
    assert db.read(approvals.waiting) == []


def test_nobody_gives_points_to_a_fan_who_does_not_exist(db: Database) -> None:
    with pytest.raises(NotFound):
        adjust(db, 12, 5)
    assert db.read(lambda session: session.execute(text("SELECT count(*) FROM entry")).scalar()) == 0
