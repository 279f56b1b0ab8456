"""Rules in the admin: listed in sentences, written in a form that no condition is named in, reviewed, published."""

import json
import re
from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.flows.draft_rules import save_draft
from loyalty.flows.earn import earn
from loyalty.flows.manage_rules import apply_rule, list_rules, show_rule
from loyalty.rules import drafts
from loyalty.staff import audit
from tests.cast import LONG_AGO, MORNING, ODILE, chat
from tests.web.admin.rule_forms import carried, carried_by, send, write, written


@pytest.fixture
def chat_rule(app, db):
    """Ten points a message on Twitch, since long ago."""
    apply_rule(db, slug="chat", body=written(), actor=ODILE, in_force_from=LONG_AGO)


def test_the_list_says_each_rule_in_a_sentence_and_what_it_gave_in_a_week(db, staff_at, chat_rule):
    apply_rule(db, slug="bonus", body=written(5, limits={"budget_points": 20}), actor=ODILE, in_force_from=LONG_AGO)
    earn(db, [chat(1), chat(2, actor="tw-marc")], source="api")
    page = staff_at("reader").get("/admin/rules").text
    assert "You earn 10 points when you write in the live chat on Twitch." in page
    assert re.search(r"<strong>20.points</strong>.*2 fans.*2 awards", page, re.DOTALL)
    assert 'value="50" aria-label="Budget left"' in page and "10 of 20" in page
    assert "Says when just as bonus" in page and "Says when just as chat" in page
    assert "Edit" not in page.split("<tbody>")[1], "a reader changes nothing"


def test_the_list_is_filtered_by_its_address_and_is_a_file_too(db, staff_at, chat_rule):
    over = {"to": (MORNING - timedelta(days=1)).isoformat()}
    apply_rule(db, slug="old", body={**written(), **over, "name": {"fr": "=1+1", "en": "=1+1"}}, actor=ODILE,
               in_force_from=LONG_AGO)  # fmt: skip
    apply_rule(db, slug="rank", body=written(enabled=False, **{"class": "status_only"}), actor=ODILE)
    browser = staff_at("manager")
    for query, expected in {
        "state=ended": {"old"},
        "state=paused": {"rank"},
        "state=in_force": {"chat"},
        "class=status_only": {"rank"},
        "network=twitch&state=in_force": {"chat"},
        "network=youtube": set(),
        "q=status+chat": {"rank"},
        "q=nothing": set(),
        "state=draft": set(),
    }.items():
        page = browser.get(f"/admin/rules?{query}").text
        assert set(re.findall(r'<tr id="rule-([^"]+)"', page)) == expected, query
    assert "can no longer count" in browser.get("/admin/rules?state=ended").text
    file = browser.get("/admin/rules?format=csv&state=ended").text
    assert file.count("\r\n") == 2 and ";'=1+1;ended;" in file


def test_a_rule_is_paused_and_resumed_in_one_gesture_and_either_is_undone(db, staff_at, chat_rule):
    browser = staff_at("manager")
    assert browser.submit("/admin/rules/chat/pause", on="/admin/rules", revision="1").status_code == 303
    assert show_rule(db, "chat").latest.body["enabled"] is False
    assert earn(db, [chat(1)], source="api")[0].points == 0
    page = browser.get("/admin/rules").text
    assert "/admin/rules/chat/undo" in page and "Resume" in page
    assert browser.submit("/admin/rules/chat/undo", on="/admin/rules", revision="2").status_code == 303
    assert show_rule(db, "chat").latest.body["enabled"] is True
    browser.submit("/admin/rules/chat/pause", on="/admin/rules", revision="3", reason="Match annulé")
    browser.submit("/admin/rules/chat/resume", on="/admin/rules", revision="4")
    rule = show_rule(db, "chat")
    assert [each.reason for each in rule.revisions[1:]] == [
        "Paused from the list", "Revision 2 undone", "Match annulé", "Resumed from the list",
    ]  # fmt: skip
    stale = browser.submit("/admin/rules/chat/pause", on="/admin/rules", revision="2")
    assert stale.status_code == 409 and "has changed" in stale.text
    (record,) = db.read(lambda session: audit.find(session, limit=1))
    assert (record.action, record.subject, record.actor) == (
        "rule.revised", "rule:chat", "staff:manager@lumiere.example",
    )  # fmt: skip
    assert record.before["enabled"] is False and record.after["enabled"] is True


