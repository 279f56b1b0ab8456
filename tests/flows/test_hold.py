"""Points set aside: not spendable, captured in parts, back in their very lots, and ended by time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlmodel import Session

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.db import Database
from loyalty.errors import Invalid, NotFound
from loyalty.fans.merge import Kept
from loyalty.flows.earn import earn
from loyalty.flows.erase import erase_fan
from loyalty.flows.expire import expire_points
from loyalty.flows.hold import LONGEST, Held, authorise, capture, hold_now, release, release_holds
from loyalty.flows.link import link
from loyalty.flows.merge_fans import merge_fans
from loyalty.flows.redeem import redeem
from loyalty.flows.reverse import withdraw
from loyalty.flows.verify import verify
from loyalty.ledger import find, holds
from loyalty.ledger.post import HoldClosed, MoreThanHeld, NotEnoughPoints
from loyalty.ledger.verify import breaches
from tests import cast
from tests.cast import MORNING, ODILE, chat
from tests.makers.moment import FIRST, SECOND, give, ines_who_saved, on, station_at
from tests.makers.rewards import coffee
from tests.makers.station import rows
from tests.races.crowd import at_once, refusals

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with station_at(db, MORNING, months=0):
        yield


@pytest.fixture
def ines(db: Database) -> int:
    return ines_who_saved(db)


def aside(db: Database, fan_id: int, amount: int, *, days: float = 7) -> Held:
    until = clock.now() + days * DAY
    return authorise(db, fan_id=fan_id, amount=amount, purpose="Match ticket", expires_at=until, actor=ODILE)


def has(db: Database, fan_id: int) -> tuple[int, int]:
    """Spendable and set aside."""
    found = db.read(lambda session: find.balance(session, fan_id, now=clock.now()))
    return found.points, found.held


def lots(db: Database, fan_id: int) -> dict[datetime, int]:
    found = db.read(lambda session: find.balance(session, fan_id, now=MORNING)).lots
    return {lot.expires_at: lot.points for lot in found if lot.expires_at}


def taken(db: Database, fan_id: int, held: Held, amount: int | None = None, *, final: bool = False) -> Held:
    return capture(db, fan_id=fan_id, hold_id=held.hold.id, amount=amount, final=final, actor=ODILE)


def state(db: Database, fan_id: int, held: Held) -> str:
    return db.read(lambda session: holds.state(hold_now(session, fan_id=fan_id, hold_id=held.hold.id)))


def test_what_is_set_aside_cannot_be_spent_and_is_drawn_soonest_expiry_first(db: Database, ines: int) -> None:
    held = aside(db, ines, 50)
    assert (held.balance, has(db, ines)) == (50, (50, 50))
    assert lots(db, ines) == {SECOND: 50}
    with pytest.raises(NotEnoughPoints) as short:
        aside(db, ines, 51)
    assert short.value.holes["missing"] == 1
    coffee(db, cost_points=60)
    with pytest.raises(NotEnoughPoints):
        redeem(db, fan_id=ines, reward_slug="coffee")


def test_captures_use_up_the_soonest_points_and_the_rest_goes_back_to_its_lots(db: Database, ines: int) -> None:
    held = aside(db, ines, 50)
    taken(db, ines, held, 10)
    taken(db, ines, held, 25)
    done = release(db, fan_id=ines, hold_id=held.hold.id, actor=ODILE)
    assert (done.hold.captured, done.hold.released, done.balance) == (35, 15, 65)
    assert (has(db, ines), lots(db, ines)) == ((65, 0), {SECOND: 65})
    assert state(db, ines, held) == holds.CAPTURED


def test_a_release_without_a_capture_gives_each_lot_what_it_had(db: Database, ines: int) -> None:
    held = aside(db, ines, 50)
    release(db, fan_id=ines, hold_id=held.hold.id, actor=ODILE)
    assert lots(db, ines) == {FIRST: 30, SECOND: 70}
    assert state(db, ines, held) == holds.RELEASED
    with pytest.raises(HoldClosed):
        release(db, fan_id=ines, hold_id=held.hold.id, actor=ODILE)
    with pytest.raises(HoldClosed):
        taken(db, ines, held, 1)


def test_a_hold_is_closed_when_used_up_or_by_its_last_capture(db: Database, ines: int) -> None:
    first, second = aside(db, ines, 20), aside(db, ines, 40)
    with pytest.raises(MoreThanHeld) as more:
        taken(db, ines, first, 21)
    assert more.value.holes == {"left": 20, "wanted": 21}
    taken(db, ines, first)
    assert taken(db, ines, second, 5, final=True).balance == 75
    assert has(db, ines) == (75, 0)
    assert (state(db, ines, first), state(db, ines, second)) == (holds.CAPTURED, holds.CAPTURED)


def test_time_ends_a_hold_once_and_only_when_it_has_come(db: Database, ines: int) -> None:
    held = aside(db, ines, 50, days=2)
    assert release_holds(db) == 0
    with on(2):
        with pytest.raises(HoldClosed):
            taken(db, ines, held, 1)
        assert release_holds(db) == 1
        assert release_holds(db) == 0
        assert has(db, ines) == (100, 0)
    assert state(db, ines, held) == holds.EXPIRED


def test_many_holds_end_in_pieces_and_in_two_processes_at_once(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loyalty.flows.hold.HOLDS_AT_ONCE", 3)
    fans = [cast.ines(db).id, cast.marc(db).id]
    for key, fan_id in enumerate(fans):
        give(db, fan_id, 100, key=key)
        for _ in range(7):
            aside(db, fan_id, 10, days=1)
    with on(2):
        assert refusals(at_once([partial(release_holds, db)] * 4, threads=4)) == []
        assert release_holds(db) == 0
        assert [has(db, each) for each in fans] == [(100, 0)] * 2


def test_points_whose_lot_expired_while_held_come_back_to_it_and_expire_with_the_next_sweep(
    db: Database, ines: int
) -> None:
    held = aside(db, ines, 50, days=20)
    with on(15):
        assert expire_points(db) == 0, "nothing of it is left in the lot"
        release(db, fan_id=ines, hold_id=held.hold.id, actor=ODILE)
        assert has(db, ines) == (70, 0)
        assert expire_points(db) == 1
        assert has(db, ines) == (70, 0)


def test_a_debt_is_paid_from_what_comes_back(db: Database) -> None:
    fan_id = cast.ines(db).id
    cast.rule(db)
    link(db, fan_id=fan_id, network="twitch", external_id="tw-ines", actor=ODILE)
    earn(db, [chat(1), chat(2)], source="test")
    held = aside(db, fan_id, 15)
    withdraw(db, [WithdrawnFact(act_key=chat(1).act_key)], source="test")
    assert has(db, fan_id) == (0, 15), "what is set aside is not taken"
    assert release(db, fan_id=fan_id, hold_id=held.hold.id, actor=ODILE).balance == 10


def test_an_open_hold_goes_with_a_fan_who_is_merged_twice_over(db: Database, ines: int) -> None:
    held = aside(db, ines, 50)
    marc, last = cast.marc(db).id, cast.register(db, actor=ODILE, display_name="Inès bis").id
    give(db, marc, 5, key=3)
    taken(db, ines, held, 10)
    for source, target in ((ines, marc), (marc, last)):
        merge_fans(db, source_id=source, target_id=target, kept=Kept(), reason="The same person", actor=ODILE)
    assert has(db, last) == (55, 40)
    taken(db, ines, held, 15)  # whoever set it aside knows the first number
    assert verify(db).holds
    release(db, fan_id=last, hold_id=held.hold.id, actor=ODILE)
    assert (has(db, last), lots(db, last)) == ((80, 0), {FIRST: 10, SECOND: 70})


def test_a_debt_of_who_stays_is_not_paid_with_what_is_set_aside(db: Database, ines: int) -> None:
    marc = cast.marc(db).id
    cast.rule(db)
    link(db, fan_id=marc, network="twitch", external_id="tw-ines", actor=ODILE)
    earn(db, [chat(1)], source="test")
    coffee(db, cost_points=10)
    redeem(db, fan_id=marc, reward_slug="coffee")
    withdraw(db, [WithdrawnFact(act_key=chat(1).act_key)], source="test")
    aside(db, ines, 30)  # all that expires first
    merge_fans(db, source_id=ines, target_id=marc, kept=Kept(), reason="The same person", actor=ODILE)
    assert (has(db, marc), lots(db, marc)) == ((60, 30), {SECOND: 60})


def test_an_erased_fan_has_holds_of_nobody_that_end_with_time(db: Database, ines: int) -> None:
    held = aside(db, ines, 50, days=1)
    erase_fan(db, fan_id=ines, actor=ODILE)
    assert rows(db, "SELECT purpose FROM hold") == [(None,)]
    with pytest.raises(NotFound):
        taken(db, ines, held, 1)
    with on(2):
        assert release_holds(db) == 1


def test_a_hold_is_its_fans_alone_and_ends_within_ninety_days(db: Database, ines: int) -> None:
    held = aside(db, ines, 1)
    with pytest.raises(NotFound):
        taken(db, cast.marc(db).id, held)
    for days in (0, -1, LONGEST.days + 1):
        with pytest.raises(Invalid):
            aside(db, ines, 1, days=days)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("UPDATE hold SET captured = captured + 1, released = released - 1 WHERE closed_at IS NOT NULL", "hold "),
        ("UPDATE hold SET amount = amount + 1, captured = captured + 1 WHERE closed_at IS NOT NULL", "hold "),
        ("UPDATE holder SET held = held + 1", "holder "),
        ("DELETE FROM hold", "set aside for a hold that is not on record"),
        ("UPDATE hold SET entry_id = 7", "drawn from the lots of its holder"),
    ],
)
def test_verify_names_a_hold_that_is_not_what_was_posted(db: Database, ines: int, change: str, where: str) -> None:
    open_one, closed = aside(db, ines, 20), aside(db, ines, 10)
    taken(db, ines, open_one, 5)
    taken(db, ines, closed, 4, final=True)

    def tamper(session: Session) -> None:
        session.execute(text(change))
        found = list(breaches(session))
        session.rollback()
        assert any(where in f"{each.where} {each.what}" for each in found)

    assert verify(db).holds
    db.read(tamper)
