"""What came in, in the admin: found by what one looks for, explained to the last rule, withdrawn with a reason."""

from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.activities import search
from loyalty.flows.earn import earn
from loyalty.flows.link import link
from loyalty.staff import audit
from tests.cast import MORNING, ODILE, chat, ines, rule
from tests.makers.proof import adds_up


@pytest.fixture
def came(app, db):
    """Two chats of Ines, the second too soon after the first, and one act no rule is about; by number."""
    rule(db, limits={"cooldown_seconds": 600})
    facts = [
        chat(1, minutes=-9),
        chat(2, minutes=-8),
        chat(3, minutes=-7, actor="md-marc", network="mastodon", kind="comment", show="la-matinale"),
    ]
    outcomes = earn(db, facts, source="test")
    fan = ines(db)
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    return [each.activity_id for each in outcomes]


def listed(browser, query=""):
    page = browser.get(f"/admin/activities{query}")
    assert page.status_code == 200
    return page.text


def shown(text, came):
    return [number for number, activity_id in enumerate(came, 1) if f"/admin/activities/{activity_id}" in text]


def test_the_latest_stands_first_with_its_outcome_and_why(came, odile_at):
    text = listed(odile_at)
    places = [text.index(f"/admin/activities/{activity_id}") for activity_id in reversed(came)]
    assert places == sorted(places)
    for said in ("Counted", "Did not count", "You earn 10 points.", "cooling_down", "No rule is about this activity."):
        assert said in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?network=mastodon", [3]),
        ("?kind=live_chat", [1, 2]),
        ("?outcome=refused", [2, 3]),
        ("?reason=cooling_down", [2]),
        ("?show=la-matinale", [3]),
        ("?fan=tw-ines", [1, 2]),
        ("?fan=In%C3%A8s", [1, 2]),
        ("?fan=nobody", []),
        ("?day=2026-11-23", [1, 2, 3]),
        ("?day=2026-11-22", []),
        ("?network=twitch&outcome=awarded", [1]),
        ("?outcome=purple&day=yesterday&before=x", [1, 2, 3]),
    ],
)
def test_it_is_found_by_what_one_looks_for(came, odile_at, query, found):
    assert shown(listed(odile_at, query), came) == found


def test_a_search_looks_through_a_part_at_a_time_and_says_where_to_look_on(came, odile_at, monkeypatch):
    monkeypatch.setattr(search, "AT_ONCE", 1)
    text = listed(odile_at, "?reason=cooling_down&kind=live_chat")
    assert shown(text, came) == [2]
    text = listed(odile_at, f"?network=mastodon&before={came[2]}")
    assert "Look further back" in text and f"before={came[0]}" in text


def test_its_page_says_what_each_rule_said_and_what_it_moved(came, odile_at):
    text = odile_at.get(f"/admin/activities/{came[0]}").text
    assert "revision 1" in text and "You earn 10 points." in text
    assert "<td>the station</td><td>the fan’s balance</td>" in text
    assert "Nothing." in odile_at.get(f"/admin/activities/{came[1]}").text
    assert odile_at.get("/admin/activities/1").status_code == 404


def test_staff_withdraw_one_with_a_reason_once(came, db, odile_at, staff_at):
    path = f"/admin/activities/{came[0]}"
    assert odile_at.submit(f"{path}/withdraw", on=path, reason=" ").status_code == 422
    assert odile_at.submit(f"{path}/withdraw", on=path, reason="Doublon").status_code == 303
    text = odile_at.get(path).text
    assert "taken back" in text and "Withdraw it" not in text
    (record,) = db.read(lambda session: audit.find(session, limit=1))
    assert (record.action, record.reason, record.before["points"]) == ("activity.withdrawn", "Doublon", 10)
    assert odile_at.submit(f"{path}/withdraw", on=f"/admin/activities/{came[1]}", reason="Encore").status_code == 409
    assert adds_up(db)
    assert "Withdraw it" not in staff_at("editor").get(f"/admin/activities/{came[1]}").text


def test_the_file_has_the_same_filters_and_is_safe_in_a_spreadsheet(came, db, odile_at):
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=1))):
        earn(db, [chat(9, actor="=1+1", minutes=0)], source="test")
        file = odile_at.get("/admin/activities?network=twitch&format=csv")
    lines = file.text.splitlines()
    assert len(lines) == 4 and "mastodon" not in file.text
    assert ";'=1+1;" in lines[1]


def test_nobody_without_leave_to_see_fans_sees_them(came, staff_at):
    assert staff_at("reader").get("/admin/activities").status_code == 403
