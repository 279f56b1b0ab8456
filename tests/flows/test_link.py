"""A network account brings its points to its fan."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from loyalty.db import Database
from loyalty.errors import Conflict, NotFound
from loyalty.flows.earn import earn
from loyalty.flows.link import IdentityTaken, NotAnAccount, link, register
from loyalty.ledger.post import lock
from tests.cast import MORNING, ODILE, chat, ines, marc, rule
from tests.makers.moment import station_at


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with station_at(db, MORNING + timedelta(hours=1)):
        yield


def balance(db: Database, holder_id: int) -> int:
    return db.read(lambda session: lock(session, [holder_id])[holder_id].balance)


def test_points_earned_before_linking_become_the_fans(db: Database) -> None:
    rule(db)
    fan = ines(db)
    earn(db, [chat(1), chat(2)], source="hook")
    linked = link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    assert (linked.points_moved, linked.is_new, linked.identity.holder_id) == (20, True, fan.id)
    earn(db, [chat(3)], source="hook")
    assert balance(db, fan.id) == 30


def test_linking_again_changes_nothing(db: Database) -> None:
    rule(db)
    fan = ines(db)
    earn(db, [chat(1)], source="hook")
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    again = link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    assert (again.points_moved, again.is_new) == (0, False)
    assert balance(db, fan.id) == 10


def test_an_account_we_never_met_can_be_linked_first(db: Database) -> None:
    rule(db)
    fan = ines(db)
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    earn(db, [chat(1)], source="hook")
    assert balance(db, fan.id) == 10


def test_another_fans_account_is_refused(db: Database) -> None:
    fan, stranger = ines(db), marc(db)
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    with pytest.raises(IdentityTaken):
        link(db, fan_id=stranger.id, network="twitch", external_id="tw-ines", actor=ODILE)


def test_linking_never_doubles_a_cap(db: Database) -> None:
    rule(db, limits={"per_day": {"points": 15}})
    fan = ines(db)
    earn(db, [chat(1)], source="hook")
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    outcomes = earn(db, [chat(2), chat(3)], source="hook")
    assert [each.points for each in outcomes] == [5, 0]


def test_an_act_on_record_before_linking_is_known_after(db: Database) -> None:
    rule(db)
    fan = ines(db)
    earn(db, [chat(1)], source="hook")
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    assert [each.status for each in earn(db, [chat(1)], source="hook")] == ["duplicate"]


def test_the_stations_own_network_cannot_be_linked(db: Database) -> None:
    with pytest.raises(NotAnAccount):
        link(db, fan_id=ines(db).id, network="station", external_id="1", actor=ODILE)


def test_two_fans_cannot_have_one_reference_or_address(db: Database) -> None:
    ines(db)
    with pytest.raises(Conflict):
        register(db, reference="ines", actor=ODILE)
    with pytest.raises(Conflict):
        register(db, email=" INES@example.org", actor=ODILE)


def test_nobody_cannot_be_linked(db: Database) -> None:
    with pytest.raises(NotFound):
        link(db, fan_id=404, network="twitch", external_id="x", actor=ODILE)
