"""A partner at the counter in a real browser: by hand scanner, by keyboard, on a bad line, and without scripts."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser import station
from tests.browser.counter import BOOKSHOP, CAFE, Counter, shows, typed
from tests.browser.watch import Watched, window

SAID = {
    "fr": {"valid": "Valable", "handed": "Remis", "refused": "Refusé", "used": "Déjà utilisé", "reward": "Une tartine",
           "condition": "Jusqu’à onze heures.", "undo": "Annuler cette remise"},
    "en": {"valid": "Valid", "handed": "Handed over", "refused": "Refused", "used": "Already used",
           "reward": "A slice of toast", "condition": "Until eleven.", "undo": "Undo this handover"},
}  # fmt: skip
RECORD_SIGNALS = """
window.felt = [];
navigator.vibrate = (pulses) => window.felt.push(JSON.stringify(pulses));
const start = OscillatorNode.prototype.start;
window.heard = [];
OscillatorNode.prototype.start = function (...at) {
  window.heard.push(this.frequency.value);
  return start.apply(this, at);
};
"""


@pytest.fixture(scope="module")
def counter(url: str, served_in: tuple[str, Path]) -> Counter:
    """The counter of the Café Lumière, where Ines shows her vouchers."""
    given = station.passes(served_in[1])
    return Counter(url=url, key=given["odile"], fan=given["ines"], name="typed").opened()


@pytest.fixture
def desk(browser: Browser, url: str, counter: Counter) -> Iterator[Watched]:
    """A phone at that counter, in French, without a camera so far."""
    with window(browser, url) as watched:
        counter.enrol(watched)
        yield watched


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_voucher_is_typed_confirmed_and_refused_the_second_time_by_keyboard_alone(
    browser: Browser, url: str, counter: Counter, language: str
) -> None:
    said, voucher = SAID[language], counter.voucher()
    with window(browser, url, language=language) as watched:
        counter.enrol(watched)
        page = watched.page
        typed(watched, voucher.code)
        ready = shows(page, "ready")
        for words in (said["valid"], said["reward"], said["condition"]):
            expect(ready).to_contain_text(words)
        expect(ready).not_to_contain_text("Inès")
        expect(page.locator("#said")).to_contain_text(said["reward"])
        assert counter.uses(voucher) == 0
        page.keyboard.press("Enter")
        expect(shows(page, "handed")).to_contain_text(said["handed"])
        assert counter.uses(voucher) == 1
        page.keyboard.press("Enter")
        expect(page.locator("dialog")).not_to_be_visible()
        expect(page.locator("#latest .read-handed")).to_contain_text(said["reward"])
        typed(watched, voucher.code.lower().replace("-", " "))
        refused = shows(page, "refused")
        for words in (said["refused"], said["used"], "Café Lumière", "Caisse 1"):
            expect(refused).to_contain_text(words)
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).not_to_be_visible()


def test_what_is_shown_waits_for_a_button_and_a_verdict_for_a_tap_anywhere(desk: Watched, counter: Counter) -> None:
    voucher, page = counter.voucher(), desk.page
    typed(desk, voucher.code)
    shows(page, "ready").click(position={"x": 20, "y": 20})
    expect(page.locator(".verdict-ready")).to_be_visible()
    page.get_by_role("link", name="Ne rien remettre").click()
    expect(page.locator("dialog")).not_to_be_visible()
    assert counter.uses(voucher) == 0
    typed(desk, voucher.code)
    shows(page, "ready")
    page.get_by_role("button", name="Confirmer la remise").click()
    shows(page, "handed").click(position={"x": 20, "y": 20})
    expect(page.locator("dialog")).not_to_be_visible()


def test_a_hand_scanner_that_reads_the_next_voucher_does_not_confirm_this_one(desk: Watched, counter: Counter) -> None:
    first, second, page = counter.voucher(), counter.voucher(), desk.page
    typed(desk, first.code)
    shows(page, "ready")
    typed(desk, second.url)
    expect(page.locator("dialog[open] input[name=text]")).to_have_value(second.url)
    shows(page, "ready")
    assert (counter.uses(first), counter.uses(second)) == (0, 0)
    page.keyboard.press("Enter")
    shows(page, "handed")
    assert (counter.uses(first), counter.uses(second)) == (0, 1)


def test_a_second_enter_or_a_double_tap_confirms_nothing(desk: Watched, counter: Counter) -> None:
    voucher, page = counter.voucher(), desk.page
    typed(desk, voucher.code)
    expect(page.locator("dialog[open]")).to_be_focused()
    page.keyboard.press("Enter")
    shows(page, "ready")
    assert counter.uses(voucher) == 0
    page.get_by_role("button", name="Confirmer la remise").dblclick()
    shows(page, "handed")
    assert counter.uses(voucher) == 1


def test_another_partners_voucher_says_not_valid_here_and_asks_for_nothing_more(
    browser: Browser, url: str, counter: Counter
) -> None:
    voucher = counter.voucher()
    with window(browser, url) as watched:
        counter.enrol(watched, BOOKSHOP, name="Téléphone de Samir")
        asked: list[str] = []
        watched.page.on("request", lambda sent: asked.append(f"{sent.method} {sent.url.removeprefix(url)}"))
        typed(watched, voucher.url)
        refused = shows(watched.page, "refused")
        words = re.sub(r"\s+", " ", refused.inner_text()).strip()
        assert words == "Refusé Pas valable ici. Scanner le suivant"
        watched.page.keyboard.press("Enter")
        expect(watched.page.locator("dialog")).not_to_be_visible()
        assert [each for each in asked if not each.startswith("GET /static/icon.svg")] == ["POST /partner/look"]
    assert counter.uses(voucher) == 0


def test_an_answer_that_got_lost_is_asked_for_again_and_counted_once(desk: Watched, counter: Counter) -> None:
    voucher, page = counter.voucher(), desk.page
    desk.may_fail = True
    sent: list[str] = []

    def lose_the_first(route: Route) -> None:
        sent.append(route.request.post_data or "")
        if len(sent) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/partner/use", lose_the_first)
    typed(desk, voucher.code)
    shows(page, "ready")
    page.keyboard.press("Enter")
    expect(page.locator("dialog [role=alert]")).to_contain_text("Ne remettez rien avant le vert")
    assert desk.wrong() == []
    page.keyboard.press("Enter")
    shows(page, "handed")
    assert sent[0] == sent[1] and "nonce=" in sent[0]
    assert counter.uses(voucher) == 1


def test_a_line_that_is_down_is_said_and_the_code_is_kept(desk: Watched, counter: Counter) -> None:
    voucher, page = counter.voucher(), desk.page
    desk.may_fail = True
    desk.page.context.set_offline(True)
    typed(desk, voucher.code)
    expect(page.locator("#trouble")).to_contain_text("Aucun bon n’a été utilisé")
    expect(page.locator("[data-line=off]")).to_be_visible()
    expect(page.locator("#text")).to_have_value(voucher.code)
    assert desk.wrong() == []
    desk.page.context.set_offline(False)
    expect(page.locator("[data-line=on]")).to_be_visible()
    page.press("#text", "Enter")
    shows(page, "ready")


def test_each_verdict_is_heard_and_felt_differently_and_can_be_muted(
    browser: Browser, url: str, counter: Counter
) -> None:
    voucher = counter.voucher()
    with window(browser, url) as watched:
        page = watched.page
        page.add_init_script(RECORD_SIGNALS)
        counter.enrol(watched)
        typed(watched, voucher.code)
        shows(page, "ready")
        page.keyboard.press("Enter")
        shows(page, "handed")
        page.keyboard.press("Enter")
        typed(watched, voucher.code)
        shows(page, "refused")
        assert page.evaluate("window.felt") == ["[40]", "[60,40,60]", "[250,100,250]"]
        assert page.evaluate("window.heard") == [880, 660, 990, 220, 165]
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Son").click()
        page.reload()
        expect(page.get_by_role("button", name="Son")).to_have_attribute("aria-pressed", "false")
        typed(watched, voucher.code)
        shows(page, "refused")
        assert page.evaluate("[window.felt, window.heard]") == [["[250,100,250]"], []]


def test_a_handover_is_undone_from_the_verdict(desk: Watched, counter: Counter) -> None:
    voucher, page = counter.voucher(), desk.page
    typed(desk, voucher.code)
    shows(page, "ready")
    page.keyboard.press("Enter")
    shows(page, "handed")
    page.get_by_role("link", name="Annuler cette remise").click()
    page.get_by_label("Rien n’a été remis").check()
    page.get_by_role("button", name="Annuler cette remise").click()
    page.wait_for_url("**/partner/today")
    expect(page.get_by_role("status")).to_contain_text("le bon peut resservir")
    expect(page.locator(".read-undone")).to_contain_text("Rien n’a été remis")
    assert counter.uses(voucher) == 0


def test_a_device_that_is_shut_out_while_it_scans_is_told_so(browser: Browser, url: str, counter: Counter) -> None:
    with window(browser, url) as watched:
        counter.enrol(watched, name="Caisse perdue")
        counter.shut_out(CAFE, "Caisse perdue")
        watched.may_fail = True
        typed(watched, counter.voucher().code)
        expect(watched.page.get_by_role("heading", name="n’est plus associé")).to_be_visible()
        watched.page.wait_for_load_state("networkidle")
        assert watched.wrong() == []


def test_everything_works_without_scripts(browser: Browser, url: str, counter: Counter) -> None:
    voucher = counter.voucher()
    with window(browser, url, java_script_enabled=False) as watched:
        counter.enrol(watched)
        page = watched.page
        expect(page.locator("#scanner")).not_to_be_visible()
        page.fill("#text", voucher.code)
        page.press("#text", "Enter")
        expect(page.locator(".verdict-ready")).to_contain_text("Une tartine")
        page.get_by_role("button", name="Confirmer la remise").click()
        expect(page.locator(".verdict-handed")).to_be_visible()
        page.get_by_role("link", name="Scanner le suivant").click()
        expect(page.locator(".read-handed")).to_contain_text("Une tartine")
        watched.open(voucher.url[voucher.url.index("/V/") :])
        expect(page.locator(".verdict-refused")).to_contain_text("Déjà utilisé")
    assert counter.uses(voucher) == 1
