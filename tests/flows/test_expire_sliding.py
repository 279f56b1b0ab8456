"""Points that slide go on with each gain; whatever was granted under another policy keeps its date."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.db import Database
from loyalty.figures.count import count
from loyalty.flows.activate import activate_points
from loyalty.flows.adjust import adjust_points
from loyalty.flows.earn import earn
from loyalty.flows.expire import expire_points
from loyalty.flows.link import link
from loyalty.flows.reverse import withdraw
from loyalty.ledger import find
from loyalty.ledger.verify import breaches
from loyalty.programme.expiry import Fixed, Policy, Rolling, Sliding, document
from loyalty.programme.tables import Programme
from tests.cast import ODILE, chat, ines, open_station, rule
from tests.makers.proof import adds_up
from tests.makers.station import rows

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    open_station(db, expiry=Sliding(12))
    rule(db)
    yield
    assert adds_up(db)


def at(*said: int) -> datetime:
    return datetime(*said, tzinfo=PARIS).astimezone(UTC)  # type: ignore[misc]


def acts(db: Database, when: datetime, number: int, *, actor: str = "tw-ines", happened: datetime | None = None) -> int:
    with clock.running_on(clock.stopped_at(when)):
        fact = chat(number, actor=actor, happened_at=happened or when)
        return earn(db, [fact], source="hook")[0].points


def policy_is(db: Database, policy: Policy) -> None:
    db.write(lambda session: session.execute(sa.update(Programme).values(expiry=document(policy))))


def lots(db: Database, actor: str = "tw-ines") -> dict[datetime, int]:
    """What is left, by the last day of each lot in Paris."""
    holder = rows(db, f"SELECT holder_id FROM identity WHERE external_id = '{actor}'")[0][0]
    found = db.read(lambda session: find.balance(session, holder, now=at(2026, 11, 1))).lots
    return {
        (lot.expires_at - timedelta(seconds=1)).astimezone(PARIS).date(): lot.points for lot in found if lot.expires_at
    }


def day(*said: int) -> object:
    return datetime(*said).date()  # type: ignore[misc]


def renewals(db: Database) -> int:
    return int(rows(db, "SELECT count(DISTINCT cause_id) FROM entry WHERE cause = 'renewal'")[0][0])


def test_each_gain_takes_the_earlier_points_along(db: Database) -> None:
    acts(db, at(2026, 11, 23), 1)
    acts(db, at(2026, 12, 24), 2)
    assert lots(db) == {day(2027, 12, 31): 20}
    acts(db, at(2027, 12, 31, 23, 59), 3)
    assert lots(db) == {day(2028, 12, 31): 30}


def test_a_month_with_many_acts_renews_once(db: Database) -> None:
    acts(db, at(2026, 11, 30, 23, 59), 1)
    for number in range(2, 8):
        acts(db, at(2026, 12, number), number)
    assert lots(db) == {day(2027, 12, 31): 70}
    assert renewals(db) == 1


def test_who_does_nothing_loses_all_at_once(db: Database) -> None:
    acts(db, at(2026, 11, 23), 1)
    acts(db, at(2026, 12, 24), 2)
    with clock.running_on(clock.stopped_at(at(2028, 1, 1))):
        assert expire_points(db) == 1
    assert lots(db) == {}


def test_what_has_ended_is_not_renewed_though_nobody_swept_it(db: Database) -> None:
    acts(db, at(2026, 11, 23), 1)
    acts(db, at(2027, 12, 1), 2)
    assert lots(db) == {day(2027, 11, 30): 10, day(2028, 12, 31): 10}


def test_a_policy_changed_in_the_middle_of_a_month_leaves_what_was_granted_before(db: Database) -> None:
    policy_is(db, Rolling(12))
    acts(db, at(2026, 11, 2), 1)
    policy_is(db, Sliding(12))
    acts(db, at(2026, 11, 20), 2)
    assert lots(db) == {day(2027, 11, 30): 20}, "one date, and yet of two kinds"
    acts(db, at(2026, 12, 20), 3)
    assert lots(db) == {day(2027, 11, 30): 10, day(2027, 12, 31): 20}
    policy_is(db, Fixed(12, 31))
    acts(db, at(2027, 1, 20), 4)
    assert lots(db) == {day(2027, 11, 30): 10, day(2027, 12, 31): 30}
    policy_is(db, Sliding(24))
    acts(db, at(2027, 1, 21), 5)
    assert lots(db) == {day(2027, 11, 30): 10, day(2027, 12, 31): 10, day(2029, 1, 31): 30}


def test_shorter_sliding_does_not_take_new_points_to_the_former_end(db: Database) -> None:
    policy_is(db, Sliding(24))
    acts(db, at(2026, 11, 2), 1)
    policy_is(db, Sliding(6))
    acts(db, at(2026, 11, 20), 2)
    assert lots(db) == {day(2027, 5, 31): 10, day(2028, 11, 30): 10}


def test_an_act_that_comes_late_joins_what_was_earned_after_it(db: Database) -> None:
    acts(db, at(2026, 12, 24), 1)
    acts(db, at(2026, 12, 25), 2, happened=at(2026, 10, 2))
    assert lots(db) == {day(2027, 12, 31): 20}
    acts(db, at(2026, 12, 26), 3, actor="tw-other", happened=at(2026, 10, 2))
    assert lots(db, "tw-other") == {day(2027, 10, 31): 10}


def test_another_time_zone_leaves_the_dates_there_are(db: Database) -> None:
    acts(db, at(2026, 11, 23), 1)
    db.write(lambda session: session.execute(sa.update(Programme).values(time_zone="Indian/Reunion")))
    acts(db, at(2026, 11, 24), 2)
    still = "SELECT granted - used FROM lot WHERE granted > used ORDER BY expires_at"
    assert rows(db, still) == [(10,), (10,)], "midnight on Réunion comes earlier: what was promised is kept"
    acts(db, at(2026, 12, 24), 3)
    assert rows(db, still) == [(30,)]


def test_points_of_which_the_act_is_withdrawn_are_found_where_they_went(db: Database) -> None:
    acts(db, at(2026, 11, 23), 1)
    acts(db, at(2026, 12, 24), 2)
    with clock.running_on(clock.stopped_at(at(2026, 12, 25))):
        gone = chat(1, happened_at=at(2026, 11, 23))
        withdraw(db, [WithdrawnFact(act_key=gone.act_key)], source="hook")
    assert lots(db) == {day(2027, 12, 31): 10}


def test_points_that_wait_go_on_too(db: Database) -> None:
    wait = sa.update(Programme).values(pending_hours={"kind:live_chat": 24 * 20})
    db.write(lambda session: session.execute(wait))
    acts(db, at(2026, 11, 23), 1)
    acts(db, at(2026, 12, 2), 2)
    with clock.running_on(clock.stopped_at(at(2026, 12, 31))):
        activate_points(db)
    assert lots(db) == {day(2027, 12, 31): 20}
    acts(db, at(2027, 1, 2), 3)
    assert lots(db) == {day(2028, 1, 31): 20}, "what waited slides like the rest"


def test_points_keep_sliding_after_the_account_is_linked(db: Database) -> None:
    acts(db, at(2026, 11, 23), 1)
    fan = ines(db)
    with clock.running_on(clock.stopped_at(at(2026, 11, 24))):
        link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    acts(db, at(2026, 12, 24), 2)
    assert lots(db) == {day(2027, 12, 31): 20}


def test_points_given_by_hand_are_a_gain_too(db: Database) -> None:
    fan = ines(db)
    for month in (11, 12):
        with clock.running_on(clock.stopped_at(at(2026, month, 5))):
            adjust_points(db, fan_id=fan.id, amount=5, reason="Merci", actor=ODILE, key=month)
    found = db.read(lambda session: find.balance(session, fan.id, now=at(2026, 12, 6))).lots
    assert [(lot.points, lot.expires_at) for lot in found] == [(10, at(2028, 1, 1))]


def test_a_renewal_is_no_line_of_the_history_and_no_figure(db: Database) -> None:
    acts(db, at(2026, 11, 23), 1)
    acts(db, at(2026, 12, 24), 2)
    assert renewals(db) == 1
    holder = rows(db, "SELECT holder_id FROM identity")[0][0]
    said = db.read(lambda session: find.lines(session, holder, limit=10))
    assert [(line.cause, line.points) for line in said] == [("activity", 10), ("activity", 10)]
    figures = db.read(lambda session: count(session, at(2026, 12, 24), at(2026, 12, 25)))
    points = {key: amount for key, amount in figures.items() if key[0] in ("issued", "spent", "expired", "returned")}
    assert points == {("issued", "activity"): 10}


def test_a_programme_that_does_not_slide_reads_and_writes_nothing_more(db: Database) -> None:
    policy_is(db, Rolling(12))
    said: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    acts(db, at(2026, 11, 23), 1)
    assert [each for each in said if "sliding" in each or "slides" in each] == []


@pytest.mark.parametrize(
    "tampered",
    [
        "UPDATE lot SET sliding = sliding - 1 WHERE sliding > 0",
        "UPDATE lot SET granted = granted + 1, used = used + 1 WHERE sliding > 0",
    ],
)
def test_verify_finds_a_lot_that_slides_otherwise_than_the_journal_says(db: Database, tampered: str) -> None:
    acts(db, at(2026, 11, 23), 1)

    class Undo(Exception):
        pass

    def steps(session):
        session.execute(sa.text(tampered))
        assert "I3" in {each.invariant for each in breaches(session)}
        raise Undo

    with pytest.raises(Undo):
        db.write(steps)


def test_verify_finds_a_renewal_that_did_not_arrive(db: Database) -> None:
    acts(db, at(2026, 11, 23), 1)
    acts(db, at(2026, 12, 24), 2)

    class Undo(Exception):
        pass

    def steps(session):
        columns = "cause_id, cause, leg, holder_id, bucket, id, unit, debit, credit, amount, effective_at, recorded_at"
        for holder, debit, credit in (("1", "wallet", "moved"), ("2", "moved", "wallet")):
            session.execute(
                sa.text(
                    f"INSERT INTO entry ({columns}) SELECT 77, 'renewal', 0, {holder}, bucket, 77, unit, '{debit}', "
                    f"'{credit}', 5, effective_at, recorded_at FROM entry WHERE id = (SELECT min(id) FROM entry)"
                )
            )
        assert "I2" in {each.invariant for each in breaches(session)}, "what left one holder came to another"
        raise Undo

    with pytest.raises(Undo):
        db.write(steps)
