"""A network account is given up: its past stays, its future is its own, and nothing is earned twice."""

from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.db import Database
from loyalty.errors import NotFound
from loyalty.fans.find import accounts_ever, linked_identities
from loyalty.fans.tables import Fan
from loyalty.flows.earn import earn
from loyalty.flows.export import export_fan
from loyalty.flows.link import link
from loyalty.flows.reverse import withdraw
from loyalty.flows.unlink import MOST, WITHIN, TooManyUnlinked, unlink
from loyalty.staff import audit
from tests import cast
from tests.cast import MORNING, ODILE, chat
from tests.makers.proof import adds_up
from tests.makers.rewards import balance

ACCOUNT = {"network": "twitch", "external_id": "tw-ines"}


@pytest.fixture(autouse=True)
def station(db: Database):
    """At most twenty points a day by chatting."""
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=1))):
        cast.open_station(db)
        cast.rule(db, limits={"per_day": {"points": 20}})
        yield
        assert adds_up(db), "also I9: the tallies are those of whoever holds each act"


@pytest.fixture
def ines(db: Database) -> Fan:
    """Her account is linked."""
    fan = cast.ines(db)
    link(db, fan_id=fan.id, **ACCOUNT, actor=ODILE)
    return fan


def sent(db: Database, *numbers: int) -> list[int]:
    return [each.points for each in earn(db, [chat(each, minutes=each) for each in numbers], source="test")]


def test_what_it_did_stays_with_the_fan_and_what_it_does_is_its_own(db: Database, ines: Fan) -> None:
    assert sent(db, 1) == [10]
    unlink(db, fan_id=ines.id, **ACCOUNT, actor=ODILE, reason="She sold it")
    assert sent(db, 2) == [10]
    assert balance(db, ines.id) == 10
    assert db.read(lambda session: linked_identities(session, ines.id)) == []
    (gone,) = db.read(lambda session: accounts_ever(session, ines.id))
    assert (gone.former_external_id, gone.unlinked_at) == ("tw-ines", clock.now())
    (record,) = db.read(lambda session: audit.find(session, limit=1, action="identity.unlinked"))
    assert (record.subject, record.reason) == (f"fan:{ines.id}", "She sold it")
    assert [each["former_external_id"] for each in export_fan(db, ines.id)["networks"]] == ["tw-ines"]


def test_an_act_sent_again_is_never_earned_twice_whoever_links_the_account_later(db: Database, ines: Fan) -> None:
    marc = cast.marc(db)
    assert sent(db, 1) == [10]
    unlink(db, fan_id=ines.id, **ACCOUNT, actor=ODILE)
    assert sent(db, 1) == [10], "the same answer"
    link(db, fan_id=marc.id, **ACCOUNT, actor=ODILE)
    assert sent(db, 1, 2) == [10, 10]
    assert (balance(db, ines.id), balance(db, marc.id)) == (10, 10)
    unlink(db, fan_id=marc.id, **ACCOUNT, actor=ODILE)
    link(db, fan_id=ines.id, **ACCOUNT, actor=ODILE)
    assert sent(db, 1, 2) == [10, 10]
    assert (balance(db, ines.id), balance(db, marc.id)) == (10, 10)


def test_a_withdrawal_takes_from_who_had_the_account_then(db: Database, ines: Fan) -> None:
    marc = cast.marc(db)
    sent(db, 1)
    unlink(db, fan_id=ines.id, **ACCOUNT, actor=ODILE)
    link(db, fan_id=marc.id, **ACCOUNT, actor=ODILE)
    sent(db, 2)
    withdraw(db, [WithdrawnFact(act_key=chat(1, minutes=1).act_key)], source="test")
    assert (balance(db, ines.id), balance(db, marc.id)) == (0, 10)


def test_linked_back_it_counts_under_the_caps_again(db: Database, ines: Fan) -> None:
    assert sent(db, 1) == [10]
    unlink(db, fan_id=ines.id, **ACCOUNT, actor=ODILE)
    assert sent(db, 2) == [10]
    link(db, fan_id=ines.id, **ACCOUNT, actor=ODILE)
    assert sent(db, 3) == [0], "twenty a day, on both sides of it"


def test_a_fan_alone_does_it_a_few_times_a_month(db: Database, ines: Fan) -> None:
    for _ in range(MOST):
        unlink(db, fan_id=ines.id, **ACCOUNT, actor=ODILE, at_will=False)
        link(db, fan_id=ines.id, **ACCOUNT, actor=ODILE)
    with pytest.raises(TooManyUnlinked):
        unlink(db, fan_id=ines.id, **ACCOUNT, actor=ODILE, at_will=False)
    with clock.running_on(clock.stopped_at(clock.now() + WITHIN + timedelta(days=1))):
        unlink(db, fan_id=ines.id, **ACCOUNT, actor=ODILE, at_will=False)


@pytest.mark.parametrize("account", [{"network": "twitch", "external_id": "tw-marc"}, {"network": "station"}])
def test_only_an_account_of_the_fan_can_be_given_up(db: Database, ines: Fan, account: dict[str, str]) -> None:
    link(db, fan_id=cast.marc(db).id, network="twitch", external_id="tw-marc", actor=ODILE)
    with pytest.raises(NotFound):
        unlink(db, fan_id=ines.id, actor=ODILE, **{"external_id": str(ines.id), **account})


def test_again_it_is_no_account_of_theirs(db: Database, ines: Fan) -> None:
    unlink(db, fan_id=ines.id, **ACCOUNT, actor=ODILE)
    with pytest.raises(NotFound):
        unlink(db, fan_id=ines.id, **ACCOUNT, actor=ODILE)
