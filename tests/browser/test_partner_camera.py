"""The camera of the scanner: a voucher is filmed, read by each decoder there is, and every way it may fail is told."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser import camera, station
from tests.browser.camera import BAD, GOOD, Take
from tests.browser.counter import Counter, Voucher, shows
from tests.browser.watch import window

CAMERA_FAILS = """navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "%s"); };"""
NO_CAMERA_HERE = """Object.defineProperty(navigator, "mediaDevices", { value: undefined });"""
NATIVE = """
globalThis.BarcodeDetector = class {
  static async getSupportedFormats() { return %s; }
  async detect() { return [{ rawValue: "%s" }]; }
};
"""
FITTINGS = """
window.held = [];
Object.defineProperty(navigator, "wakeLock", { value: { request: async (what) => {
  window.held.push(what);
  return Object.assign(new EventTarget(), { release: async () => window.held.push("released") });
} } });
MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
MediaStreamTrack.prototype.applyConstraints = async (wanted) => window.held.push(wanted.advanced[0].torch);
"""


@pytest.fixture(scope="module")
def counter(url: str, served_in: tuple[str, Path]) -> Counter:
    """The counter of the Café Lumière, where Ines shows her vouchers."""
    given = station.passes(served_in[1])
    return Counter(url=url, key=given["odile"], fan=given["ines"], name="filmed").opened()


def shown_by(browser: Browser, url: str, fan: Any, voucher: Voucher) -> Image.Image:
    """The code as it stands on the fan's own page."""
    with window(browser, url, storage_state=fan) as watched:
        watched.open(f"/vouchers/{voucher.id}")
        return Image.open(io.BytesIO(watched.page.locator(".qr").screenshot()))


@pytest.fixture(scope="module")
def filmed(
    browser: Browser, url: str, ines: Any, counter: Counter, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Browser, Voucher]]:
    """A browser whose camera sees a voucher that nobody uses, held well."""
    voucher = counter.voucher()
    film = camera.film(tmp_path_factory.mktemp("film") / "good.y4m", shown_by(browser, url, ines, voucher), GOOD)
    with camera.filming(browser, film) as filming:
        yield filming, voucher


def decoder(page: Page) -> str:
    """Which decoder reads."""
    return str(page.locator("#scanner").get_attribute("data-decoder"))


@pytest.mark.parametrize(("take", "language"), [(GOOD, "fr"), (BAD, "en")], ids=["good", "bad"])
def test_a_fans_voucher_is_filmed_read_used_and_refused_the_second_time(
    browser: Browser, url: str, ines: Any, counter: Counter, tmp_path: Path, take: Take, language: str
) -> None:
    voucher = counter.voucher()
    film = camera.film(tmp_path / "film.y4m", shown_by(browser, url, ines, voucher), take)
    with camera.filming(browser, film) as filming, window(filming, url, language=language) as watched:
        page = watched.page
        counter.enrol(watched)
        expect(shows(page, "ready")).to_contain_text({"fr": "Une tartine", "en": "A slice of toast"}[language])
        assert decoder(page) == "script"
        page.keyboard.press("Enter")
        shows(page, "handed")
        page.keyboard.press("Enter")
        expect(page.locator("#scanner")).to_have_attribute("data-state", "live")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.wait_for_timeout(500)  # it is still before the camera, and is not read again
        expect(page.locator("dialog")).not_to_be_visible()
        page.reload()
        expect(shows(page, "refused")).to_contain_text("Caisse 1")
    assert counter.uses(voucher) == 1


def test_the_server_reads_where_the_script_is_not_to_be_had(
    filmed: tuple[Browser, Voucher], url: str, counter: Counter
) -> None:
    filming, voucher = filmed
    with window(filming, url) as watched:
        watched.may_fail = True
        watched.page.route("**/vendor/**", lambda route: route.abort())
        counter.enrol(watched)
        shows(watched.page, "ready")
        assert decoder(watched.page) == "server"
    assert counter.uses(voucher) == 0


@pytest.mark.parametrize(("formats", "reads"), [('["qr_code", "ean_13"]', "native"), ("[]", "script")])
def test_the_browsers_own_decoder_comes_first_if_it_reads_qr_codes(
    filmed: tuple[Browser, Voucher], url: str, counter: Counter, formats: str, reads: str
) -> None:
    filming, voucher = filmed
    with window(filming, url) as watched:
        watched.page.add_init_script(NATIVE % (formats, voucher.url))
        counter.enrol(watched)
        shows(watched.page, "ready")
        assert decoder(watched.page) == reads


def test_the_screen_stays_on_and_the_light_can_be_lit(
    filmed: tuple[Browser, Voucher], url: str, counter: Counter
) -> None:
    filming, _ = filmed
    with window(filming, url) as watched:
        page = watched.page
        page.add_init_script(FITTINGS)
        counter.enrol(watched)
        shows(page, "ready")
        page.get_by_role("link", name="Ne rien remettre").click()
        light = page.get_by_role("button", name="Lampe")
        light.click()
        expect(light).to_have_attribute("aria-pressed", "true")
        assert watched.wrong() == []
        light.click()
        expect(light).to_have_attribute("aria-pressed", "false")
        assert page.evaluate("window.held") == ["screen", True, False]


@pytest.mark.parametrize(
    ("script", "state", "says"),
    [
        (CAMERA_FAILS % "NotAllowedError", "refused", "Autorisez-la"),
        (CAMERA_FAILS % "NotFoundError", "missing", "branchez une douchette"),
        (CAMERA_FAILS % "NotReadableError", "taken", "Fermez-la"),
        (CAMERA_FAILS % "UnknownError", "failed", "s’est arrêtée"),
        (NO_CAMERA_HERE, "insecure", "https"),
    ],
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_camera_that_cannot_be_opened_is_told_with_what_to_do(
    browser: Browser, url: str, counter: Counter, scheme: str, script: str, state: str, says: str
) -> None:
    with window(browser, url, color_scheme=scheme) as watched:
        page = watched.page
        page.add_init_script(script)
        counter.enrol(watched)
        if state != "insecure":
            page.get_by_role("button", name="Allumer la caméra").click()
        expect(page.locator(f"[data-camera={state}]")).to_contain_text(says)
        assert watched.wrong() == []
        expect(page.locator("#text")).to_be_editable()
