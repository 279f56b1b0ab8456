"""A fan gives points to another through the API: once for one key, within what the programme allows."""

import pytest
from sqlmodel import Session

from loyalty.db import Database
from loyalty.programme.tables import Programme
from tests.cast import rule
from tests.web.client import Client, refused
from tests.web.test_activities import MESSAGE
from tests.web.test_fans import INES


@pytest.fixture
def fans(db: Database, odile: Client) -> tuple[str, str]:
    """Ines, with ten points, and Marc."""

    def allow(session: Session) -> None:
        session.get_one(Programme, 1).transfers_allowed = True

    db.write(allow)
    rule(db, earn={"fixed": 30})
    odile.post("/activities", MESSAGE)
    ines, marc = (odile.post("/fans", each).json["id"] for each in (INES, {"display_name": "Marc"}))
    odile.send("PUT", f"/fans/{ines}/identities/twitch/tw-ines")
    return ines, marc


def test_points_are_given_once_for_one_key_and_both_see_the_entry(odile: Client, fans: tuple[str, str]) -> None:
    ines, marc = fans
    first, again = (odile.post(f"/fans/{ines}/transfers", {"to": marc, "amount": 12}, key="g") for _ in range(2))
    assert (first.status_code, again.json) == (201, first.json)
    assert (first.json["sender"], first.json["to"], first.json["balance"]) == (ines, marc, 18)
    for fan, change in ((ines, -12), (marc, 12)):
        entry = odile.get(f"/fans/{fan}/entries").json["items"][0]
        assert (entry["cause"], entry["cause_id"], entry["change"]) == ("transfer", first.json["id"], change)


def test_a_refusal_says_why(db: Database, odile: Client, fans: tuple[str, str]) -> None:
    ines, marc = fans
    path = f"/fans/{ines}/transfers"
    refused(odile.post(path, {"to": marc, "amount": 9}), 422, "transfer_too_small")
    refused(odile.post(path, {"to": marc, "amount": 31}), 409, "not_enough_points")
    assert refused(odile.post(path, {"to": marc, "amount": 501}), 409, "daily_transfer_limit")["left"] == 500
    refused(odile.post(path, {"to": ines, "amount": 10}), 409, "cannot_give")
    refused(odile.post(path, {"to": "7", "amount": 10}), 404, "not_found")
    assert "amount" in refused(odile.post(path, {"to": marc, "amount": 0}), 422, "invalid")["errors"]
    assert "to" in refused(odile.post(path, {"to": 7, "amount": 10}), 422, "invalid")["errors"]

    def forbid(session: Session) -> None:
        session.get_one(Programme, 1).transfers_allowed = False

    db.write(forbid)
    refused(odile.post(path, {"to": marc, "amount": 10}), 403, "transfers_not_allowed")


def test_a_key_that_may_only_look_gives_nothing(client_with, fans: tuple[str, str]) -> None:
    reader = client_with("redemptions:read")
    refused(reader.post(f"/fans/{fans[0]}/transfers", {"to": fans[1], "amount": 10}), 403, "missing_scope")