def test_what_a_network_forbids_is_not_published_and_a_button_leaves_it_out(db, staff_at):
    browser = staff_at("manager")
    everywhere = {"part": ["0"], "name_fr": "Partout"}
    review = write(browser, **everywhere)
    assert "It cannot be published as it is" in review.text and "YouTube" in review.text
    assert "exchange of Likes, Shares" in review.text and "Meta, Platform policy · text of 13 May" in review.text
    left_open = write(browser, **{"part-0-one_of": ["follow"]}).text
    assert "Twitch, Terms of Service · <strong>undated: read it again</strong>" in left_open
    forbidden = json.dumps(carried_by(review))
    refused = send(browser, "/admin/rules/publish", slug="partout", body=forbidden, based_on="0", reason="Si.")
    assert refused.status_code == 422 and "The terms of Facebook, Instagram, YouTube forbid" in refused.text
    assert list_rules(db) == []
    left_out = write(browser, "leave-out:", **everywhere).text
    for network in ("facebook", "instagram", "youtube"):
        assert re.search(rf'name="part-1-one_of" value="{network}" checked', left_out), network
    counted = write(browser, "measure:", **everywhere).text
    assert re.search(r'value="measure_only" checked', counted)


def test_a_rule_is_tried_on_one_activity_with_every_rule_in_words(db, staff_at, chat_rule):
    browser = staff_at("editor")
    said = {"network": "twitch", "kind": "live_chat", "actor": "", "quantity": "1", "text": "Allez"}
    page = send(browser, "/admin/rules/try", **carried(25), **said).text
    assert "You earn 25 points." in page
    said = {**said, "network": "mastodon"}
    assert "This rule only counts on Twitch." in send(browser, "/admin/rules/try", **carried(25), **said).text
    wrong = send(browser, "/admin/rules/try", **carried(25), **(said | {"quantity": "many"}))
    assert wrong.status_code == 422 and 'value="many"' in wrong.text
    assert show_rule(db, "chat").latest.number == 1


def test_what_really_happened_is_replayed(db, staff_at, chat_rule):
    earn(db, [chat(1), chat(2), chat(3, actor="tw-marc")], source="api")
    page = send(staff_at("editor"), "/admin/rules/replay", **carried(25), days="7").text
    assert "3 activities judged again." in page
    assert re.search(r"<dd>30.points.*<dd>75.points", page, re.DOTALL)
    assert "An account nobody has linked" in page and "+30" in page
    assert "2026-11-23" in page and 'class="pair-after"' in page
    assert send(staff_at("manager"), "/admin/rules/replay", **carried(25), days="365").status_code == 422


def test_an_editor_drafts_and_somebody_else_publishes(db, staff_at, chat_rule):
    editor, manager = staff_at("editor"), staff_at("manager")
    assert send(editor, "/admin/rules/publish", **carried(), reason="x").status_code == 403
    kept = send(editor, "/admin/rules/drafts", **carried(20), note="Plus généreux ?")
    assert kept.status_code == 303
    assert "1 draft waits" in manager.get("/admin/rules").text
    page = manager.get(kept.location).text
    assert "Plus généreux ?" in page and "editor@lumiere.example" in page and "Discard the draft" in page
    assert "Discard the draft" not in editor.get(kept.location).text
    (draft,) = db.read(drafts.waiting)
    said = {**carried(20), "draft": str(draft.id), "reason": "D’accord"}
    assert send(manager, "/admin/rules/publish", **said).status_code == 303
    assert show_rule(db, "chat").latest.body["earn"] == {"fixed": 20} and db.read(drafts.waiting) == []
    assert send(manager, "/admin/rules/publish", **said).status_code == 409
    assert "This draft was published by staff:manager" in editor.get(kept.location).text


def test_a_draft_is_discarded_with_a_reason(db, staff_at):
    draft_id = save_draft(db, slug="new-one", body=written(), based_on=0, note=None, actor="staff:x@y.z").id
    manager = staff_at("manager")
    path = f"/admin/rules/drafts/{draft_id}"
    assert send(manager, f"{path}/discard", reason="").status_code == 422
    assert send(manager, f"{path}/discard", reason="Non").status_code == 303
    assert "was discarded by" in manager.get(path).text
    assert send(manager, f"{path}/discard", reason="Non").status_code == 409


