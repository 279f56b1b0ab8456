"""The page of proofs says what was proved, sealed and backed up, and how to check it without us."""

import json

import pytest

from loyalty.flows.backup import back_up
from loyalty.flows.earn import earn
from loyalty.flows.seal import seal_entries
from loyalty.flows.verify import verify_and_keep
from loyalty.ledger.checkpoint import Published, SigningKey
from tests import cast
from tests.cast import chat
from tests.postgres import programs

KEY = SigningKey("for the tests, and nothing but the tests")


def test_before_anything_was_done_it_says_so(odile_at):
    page = odile_at.get("/admin/trust").text
    for said in ("Never proved yet", "Nothing sealed yet", "None made yet"):
        assert said in page


def test_it_says_what_was_done_and_hands_out_what_it_takes_to_check(db, odile_at, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{programs()}:/usr/bin:/bin")
    cast.rule(db)
    earn(db, [chat(number) for number in range(3)], source="test")
    seal_entries(db, KEY)
    verify_and_keep(db)
    done = back_up(db, tmp_path / "monday.backup")
    earn(db, [chat(9)], source="test")
    page = odile_at.get("/admin/trust").text
    assert "They hold" in page
    assert KEY.public in page
    assert done.sha256 in page
    assert "monday.backup" in page
    lines = odile_at.get("/admin/trust/checkpoints.jsonl").text.splitlines()
    (published,) = [Published(**json.loads(line)) for line in lines]
    assert published.is_genuine
    assert published.hash in page


def test_books_that_do_not_hold_are_said_in_red(db, odile_at):
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO holder (id, bucket, balance, held, status, debt, created_at)"
            f" VALUES (7, 1, 5, 0, 0, 0, {0 if db.is_sqlite else 'now()'})"
        )
    verify_and_keep(db)
    page = odile_at.get("/admin/trust").text
    assert "They do not hold" in page
    assert "holder 7" in page


@pytest.mark.parametrize("role", ["support", "reader"])
def test_who_may_see_the_overview_may_see_the_proofs(staff_at, role):
    assert staff_at(role).get("/admin/trust").status_code == 200
