"""The editor of a rule: a form that no condition is named in, made from what each says of its parameters."""

import html
import re

import pytest

from loyalty.flows.earn import earn
from loyalty.flows.manage_rules import apply_rule, list_rules, show_rule
from tests.cast import LONG_AGO, ODILE, chat
from tests.web.admin.rule_forms import CHAT, FORM, carried, carried_by, send, write, written


@pytest.fixture
def chat_rule(app, db):
    """Ten points a message on Twitch, since long ago."""
    apply_rule(db, slug="chat", body=written(), actor=ODILE, in_force_from=LONG_AGO)


def test_the_editor_asks_for_every_condition_there_is(staff_at):
    page = staff_at("editor").get("/admin/rules/new").text
    for title in ("Kind of activity", "Network", "Hours", "Days of the week", "Linked account", "First of the day"):
        assert title in page


def test_a_rule_is_written_reviewed_and_published(db, staff_at):
    browser = staff_at("manager")
    review = write(browser)
    assert review.status_code == 200 and list_rules(db) == []
    assert "You earn 12 points when you write in the live chat on Twitch." in review.text
    assert carried_by(review)["when"] == CHAT
    again = send(browser, "/admin/rules/publish", **carried(slug="ecrire-a-l-antenne", based_on="0"))
    assert again.status_code == 422 and "Please fill this in." in again.text, "a reason is needed"
    said = {**carried(slug="ecrire-a-l-antenne", based_on="0"), "reason": "Pour le match"}
    assert 'value="ecrire-a-l-antenne"' in review.text
    assert send(browser, "/admin/rules/publish", **said).status_code == 303
    rule = show_rule(db, "ecrire-a-l-antenne")
    assert (rule.latest.reason, rule.latest.created_by) == ("Pour le match", "staff:manager@lumiere.example")
    assert earn(db, [chat(1)], source="api")[0].points == 12


def test_conditions_are_added_and_removed_with_what_was_typed_kept(staff_at):
    browser = staff_at("editor")
    page = write(browser, "add:none", **{"add-none": "hours", "fixed": "not a number"}).text
    assert 'name="part-2-from"' in page and 'name="part-2-group" value="none"' in page
    assert 'value="not a number"' in page and 'value="twitch" checked' in page
    page = write(browser, "remove:1").text
    assert 'name="part-1-one_of"' not in page and 'name="part-0-one_of"' in page


def test_what_is_wrong_is_said_at_its_field(staff_at):
    browser = staff_at("editor")
    hours = {"part": ["0", "2"], "part-2-group": "none", "part-2-is": "hours", "part-2-from": "25:00", "part-2-to": ""}
    page = write(browser, fixed="0", name_en="", per_day_points="ten", to="never", **hours)
    assert page.status_code == 422
    text = page.text
    for name in ("fixed", "name_en", "per_day_points", "to", "part-2-from", "part-2-to"):
        assert f'id="{name}-help"' in text, name
    assert 'value="25:00"' in text and 'value="ten"' in text
    strange = write(browser, points_issued="9")
    assert strange.status_code == 422 and "points_issued: Unknown field." in strange.text


def test_every_rule_comes_out_of_the_form_as_it_went_in(db, staff_at):
    tree = {
        "all": [
            {"kind": {"one_of": ["live_chat", "our-own"]}},
            {"effort": {"min_words": 3}},
            {"any": [{"weekdays": {"days": [1, 6], "day_begins": "05:00"}}, {"linked": {}}]},
            {"none": [{"network": {"one_of": ["facebook", "youtube"]}}, {"object": {"starts_with": ["a"]}}]},
        ]
    }
    whole = {
        **written(), "when": tree, "earn": {"fixed": 3, "points": 2, "per": 100},
        "limits": {"per_day": {"points": 50, "times": 3}, "ever": {"times": 9}, "cooldown_seconds": 90},
        "from": "2026-11-01T12:34:56.789012+00:00", "to": None, "priority": -7, "pending_hours": 24, "stacking": "best",
    }  # fmt: skip
    apply_rule(db, slug="all", body=whole, actor=ODILE)
    browser = staff_at("editor")
    page = browser.get("/admin/rules/all/edit").text
    assert 'name="part-0-one_of-others" value="our-own"' in page
    review = send(browser, "/admin/rules/form", **fields_of(page))
    assert review.status_code == 200, review.text
    assert carried_by(review) == show_rule(db, "all").latest.body
    assert "the rule says this already" in review.text


def fields_of(page):
    """What a browser would send of the editor, if nobody touched it."""
    form = page[page.index('class="rule-editor"') :]
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, kind = re.search(r'name="([^"]+)"', tag), re.search(r'type="([^"]+)"', tag)
        if name and (kind is None or kind[1] not in ("checkbox", "radio") or " checked" in tag):
            value = re.search(r'value="([^"]*)"', tag)
            fields.setdefault(name[1], []).append(html.unescape(value[1]) if value else "")
    for name, inside in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)" selected', inside) or re.findall(
            r'<option value="([^"]*)"', inside
        )
        fields[name] = chosen[:1]
    for name, inside in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        fields[name] = [html.unescape(inside)]
    fields.pop("csrf_token")
    return fields


def test_a_tree_too_deep_for_the_form_stays_json_and_is_never_flattened(db, staff_at):
    deep = {"any": [{"all": [{"kind": {"one_of": ["vote"]}}, {"linked": {}}]}, {"kind": {"one_of": ["answer"]}}]}
    apply_rule(db, slug="deep", body=written() | {"when": deep}, actor=ODILE)
    browser = staff_at("editor")
    page = browser.get("/admin/rules/deep/edit").text
    assert 'name="mode" value="json"' in page and "part-0" not in page
    text = html.unescape(re.search(r'name="json"[^>]*>(.*?)</textarea>', page, re.DOTALL)[1])
    said = {"slug": "deep", "based_on": "1", "mode": "json"}
    assert carried_by(send(browser, "/admin/rules/form", **said, json=text))["when"] == deep
    stays = send(browser, "/admin/rules/form", do="form:", **said, json=text)
    assert "groups inside groups" in stays.text and 'name="mode" value="json"' in stays.text
    wrong = send(browser, "/admin/rules/form", **said, json=text.replace('"linked"', '"moon"'))
    assert wrong.status_code == 422 and "when.any[0].all[1]: Unknown condition" in html.unescape(wrong.text)
    assert send(browser, "/admin/rules/form", **said, json="{").status_code == 422


def test_the_sentence_is_told_while_one_writes_and_says_what_networks_forbid(staff_at):
    browser = staff_at("editor")
    told = send(browser, "/admin/rules/sentence", **FORM).text
    assert "You earn 12 points when" in told and "Vous gagnez" in told and "<html" not in told
    youtube = FORM | {"part-1-one_of": ["youtube"]}
    told = send(browser, "/admin/rules/sentence", **youtube).text
    for said in ("incentives, rewards, or other compensation", "text of 25 June", "Put a code on air"):
        assert said in told
    assert "not complete yet" in send(browser, "/admin/rules/sentence", name_fr="x").text
