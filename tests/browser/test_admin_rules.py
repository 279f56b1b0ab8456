"""Odile changes a rule while the show is on air: by keyboard alone, in French, and the next activity earns by it."""

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import station
from tests.browser.test_fan import complaints
from tests.browser.watch import Watched, window

RULE = "pronostic"


def predict(where: str, given: dict[str, str], number: int) -> int:
    """What a prediction of somebody new earns by the API, in points of the rule."""
    said = {"network": "twitch", "actor": f"new-{number}", "kind": "prediction", "object": f"match:{number}"}
    headers = {"Authorization": f"Bearer {given['odile']}", "Content-Type": "application/json"}
    sent = urllib.request.Request(f"{where}/api/v1/activities", json.dumps(said).encode(), headers)
    with urllib.request.urlopen(sent) as answer:
        told = json.load(answer)
    (verdict,) = [each for each in told["verdicts"] if each["rule"] == RULE]
    return int(verdict["points"])


def reach(watched: Watched, wanted: str) -> None:
    """Move the focus with the keyboard alone to the field with this id, or to what begins with these words."""
    seen = "() => [document.activeElement.id, document.activeElement.innerText.replace(/\\s+/g, ' ').trim()]"
    for _ in range(200):
        watched.page.keyboard.press("Tab")
        name, words = watched.page.evaluate(seen)
        if wanted == name or words.startswith(wanted):
            return
    raise AssertionError(f"the keyboard does not reach {wanted!r}")


def test_odile_changes_pauses_and_resumes_a_rule_by_keyboard_alone(
    browser: Browser, url: str, served_in: tuple[str, Path], odile: Any
) -> None:
    given = station.passes(served_in[1])
    assert predict(url, given, 1) == 15
    with window(browser, url, width=1280, language="fr", storage_state=odile) as watched:
        page = watched.page
        watched.open("/admin/?lang=fr")
        page.keyboard.press("g")
        page.keyboard.press("r")
        page.wait_for_url("**/admin/rules")
        page.keyboard.press("/")
        page.keyboard.type("avant-match")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=avant-match**")
        reach(watched, "Modifier Pronostic")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/rules/{RULE}/edit")
        reach(watched, "fixed")
        page.keyboard.press("Control+a")
        page.keyboard.type("42")
        expect(page.locator("#told")).to_contain_text("Vous gagnez 42 points quand vous faites un pronostic")
        page.keyboard.press("Enter")
        page.wait_for_url("**/rules/form")
        assert predict(url, given, 2) == 15, "nothing has changed yet"
        reach(watched, "reason")
        page.keyboard.type("Soir de finale")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("C’est fait")
        assert predict(url, given, 3) == 42

        reach(watched, "Pause Pronostic")
        page.keyboard.press("Enter")
        expect(page.locator(f"#rule-{RULE} .state")).to_contain_text("En pause")
        assert predict(url, given, 4) == 0
        reach(watched, "Reprendre Pronostic")
        page.keyboard.press("Enter")
        expect(page.locator(f"#rule-{RULE} .state")).to_contain_text("En vigueur")
        reach(watched, "Annuler")
        page.keyboard.press("Enter")
        expect(page.locator(f"#rule-{RULE} .state")).to_contain_text("En pause")
        reach(watched, "Annuler")
        page.keyboard.press("Enter")
        expect(page.locator(f"#rule-{RULE} .state")).to_contain_text("En vigueur")
        assert predict(url, given, 5) == 42


def test_a_rule_is_replayed_and_goes_back_in_english_without_scripts(browser: Browser, url: str, odile: Any) -> None:
    with window(browser, url, width=1280, language="en", storage_state=odile, java_script_enabled=False) as watched:
        page = watched.page
        watched.open("/admin/rules/sondage/edit?lang=en")
        page.fill("#fixed", "6")
        page.select_option("#add-none", "hours")
        page.get_by_role("button", name=re.compile("^Add ?: except")).click()
        page.fill("#part-1-from", "02:00")
        page.fill("#part-1-to", "05:00")
        page.get_by_role("button", name="Read it again").click()
        expect(page.locator("#told")).to_contain_text("You earn 6 points when you vote, except from 02:00")
        page.locator(".rule-said").get_by_role("button", name="Review").click()
        page.get_by_role("button", name="28 days").click()
        expect(page.locator("#replay")).to_contain_text("activities judged again")
        page.get_by_label("Why, in one line").fill("A trial")
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_role("status")).to_contain_text("Done")
        watched.open("/admin/rules/sondage")
        page.get_by_role("link", name="Go back to this one 1").click()
        page.get_by_label("Why, in one line").fill("Back")
        page.get_by_role("button", name="Publish").click()
        expect(page.locator("#rule-sondage")).to_contain_text("You earn 3 points when you vote")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_rules(browser: Browser, url: str, odile: Any, scheme: str) -> None:
    found = {}
    with window(browser, url, color_scheme=scheme, reduced_motion="reduce", storage_state=odile) as watched:
        page = watched.page
        paths = ("/admin/rules", "/admin/rules?q=zzz", "/admin/rules/new", "/admin/rules/chat-en-direct",
                 "/admin/rules/commentaire/edit", "/admin/rules/chat-en-direct/revisions/1")  # fmt: skip
        for path in paths:
            found |= complaints(watched, path)
        watched.open("/admin/rules/commentaire/edit")
        page.fill("#fixed", "not a number")
        watched.may_fail = True
        page.locator(".rule-said button.btn-primary").click()
        page.wait_for_url("**/rules/form")
        found |= wrong_here(watched, "with an error")
        page.fill("#fixed", "12")
        page.locator(".rule-said button.btn-primary").click()
        page.wait_for_selector("#replay")
        found |= wrong_here(watched, "review")
        page.locator("#replay button").nth(1).click()
        page.wait_for_selector(".tiles")
        found |= wrong_here(watched, "replayed")
        page.select_option("#network", "mastodon")
        page.locator("#try button").last.click()
        page.wait_for_selector(".verdict")
        found |= wrong_here(watched, "tried")
    assert found == {}


def wrong_here(watched: Watched, where: str) -> dict[str, list[str]]:
    """What axe finds wrong with the page as it is, and whether it must be pushed sideways at 360 pixels."""
    said = watched.wrong()
    return {where: said} if said else {}
