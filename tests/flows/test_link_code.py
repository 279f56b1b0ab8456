"""A code shown to a fan and typed from a network account links the two; the numbers of points follow."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.activities.fact import OWN_NETWORK
from loyalty.connector import ANYWHERE, Message
from loyalty.db import Database
from loyalty.fans import link_codes
from loyalty.fans.find import linked_identities
from loyalty.flows import link_code
from loyalty.flows.deliver import deliver_due
from loyalty.flows.earn import earn
from loyalty.flows.link import link
from loyalty.flows.link_code import (
    LINKED,
    OVER,
    TAKEN,
    WAITING,
    ShownCode,
    TooManyCodes,
    listen,
    show_link_code,
    what_became,
)
from loyalty.flows.manage_sources import add_source
from loyalty.flows.receive import receive
from loyalty.intake.seal import Sealer
from tests.cast import MORNING, ODILE, chat, ines, marc, rule
from tests.makers.moment import station_at
from tests.makers.rewards import balance
from tests.makers.station import rows
from tests.samples.contract import NOW
from tests.samples.twitch.sender import sender, sign

SEALER = Sealer("a secret key of at least thirty-two characters")


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with station_at(db, MORNING):
        rule(db)
        yield


@pytest.fixture
def fan_id(db: Database) -> int:
    return ines(db).id


@pytest.fixture
def shown(db: Database, fan_id: int) -> ShownCode:
    return show_link_code(db, fan_id)


def state(db: Database, shown: ShownCode, fan_id: int) -> str:
    return db.read(lambda session: what_became(session, shown.id, fan_id=fan_id)).state


def say(db: Database, text: str, *, number: int = 1, actor: str = "tw-ines", **facts: object) -> None:
    said = chat(number, actor=actor, text=text, **facts)
    earn(db, [said], source="test")
    listen(db, [said])


def send(db: Database, sample: str, text: str, *, identifier: str = "m-1") -> None:
    """What Twitch would send, signed, with this text."""
    document = json.loads(sender.body(sample))
    if sample == "chat_message":
        document["event"]["message"]["text"] = text
    else:
        document["event"]["user_input"] = text
    body = json.dumps(document).encode()
    headers = sign(body, secret=sender.secrets[0], at=clock.now(), identifier=identifier)
    receive(db, SEALER, "twitch", "main", Message(headers=headers, body=body, received_at=clock.now()))
    deliver_due(db)


@pytest.mark.parametrize(("sample", "says"), [("chat_message", "!lier {} merci"), ("redemption", "{}")])
def test_a_signed_message_of_twitch_links_the_account_and_brings_its_points(
    db: Database, fan_id: int, sample: str, says: str
) -> None:
    with clock.running_on(clock.stopped_at(NOW)):
        add_source(db, SEALER, connector="twitch", slug="main", secret=sender.secrets[0], actor=ODILE)
        earn(db, [chat(99, actor="4145994", actor_name="Inès_A", happened_at=NOW)], source="test")
        shown = show_link_code(db, fan_id)
        if sample == "redemption":  # it was redeemed three minutes before the message about it
            assert state(db, shown, fan_id) == WAITING
        send(db, sample, says.format(shown.code.lower()))
        assert state(db, shown, fan_id) == LINKED
    (account,) = db.read(lambda session: linked_identities(session, fan_id))
    assert (account.network, account.external_id, account.name) == ("twitch", "4145994", "Inès_A")
    assert balance(db, fan_id) == (20 if sample == "chat_message" else 10)
    assert rows(db, "SELECT actor FROM audit_record WHERE action = 'identity.linked'") == [(f"fan:{fan_id}",)]


def test_what_was_typed_is_kept_nowhere(db: Database, fan_id: int, shown: ShownCode) -> None:
    say(db, f"!lier {shown.code}")
    kept = json.dumps(rows(db, "SELECT * FROM link_code") + rows(db, "SELECT * FROM activity"), default=str)
    assert shown.code not in kept and shown.code.replace("-", "") not in kept


@pytest.mark.parametrize("spelling", ["{a}-{b}", "{a}{b}", "{a} {b}", "!lier {a}-{b}.", "tape {a} {b}", "({a}{b})"])
def test_a_code_is_heard_however_it_is_typed(db: Database, fan_id: int, shown: ShownCode, spelling: str) -> None:
    first, last = shown.code.split("-")
    say(db, spelling.format(a=first.lower(), b=last))
    assert state(db, shown, fan_id) == LINKED


@pytest.mark.parametrize("around", ["X{}", "{}7"])
def test_a_code_within_another_word_is_none(db: Database, fan_id: int, shown: ShownCode, around: str) -> None:
    say(db, around.format(shown.code.replace("-", "")))
    assert state(db, shown, fan_id) == WAITING


def test_a_code_is_used_once(db: Database, fan_id: int, shown: ShownCode) -> None:
    say(db, shown.code)
    say(db, shown.code, number=2, actor="tw-somebody")
    assert [each.external_id for each in db.read(lambda session: linked_identities(session, fan_id))] == ["tw-ines"]
    assert balance(db, fan_id) == 10


def test_of_two_who_type_it_at_once_the_first_is_linked(db: Database, fan_id: int, shown: ShownCode) -> None:
    both = [chat(2, actor="tw-late", minutes=-1, text=shown.code), chat(1, minutes=-2, text=shown.code)]
    earn(db, both, source="test")
    listen(db, both)
    assert [each.external_id for each in db.read(lambda session: linked_identities(session, fan_id))] == ["tw-ines"]


def test_an_account_of_another_fan_stays_where_it_is_and_the_fan_is_told(
    db: Database, fan_id: int, shown: ShownCode
) -> None:
    link(db, fan_id=marc(db).id, network="twitch", external_id="tw-marc", actor=ODILE)
    say(db, shown.code, actor="tw-marc")
    assert state(db, shown, fan_id) == TAKEN
    assert db.read(lambda session: linked_identities(session, fan_id)) == []


def test_an_account_that_is_theirs_already_is_said_to_be(db: Database, fan_id: int, shown: ShownCode) -> None:
    link(db, fan_id=fan_id, network="twitch", external_id="tw-ines", actor=ODILE)
    say(db, shown.code)
    assert state(db, shown, fan_id) == LINKED


def test_after_a_quarter_of_an_hour_it_is_over(db: Database, fan_id: int, shown: ShownCode) -> None:
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=15))):
        say(db, shown.code, minutes=15)
        assert state(db, shown, fan_id) == OVER
    assert db.read(lambda session: linked_identities(session, fan_id)) == []


def test_a_message_written_in_time_and_worked_late_still_links(db: Database, fan_id: int, shown: ShownCode) -> None:
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=2))):
        say(db, shown.code, minutes=14)
        assert state(db, shown, fan_id) == LINKED


def test_another_code_ends_the_one_before(db: Database, fan_id: int, shown: ShownCode) -> None:
    again = show_link_code(db, fan_id)
    say(db, shown.code)
    assert (state(db, shown, fan_id), state(db, again, fan_id)) == (OVER, WAITING)


def test_nobody_learns_of_the_code_of_another_fan(db: Database, shown: ShownCode) -> None:
    assert state(db, shown, marc(db).id) == OVER


def test_a_fan_is_shown_ten_codes_an_hour(db: Database, fan_id: int) -> None:
    for _ in range(10):
        show_link_code(db, fan_id)
    with pytest.raises(TooManyCodes):
        show_link_code(db, fan_id)


def test_words_are_not_looked_up_and_codes_look_like_nothing_else() -> None:
    assert link_codes.spoken_in("Allez les Bleus, MERVEILLE-QUELCHAT, match !") == []
    assert len(link_codes.spoken_in("ABCD-EF2H " * 100)) == 8
    assert not set(link_codes._ALPHABET) & set("IL1O0")


def test_a_link_that_was_interrupted_is_made_by_the_next_run(
    db: Database, fan_id: int, shown: ShownCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_code, "link_heard", lambda db: 0)
    say(db, shown.code)
    assert state(db, shown, fan_id) == WAITING
    monkeypatch.undo()
    assert [link_code.link_heard(db) for _ in range(2)] == [1, 0]
    assert state(db, shown, fan_id) == LINKED


def test_on_the_stations_own_pages_a_code_is_text(db: Database, fan_id: int, shown: ShownCode) -> None:
    say(db, shown.code, network=OWN_NETWORK, actor=str(fan_id))
    assert state(db, shown, fan_id) == WAITING


def test_only_networks_that_are_listened_to_are_offered(db: Database) -> None:
    def offered() -> list[str]:
        return list(db.read(link_code.ways_to_link))

    assert offered() == []
    add_source(db, SEALER, connector="stripe", slug="shop", secret="whsec_" + "a" * 32, actor=ODILE)
    assert offered() == []
    add_source(db, SEALER, connector="webhook", slug="chat", options={"networks": ["discord"]}, actor=ODILE)
    assert offered() == ["discord"]
    add_source(db, SEALER, connector="twitch", slug="main", secret=sender.secrets[0], actor=ODILE)
    add_source(db, SEALER, connector="webhook", slug="any", actor=ODILE)
    assert offered() == ["discord", "twitch", ANYWHERE]


def test_old_codes_are_forgotten(db: Database, shown: ShownCode) -> None:
    assert link_code.forget_link_codes(db) == 0
    with clock.running_on(clock.stopped_at(MORNING + timedelta(days=1, seconds=1))):
        assert link_code.forget_link_codes(db) == 1