def test_who_changed_it_meanwhile_is_told_and_nothing_is_overwritten(db, staff_at, chat_rule):
    apply_rule(db, slug="chat", body=written(15), actor="staff:nadia@lumiere.example", reason="Ailleurs")
    page = send(staff_at("manager"), "/admin/rules/publish", **carried(20), reason="Moi")
    assert page.status_code == 409 and "Somebody changed this rule meanwhile" in page.text
    theirs, mine = page.text.split("What you change")
    assert "<ins>15</ins>" in theirs.split("What they changed")[1] and "<ins>20</ins>" in mine
    assert show_rule(db, "chat").latest.body["earn"] == {"fixed": 15}


def test_a_revision_may_be_planned_and_is_not_replaced_without_a_word(db, staff_at, chat_rule):
    browser = staff_at("manager")
    tomorrow = {"reason": "Demain", "in_force_from": "2026-11-24T06:00"}
    assert send(browser, "/admin/rules/publish", **carried(20), **tomorrow).status_code == 303
    rule = show_rule(db, "chat")
    assert rule.latest.in_force_from == MORNING.replace(day=24, hour=5)
    assert rule.in_force(clock.now()).number == 1
    assert "planned for" in browser.get("/admin/rules/chat/edit").text
    refused = send(browser, "/admin/rules/publish", **carried(30, based_on="2"), reason="Maintenant")
    assert refused.status_code == 409 and "confirm that it may be replaced" in refused.text
    paused = browser.submit("/admin/rules/chat/pause", on="/admin/rules", revision="2")
    assert paused.location == "/admin/rules/chat/switch?enabled=no" and show_rule(db, "chat").latest.number == 2
    assert "It may be replaced by this one" in browser.get(paused.location).text
    said = {**carried(30, based_on="2"), "reason": "Maintenant", "replaces": "on"}
    assert send(browser, "/admin/rules/publish", **said).status_code == 303
    assert show_rule(db, "chat").in_force(MORNING + timedelta(days=9)).number == 3


def test_the_timeline_says_who_when_why_and_leads_back(db, staff_at, chat_rule):
    apply_rule(db, slug="chat", body=written(50), actor=ODILE, reason="Soir de fête")
    browser = staff_at("manager")
    page = browser.get("/admin/rules/chat").text
    assert (
        "Soir de fête" in page and "Command line odile" in page and "<del>10</del>" in page and "<ins>50</ins>" in page
    )
    back = browser.get("/admin/rules/chat/revisions/1")
    assert "Back to what revision 1 said" in back.text and carried_by(back)["earn"] == {"fixed": 10}
    said = {**carried(10, based_on="2"), "reason": "Fête finie"}
    assert send(browser, "/admin/rules/publish", **said).status_code == 303
    rule = show_rule(db, "chat")
    assert (rule.latest.number, rule.latest.body) == (3, rule.revisions[0].body)
    assert browser.get("/admin/rules/chat/revisions/9").status_code == 404
    assert browser.get("/admin/rules/nothing").status_code == 404


def test_what_is_carried_is_never_trusted(staff_at):
    browser = staff_at("manager")
    for broken in (
        {"body": "{"},
        {"body": "[]"},
        {"slug": "A B"},
        {"based_on": "x"},
        {"draft": "-1"},
        {"body": "[" * 9_000},
    ):
        said = {**carried(), "reason": "x", **broken}
        assert send(browser, "/admin/rules/publish", **said).status_code == 422, broken
    assert send(browser, "/admin/rules/publish", **carried(), reason="x", salary="1").status_code == 422


def test_names_of_a_hostile_kind_are_only_text(db, staff_at):
    name = '<img src=x onerror=alert(1)>{{7*7}}"'
    apply_rule(db, slug="evil", body={**written(), "name": {"fr": name, "en": name}}, actor=name)
    for path in ("/admin/rules", "/admin/rules/evil", "/admin/rules/evil/edit", "/admin/rules/evil/revisions/1"):
        page = staff_at("manager", email=f"{abs(hash(path))}@lumiere.example").get(path).text
        assert "<img src=x" not in page and "{{7*7}}" in page
