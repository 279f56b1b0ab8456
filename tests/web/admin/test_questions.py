"""Staff answer what fans ask, and make it good with points in one go."""

import re

import pytest

from loyalty.fans import disputes
from loyalty.flows.contest import contest
from loyalty.flows.earn import earn
from loyalty.flows.link import link
from tests import cast
from tests.cast import ODILE, chat
from tests.makers.proof import adds_up
from tests.makers.rewards import balance


@pytest.fixture
def asked(app, db):
    """What Inès, who reads French, asks about her chat message."""
    cast.rule(db)
    fan = cast.ines(db)
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    (outcome,) = earn(db, [chat(1)], source="hook")
    return contest(db, fan_id=fan.id, about="activity", about_id=outcome.activity_id, text="Pourquoi <10> ?")


def form(browser, path, **said):
    nonce = re.search(r'name="nonce" value="(\d+)"', browser.get(path).text)[1]
    return {"phrase": "", "answer": "", "amount": "", "nonce": nonce, **said}


def test_questions_wait_with_their_line_and_its_why(odile_at, asked):
    page = odile_at.get("/admin/questions").text
    assert "Pourquoi &lt;10&gt; ?" in page and "You earn 10 points." in page and "Inès" in page
    one = odile_at.get(f"/admin/questions/{asked.id}").text
    assert "Pourquoi &lt;10&gt; ?" in one and "You earn 10 points." in one


def test_an_answer_begins_with_a_phrase_in_the_fans_language(odile_at, db, asked):
    path = f"/admin/questions/{asked.id}"
    assert odile_at.submit(path, **form(odile_at, path, phrase="late", answer="Désolée !")).status_code == 303
    kept = db.read(lambda session: disputes.get(session, asked.id))
    assert kept.answer.startswith("Elle est arrivée après la fin") and kept.answer.endswith("\n\nDésolée !")
    assert kept.answered_by == "staff:odile@lumiere.example"
    assert "No question waits." in odile_at.get("/admin/questions").text
    assert "Pourquoi" in odile_at.get("/admin/questions?show=answered").text


def test_points_are_given_with_the_answer_once(odile_at, db, asked):
    path = f"/admin/questions/{asked.id}"
    said = form(odile_at, path, answer="Vous avez raison.", amount="5")
    assert odile_at.submit(path, **said).status_code == 303
    again = odile_at.submit(path, on="/admin/account", **said)
    assert again.status_code == 409 and "has its answer already" in again.text
    assert balance(db, asked.fan_id) == 15
    assert adds_up(db)


@pytest.mark.parametrize("wrong", [{}, {"answer": "x" * 2001}, {"phrase": "rude"}, {"amount": "-1", "answer": "y"}])
def test_an_answer_that_cannot_be_is_said_by_field_and_kept(odile_at, db, asked, wrong):
    path = f"/admin/questions/{asked.id}"
    answer = odile_at.submit(path, **form(odile_at, path, **wrong))
    assert answer.status_code == 422
    assert db.read(lambda session: disputes.get(session, asked.id)).answer is None


def test_who_may_only_read_cannot_answer(staff_at, asked):
    page = staff_at("editor").get(f"/admin/questions/{asked.id}")
    assert page.status_code == 200 and "Send the answer" not in page.text
