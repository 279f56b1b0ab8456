"""A code, a question and a warning at once from everywhere: each counts once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from loyalty import clock
from loyalty.db import Database
from loyalty.fans.find import linked_identities
from loyalty.flows.contest import contest
from loyalty.flows.earn import earn
from loyalty.flows.forget_inactive import NOTICE, forget_inactive
from loyalty.flows.link import link, register
from loyalty.flows.link_code import listen, show_link_code
from loyalty.flows.send_mail import latest
from loyalty.flows.unlink import unlink
from tests.cast import MORNING, ODILE, chat, ines, rule
from tests.makers.moment import station_at
from tests.makers.rewards import balance
from tests.makers.station import rows
from tests.races.crowd import answers, at_once, refusals

YEARS_LATER = datetime(2029, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with station_at(db, MORNING + timedelta(hours=1)):
        rule(db)
        yield


def test_a_code_typed_from_everywhere_links_one_account(db: Database) -> None:
    fan = ines(db)
    code = show_link_code(db, fan.id).code

    def type_it(number: int) -> None:
        said = chat(number, actor=f"tw-{number}", happened_at=clock.now(), text=code)
        earn(db, [said], source="test")
        listen(db, [said])

    assert refusals(at_once([partial(type_it, number) for number in range(16)])) == []
    assert len(db.read(lambda session: linked_identities(session, fan.id))) == 1
    assert balance(db, fan.id) == 10


def test_an_account_given_up_while_it_acts_and_is_linked_pays_every_act_once(db: Database) -> None:
    fan = ines(db)
    account = {"network": "twitch", "external_id": "tw-ines"}
    link(db, fan_id=fan.id, **account, actor=ODILE)

    def act(number: int) -> None:
        earn(db, [chat(number)], source="test")

    def give_up() -> None:
        unlink(db, fan_id=fan.id, **account, actor=ODILE)

    came = at_once([*(partial(act, number) for number in (*range(12), *range(12))), give_up, give_up])
    assert refusals(came) == ["NotFound"]
    link(db, fan_id=fan.id, **account, actor=ODILE)
    assert balance(db, fan.id) == 120


def test_a_line_is_asked_about_once_however_often_the_form_is_sent(db: Database) -> None:
    fan = ines(db)
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    (act,) = earn(db, [chat(1)], source="test")
    ask = partial(contest, db, fan_id=fan.id, about="activity", about_id=act.activity_id or 0, text="Pourquoi ?")
    came = at_once([ask] * 8)
    assert len(answers(came)) == 1
    assert set(refusals(came)) == {"AlreadyContested"}
    assert rows(db, "SELECT count(*) FROM dispute") == [(1,)]


def test_two_workers_warn_and_forget_everybody_once(db: Database) -> None:
    for number in range(12):
        register(db, email=f"fan{number}@example.org", actor=ODILE)
    with clock.running_on(clock.stopped_at(YEARS_LATER)):
        at_once([partial(forget_inactive, db)] * 4)
        assert len(latest(db)) == 12
    with clock.running_on(clock.stopped_at(YEARS_LATER + NOTICE)):
        at_once([partial(forget_inactive, db)] * 4)
    assert rows(db, "SELECT count(*) FROM fan WHERE erased_at IS NULL") == [(0,)]
    assert rows(db, "SELECT count(*) FROM audit_record WHERE action = 'fan.erased'") == [(12,)]
