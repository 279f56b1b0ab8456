"""A fan asks about a line, once; a person answers, and the answer is e-mailed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.db import Database
from loyalty.errors import NotFound
from loyalty.fans import disputes
from loyalty.fans.disputes import AlreadyAnsweredDispute, AlreadyContested, TooManyOpen
from loyalty.fans.tables import Dispute
from loyalty.flows.contest import TooManyQuestions, answer_dispute, contest
from loyalty.flows.earn import earn
from loyalty.flows.link import link
from loyalty.flows.send_mail import latest
from loyalty.ledger import find as ledger
from tests.cast import MORNING, ODILE, chat, ines, marc, open_station, rule
from tests.makers.rewards import give_points
from tests.makers.station import rows


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with clock.running_on(clock.stopped_at(MORNING)):
        open_station(db)
        rule(db)
        yield


@pytest.fixture
def fan_id(db: Database) -> int:
    fan = ines(db)
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    return fan.id


def acts(db: Database, count: int = 1, *, actor: str = "tw-ines", start: int = 1) -> list[int]:
    done = earn(db, [chat(start + each, actor=actor) for each in range(count)], source="test")
    return [each.activity_id or 0 for each in done]


def ask(db: Database, fan_id: int, about_id: int, about: str = "activity") -> Dispute:
    return contest(db, fan_id=fan_id, about=about, about_id=about_id, text="Et mes points ?")


def open_ones(db: Database) -> list[Dispute]:
    return db.read(lambda session: disputes.open_ones(session, limit=99))


def test_a_question_is_kept_once_and_waits(db: Database, fan_id: int) -> None:
    (act,) = acts(db)
    ask(db, fan_id, act)
    with pytest.raises(AlreadyContested):
        ask(db, fan_id, act)
    assert [(each.about_id, each.text, each.asked_at) for each in open_ones(db)] == [(act, "Et mes points ?", MORNING)]


def test_its_answer_is_mailed_audited_and_given_once(db: Database, fan_id: int) -> None:
    asked = ask(db, fan_id, acts(db)[0])
    answer_dispute(db, asked.id, answer="Bien vu.", actor=ODILE)
    with pytest.raises(AlreadyAnsweredDispute):
        answer_dispute(db, asked.id, answer="Non.", actor=ODILE)
    assert open_ones(db) == []
    (mail,) = latest(db)
    assert mail.recipient == "ines@example.org"
    assert "Et mes points ?" in mail.text and "Bien vu." in mail.text and "23 novembre 2026" in mail.text
    ((actor, after),) = rows(db, "SELECT actor, after FROM audit_record WHERE action = 'dispute.answered'")
    assert actor == ODILE and "Bien vu" not in str(after)


def test_an_answer_to_nothing_is_refused(db: Database) -> None:
    with pytest.raises(NotFound):
        answer_dispute(db, 7, answer="Bien vu.", actor=ODILE)


def test_an_entry_without_an_activity_can_be_asked_about(db: Database, fan_id: int) -> None:
    give_points(db, fan_id, 5)
    (line,) = db.read(lambda session: ledger.lines(session, fan_id, limit=9))
    assert ask(db, fan_id, line.id, "entry").about == "entry"


def test_what_is_not_ones_own_is_not_there(db: Database, fan_id: int) -> None:
    give_points(db, fan_id, 5)
    (line,) = db.read(lambda session: ledger.lines(session, fan_id, limit=9))
    other = marc(db).id
    for fan, about, about_id in (
        (fan_id, "activity", acts(db, actor="tw-marc")[0]),
        (other, "activity", acts(db, start=50)[0]),
        (other, "entry", line.id),
        (fan_id, "entry", line.id + 1),
        (fan_id, "activity", 7),
    ):
        with pytest.raises(NotFound):
            ask(db, fan, about_id, about)


def test_what_an_account_did_before_it_was_linked_can_be_asked_about(db: Database, fan_id: int) -> None:
    (act,) = acts(db, actor="tw-second")
    link(db, fan_id=fan_id, network="twitch", external_id="tw-second", actor=ODILE)
    assert ask(db, fan_id, act).about_id == act


def test_five_wait_at_most_and_five_a_day(db: Database, fan_id: int) -> None:
    seven = acts(db, 7)
    for act in seven[:5]:
        ask(db, fan_id, act)
    with pytest.raises(TooManyQuestions):
        ask(db, fan_id, seven[5])
    with clock.running_on(clock.stopped_at(MORNING + timedelta(days=1))):
        with pytest.raises(TooManyOpen):
            ask(db, fan_id, seven[5])
        answer_dispute(db, open_ones(db)[0].id, answer="Bien vu.", actor=ODILE)
        ask(db, fan_id, seven[5])
    assert len(open_ones(db)) == 5
