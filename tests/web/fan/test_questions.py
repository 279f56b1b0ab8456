"""From a line of the history to a question, and from there to its answer."""

import re

import pytest

from loyalty.activities.fact import WithdrawnFact
from loyalty.fans import disputes
from loyalty.flows.contest import answer_dispute
from loyalty.flows.earn import earn
from loyalty.flows.link import link
from loyalty.flows.reverse import withdraw
from tests import cast
from tests.cast import chat
from tests.makers.rewards import give_points


@pytest.fixture
def line(ines, ines_at, db):
    """The path of the question about Ines' only act."""
    cast.rule(db)
    link(db, fan_id=ines.id, network="twitch", external_id="tw-ines", actor=cast.ODILE)
    earn(db, [chat(1)], source="test")
    return re.search(r'href="(/history/activity/\d+)"', ines_at.get("/history").text)[1]


def test_a_line_is_asked_about_once_from_wherever_it_stands(line, ines_at, db):
    assert f'href="{line}"' in ines_at.get("/history?show=activities").text
    page = ines_at.get(line).text
    assert "You earn 10 points." in page and 'name="text"' in page
    assert ines_at.submit(line, text=" Why ten? ").location == line
    asked = ines_at.get(line).text
    assert "Why ten?" in asked and 'name="text"' not in asked and "Waiting for an answer" in asked
    assert "Question asked on 23 November, waiting" in ines_at.get("/history").text
    again = ines_at.submit(line, on="/profile", text="And again")
    assert again.status_code == 409


def test_the_answer_stands_under_the_question(line, ines_at, db):
    ines_at.submit(line, text="Why ten?")
    (asked,) = db.read(lambda session: disputes.open_ones(session, limit=9))
    answer_dispute(db, asked.id, answer="<b>Because</b>", actor=cast.ODILE)
    assert "&lt;b&gt;Because&lt;/b&gt;" in ines_at.get(line).text
    assert "Answered on 23 November" in ines_at.get("/history").text


@pytest.mark.parametrize("text", ["", "   ", "x" * 1001, "a\x00b"])
def test_what_cannot_be_a_question_is_said_beside_the_field_and_kept(line, ines_at, db, text):
    response = ines_at.submit(line, text=text)
    assert response.status_code == 422
    assert "1,000 characters at most" in response.text
    if "x" in text:
        assert text in response.text
    assert db.read(lambda session: disputes.open_ones(session, limit=9)) == []


def test_23_a_line_of_another_fan_is_not_there(line, ines, ines_at, db, new_browser):
    give_points(db, ines.id, 5)
    entry = re.search(r'href="(/history/entry/\d+)"', ines_at.get("/history").text)[1]
    cast.marc(db)
    marc = new_browser(address="203.0.113.8")
    marc.sign_in("marc@example.org")
    for path in (line, entry):
        assert ines_at.get(path).status_code == 200
        assert marc.get(path).status_code == 404
        assert marc.submit(path, on="/profile", text="Mine!").status_code == 404
    assert db.read(lambda session: disputes.open_ones(session, limit=9)) == []


def test_a_reversal_leads_to_what_it_takes_back(line, ines_at, db):
    withdraw(db, [WithdrawnFact(act_key=chat(1).act_key)], source="test")
    history = ines_at.get("/history?show=spent").text
    taken_back = re.search(r'href="(/history/entry/\d+)">What it takes back', history)[1]
    assert "Live chat message" in ines_at.get(taken_back).text
