"""The code typed in the chat counts for the fan whose account it is, once, wherever it is typed first."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.activities.fact import ActivityFact
from loyalty.animations.refusals import AlreadyAnswered
from loyalty.connector import Message
from loyalty.db import Database, Joined
from loyalty.flows.answer import answer
from loyalty.flows.deliver import deliver_due
from loyalty.flows.earn import earn
from loyalty.flows.hear import hear
from loyalty.flows.link import link
from loyalty.flows.manage_sources import add_source
from loyalty.flows.receive import receive
from loyalty.intake.find import find_deliveries
from loyalty.intake.seal import Sealer
from tests.cast import ODILE, chat, ines, open_station
from tests.makers.animations import AIR, CODE, again, open_code, pay_codes, states
from tests.makers.proof import adds_up
from tests.makers.rewards import balance
from tests.samples.webhook.sender import sender, sign


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with clock.running_on(clock.stopped_at(AIR + timedelta(minutes=20))):
        open_station(db)
        pay_codes(db)
        yield
        assert adds_up(db)


@pytest.fixture
def fan_id(db: Database) -> int:
    """Ines, whose Twitch account is linked."""
    fan = ines(db)
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    return fan.id


def said(text: str, *, number: int = 1, minutes: float = 1, actor: str = "tw-ines") -> ActivityFact:
    return chat(number, actor=actor, happened_at=AIR + timedelta(minutes=minutes), text=text)


def written(db: Database, *facts: ActivityFact) -> int:
    """Work these as a delivery does; returns how many answers were among them."""

    def steps(session: object) -> int:
        heard = hear(session, facts)  # type: ignore[arg-type]
        outcomes = earn(Joined(session), [*facts, *heard.facts], source="hook:twitch/main")  # type: ignore[arg-type]
        heard.note(outcomes[len(facts) :])
        return len(heard.facts)

    return db.write(steps)


def test_the_code_in_the_chat_earns_as_of_when_it_was_written(db: Database, fan_id: int) -> None:
    open_code(db)
    assert written(db, said("bonjour"), said("TOURNESOL 47 !", number=2, minutes=5), said("tournesol47", number=3)) == 1
    assert balance(db, fan_id) == 92
    assert states(db) == {"recorded": 1}
    with pytest.raises(AlreadyAnswered):
        answer(db, "matinale", fan_id=fan_id, said=CODE)
    assert written(db, said("tournesol47", number=4)) == 0


def test_on_the_page_first_it_does_not_count_in_the_chat(db: Database, fan_id: int) -> None:
    open_code(db)
    answer(db, "matinale", fan_id=fan_id, said=CODE)
    assert written(db, said("tournesol47")) == 0
    assert balance(db, fan_id) == 20


def test_a_wrong_word_in_the_chat_is_a_message_and_no_attempt(db: Database, fan_id: int) -> None:
    open_code(db)
    assert written(db, *(said("jonquille 12", number=number) for number in range(9))) == 0
    assert states(db) == {}
    assert written(db, said("tournesol47", number=10)) == 1


def test_an_account_nobody_linked_has_no_part(db: Database) -> None:
    open_code(db)
    assert written(db, said("tournesol47", actor="tw-stranger")) == 0
    assert states(db) == {}


def test_outside_its_time_it_is_a_message(db: Database, fan_id: int) -> None:
    open_code(db, minutes=10)
    assert written(db, said("tournesol47", minutes=10)) == 0
    assert states(db) == {}


def test_written_before_air_it_waits_for_a_person_and_may_raise_the_alarm(db: Database, fan_id: int) -> None:
    open_code(db, settings={"early_most": 0})
    assert written(db, said("tournesol47", minutes=-1)) == 0
    assert states(db) == {"in_review": 1}
    assert again(db).frozen_at is not None
    assert balance(db, fan_id) == 0


def test_it_comes_in_through_a_delivery_which_says_what_became_of_the_message_alone(db: Database, fan_id: int) -> None:
    open_code(db)
    sealer = Sealer("a secret key of at least thirty-two characters")
    add_source(db, sealer, connector="webhook", slug="chat", secret=sender.secrets[0], actor=ODILE)
    message = {"network": "twitch", "actor": "tw-ines", "kind": "live_chat", "object": "channel", "id": "1"}
    spoken = {"text": "tournesol 47", "happened_at": (AIR + timedelta(minutes=2)).isoformat()}
    body = json.dumps({"activities": [message | spoken]}).encode()
    headers = sign(body, secret=sender.secrets[0], at=clock.now(), identifier="m-1")
    receive(db, sealer, "webhook", "chat", Message(headers=headers, body=body, received_at=clock.now()))
    assert deliver_due(db) == 1
    assert balance(db, fan_id) == 84
    (kept,) = db.read(lambda session: find_deliveries(session, limit=9))
    assert [each["kind"] for each in kept.outcomes or []] == ["live_chat"]
