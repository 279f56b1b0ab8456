"""The one door into the ledger."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from loyalty import ids
from loyalty.clock import NEVER
from loyalty.db import Database
from loyalty.ledger import post
from loyalty.ledger.verify import breaches

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SOON, LATER = NOW + timedelta(days=10), NOW + timedelta(days=40)


@pytest.fixture
def ines(db: Database) -> int:
    holder = ids.new()
    db.write(lambda session: post.open_holders(session, [holder]))
    return holder


def grant(db: Database, holder: int, amount: int, expires_at: datetime = NEVER, *, unit: str = "points") -> int:
    cause_id = ids.new()

    def steps(session: Session) -> None:
        states = post.lock(session, [holder])
        given = post.Award(
            holder_id=holder,
            unit=unit,
            amount=amount,
            cause="activity",
            cause_id=cause_id,
            effective_at=NOW,
            expires_at=expires_at,
            rule_revision_id=1,
        )
        post.award(session, states, [given])

    db.write(steps)
    return cause_id


def spend(db: Database, holder: int, amount: int, *, at: datetime = NOW) -> int:
    cause_id = ids.new()

    def steps(session: Session) -> None:
        state = post.lock(session, [holder])[holder]
        post.spend(session, state, amount=amount, cause="redemption", cause_id=cause_id, effective_at=at)

    db.write(steps)
    return cause_id


def take_back(db: Database, holder: int, cause_id: int) -> None:
    def steps(session: Session) -> None:
        state = post.lock(session, [holder])[holder]
        takes = [
            (leg, leg.amount - leg.reversed)
            for leg in post.recorded(session, cause="activity", cause_id=cause_id, holder_ids=[holder])
        ]
        post.reverse(session, state, takes, cause="withdrawal", cause_id=ids.new(), effective_at=NOW)

    db.write(steps)


def figures(db: Database, holder: int) -> tuple[int, int, int]:
    state = db.read(lambda session: post.lock(session, [holder])[holder])
    return state.balance, state.status, state.debt


def lots(db: Database, holder: int) -> list[tuple[int, int, int]]:
    query = sa.text("SELECT granted, used, expired FROM lot WHERE holder_id = :holder ORDER BY expires_at")
    return [tuple(row) for row in db.read(lambda session: session.execute(query, {"holder": holder}).all())]


@pytest.fixture(autouse=True)
def still_adds_up(db: Database):
    yield
    assert db.read(lambda session: list(breaches(session))) == []


def test_what_is_granted_is_seen_as_a_balance(db: Database, ines: int) -> None:
    grant(db, ines, 30)
    grant(db, ines, 12)
    grant(db, ines, 5, unit="status")
    assert figures(db, ines) == (42, 5, 0)


def test_the_soonest_expiry_is_spent_first_and_the_trace_says_so(db: Database, ines: int) -> None:
    grant(db, ines, 30, LATER)
    grant(db, ines, 20, SOON)
    spend(db, ines, 25)
    assert lots(db, ines) == [(20, 20, 0), (30, 5, 0)]


def test_a_lot_past_its_expiry_is_not_spent_before_the_sweep(db: Database, ines: int) -> None:
    grant(db, ines, 20, SOON)
    grant(db, ines, 5, LATER)
    with pytest.raises(post.NotEnoughPoints) as refusal:
        spend(db, ines, 10, at=SOON)
    assert refusal.value.holes == {"balance": 5, "cost": 10, "missing": 5}


def test_spending_more_than_there_is_is_refused_and_nothing_moves(db: Database, ines: int) -> None:
    grant(db, ines, 7)
    with pytest.raises(post.NotEnoughPoints) as refusal:
        spend(db, ines, 10)
    assert refusal.value.say("fr") == "Il vous manque 3 points : vous en avez 7, il en faut 10."
    assert figures(db, ines) == (7, 0, 0)


def test_points_given_back_return_to_their_own_lots(db: Database, ines: int) -> None:
    grant(db, ines, 20, SOON)
    grant(db, ines, 30, LATER)
    redemption = spend(db, ines, 25)

    def steps(session: Session) -> int:
        state = post.lock(session, [ines])[ines]
        return post.give_back(
            session,
            state,
            cause="cancellation",
            cause_id=redemption,
            of_cause="redemption",
            of_cause_id=redemption,
            effective_at=NOW,
        )

    assert db.write(steps) == 25
    assert lots(db, ines) == [(20, 0, 0), (30, 0, 0)]
    assert figures(db, ines) == (50, 0, 0)
    with pytest.raises(IntegrityError):
        db.write(steps)


def test_points_taken_back_after_they_were_spent_become_a_debt_that_later_points_pay(db: Database, ines: int) -> None:
    liked = grant(db, ines, 20)
    spend(db, ines, 15)
    take_back(db, ines, liked)
    assert figures(db, ines) == (0, 0, 15)
    grant(db, ines, 10)
    assert figures(db, ines) == (0, 0, 5)
    grant(db, ines, 10)
    assert figures(db, ines) == (5, 0, 0)


def test_an_act_is_taken_back_once_however_often_it_is_asked(db: Database, ines: int) -> None:
    liked = grant(db, ines, 20)
    take_back(db, ines, liked)
    take_back(db, ines, liked)
    assert figures(db, ines) == (0, 0, 0)


def test_everything_moves_to_another_holder_lot_by_lot(db: Database, ines: int) -> None:
    other = ids.new()
    db.write(lambda session: post.open_holders(session, [other]))
    grant(db, ines, 20, SOON)
    grant(db, ines, 30, LATER)
    grant(db, ines, 4, unit="status")
    grant(db, other, 1, LATER)

    def steps(session: Session) -> int:
        states = post.lock(session, [ines, other])
        return post.move(session, states[ines], states[other], cause="link", cause_id=ids.new(), effective_at=NOW)

    assert db.write(steps) == 50
    assert figures(db, ines) == (0, 0, 0)
    assert figures(db, other) == (51, 4, 0)
    assert lots(db, other) == [(20, 0, 0), (31, 0, 0)]


def test_a_debt_moves_too_and_is_paid_by_what_the_other_has(db: Database, ines: int) -> None:
    other = ids.new()
    db.write(lambda session: post.open_holders(session, [other]))
    liked = grant(db, ines, 20)
    spend(db, ines, 20)
    take_back(db, ines, liked)
    grant(db, other, 50)

    def steps(session: Session) -> int:
        states = post.lock(session, [ines, other])
        return post.move(session, states[ines], states[other], cause="link", cause_id=ids.new(), effective_at=NOW)

    db.write(steps)
    assert figures(db, ines) == (0, 0, 0)
    assert figures(db, other) == (30, 0, 0)


def test_a_cause_is_never_posted_twice(db: Database, ines: int) -> None:
    def steps(session: Session) -> None:
        states = post.lock(session, [ines])
        given = post.Award(holder_id=ines, unit="points", amount=5, cause="activity", cause_id=77, effective_at=NOW)
        post.award(session, states, [given])

    db.write(steps)
    with pytest.raises(IntegrityError):
        db.write(steps)
    assert figures(db, ines) == (5, 0, 0)


@pytest.mark.parametrize("statement", ["UPDATE entry SET amount = 1000000", "DELETE FROM entry", "DELETE FROM lot_use"])
def test_the_journal_cannot_be_rewritten(db: Database, ines: int, statement: str) -> None:
    grant(db, ines, 5)
    spend(db, ines, 5)
    with pytest.raises(DBAPIError, match="append-only"):
        db.write(lambda session: session.execute(sa.text(statement)))
