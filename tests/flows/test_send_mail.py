"""E-mails leave once they are committed; a server that fails gets them again, later and later, and not for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from loyalty import clock
from loyalty.flows.send_mail import latest, send_due
from loyalty.gateways.mail import MailRefused, MailServer
from loyalty.outbox import mail as outbox
from tests.cast import MORNING, open_station


class Server(MailServer):
    """A mail server that notes what it is given, or refuses it."""

    given: list[tuple[str, str]] = []
    broken = False

    @contextmanager
    def connected(self) -> Iterator[Any]:
        if self.broken:
            raise MailRefused("ConnectionRefusedError")
        yield None

    def send(self, server: Any, *, recipient: str, subject: str, text: str, name: str) -> None:
        self.given.append((recipient, text))


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(Server, "given", [])
    return Server("smtp://mail.example", "club@example.org")


@pytest.fixture
def written(db):
    with clock.running_on(clock.stopped_at(MORNING)):
        open_station(db)
        minutes = timedelta(minutes=10)
        for who in ("ines", "marc"):
            db.write(
                lambda session, who=who: outbox.write(
                    session, recipient=f"{who}@example.org", subject="Code", text=f"for {who}", useful_for=minutes
                )
            )
        yield


def test_what_is_due_is_sent_once_and_then_forgotten(db, server, written):
    assert send_due(db, server) == 2
    assert send_due(db, server) == 0
    assert server.given == [("ines@example.org", "for ines"), ("marc@example.org", "for marc")]
    assert {(mail.state, mail.text) for mail in latest(db)} == {("sent", "")}


def test_a_server_that_fails_gets_them_again_later(db, server, written, monkeypatch):
    monkeypatch.setattr(Server, "broken", True)
    assert send_due(db, server) == 0
    assert {(mail.state, mail.attempts, mail.problem) for mail in latest(db)} == {
        ("waiting", 1, "ConnectionRefusedError")
    }
    monkeypatch.setattr(Server, "broken", False)
    assert send_due(db, server) == 0
    with clock.running_on(clock.stopped_at(MORNING + outbox.back_off(1))):
        assert send_due(db, server) == 2


def test_a_code_that_comes_too_late_is_not_sent(db, server, written):
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=10))):
        assert send_due(db, server) == 0
    assert {(mail.state, mail.text) for mail in latest(db)} == {("dead", "")}
