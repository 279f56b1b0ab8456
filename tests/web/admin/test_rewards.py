"""The catalogue in the admin: made, shown to fans, changed, archived."""

import pytest

from loyalty import clock
from loyalty.rewards import find
from loyalty.staff import audit
from tests.cast import ines
from tests.makers.partners import known_partner
from tests.makers.pictures import SCRIPT, SVG, photo, photo_with_a_place
from tests.makers.rewards import coffee
from tests.makers.vouchers import redeemed
from tests.web.admin.uploads import send_form
from tests.web.browser import Browser

NEW = "/admin/rewards/-/new"
SAID = {
    "slug": "mug",
    "name_fr": "Le mug de la matinale",
    "name_en": "The morning mug",
    "description_fr": "Au comptoir.",
    "description_en": "At the counter.",
    "cost_points": "1 250",
    "value_cents": "12,50",
    "partner": "cafe-lumiere",
    "valid_days": "30",
    "max_uses": "1",
    "per_fan_limit": "",
    "per_fan_limit_days": "",
    "low_stock": "5",
    "visible_from": "",
    "visible_to": "",
    "redeemable_from": "2026-11-24T08:00",
    "redeemable_to": "",
}


@pytest.fixture(autouse=True)
def cafe(db):
    known_partner(db)


def send(browser: Browser, path: str, picture: bytes | None = None, **said: str):
    """The form of a reward."""
    return send_form(browser, path, {"picture": picture}, **said)


def reward(db, slug="mug"):
    return db.read(lambda session: find.reward(session, slug))


def latest(db):
    return db.read(lambda session: audit.find(session, limit=1))[0]


def test_a_reward_is_made_as_it_was_typed(db, odile_at):
    assert send(odile_at, NEW, **SAID).status_code == 303
    made = reward(db)
    assert (made.cost_points, made.value_cents, made.low_stock, made.per_fan_limit) == (1250, 1250, 5, None)
    assert made.redeemable_from.isoformat() == "2026-11-24T07:00:00+00:00", "8:00 in Paris"
    record = latest(db)
    assert (record.action, record.actor) == ("reward.created", "staff:odile@lumiere.example")


def test_47_its_picture_is_drawn_anew_and_shown_to_fans_for_a_year(db, app, odile_at):
    send(odile_at, NEW, photo_with_a_place(800, 400) + SCRIPT, **SAID)
    page = Browser(app, db).get("/rewards/mug").text
    address = page.split('class="reward-large" src="')[1].split('"')[0]
    assert 'width="400" height="800"' in page, "nothing jumps while it comes"
    answer = Browser(app, db).get(address)
    assert answer.content_type == "image/webp" and b"script" not in answer.data
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert Browser(app, db).get(address.replace(".webp", "0.webp")).status_code == 404


@pytest.mark.parametrize(
    ("upload", "said"),
    [(SVG, "not a picture that we can read"), (photo() + bytes(6 * 1024**2), "too heavy")],
    ids=["an SVG", "six mebibytes"],
)
def test_47_what_is_no_picture_is_refused_beside_its_field_and_the_form_is_kept(odile_at, upload, said):
    page = send(odile_at, NEW, upload, **SAID)
    assert page.status_code == 422
    assert said in page.text and 'value="The morning mug"' in page.text


def test_47_a_form_larger_than_any_picture_is_refused_unread_in_words(odile_at):
    page = send(odile_at, NEW, bytes(9 * 1024**2), **SAID)
    assert page.status_code == 413
    assert "5 MB at most" in page.text


def test_forms_without_a_picture_stay_as_small_as_they_were(odile_at):
    assert send(odile_at, "/admin/rewards/mug/archive", bytes(2 * 1024**2), reason="x").status_code == 413


def test_what_is_wrong_is_said_by_field_and_nothing_is_made(db, odile_at):
    wrong = SAID | {"cost_points": "", "value_cents": "a lot", "max_uses": "256", "name_en": " ", "partner": "nobody",
                    "visible_from": "2026-12-02T08:00", "visible_to": "tomorrow", "colour": "red"}  # fmt: skip
    page = send(odile_at, NEW, **wrong)
    assert page.status_code == 422
    for words in ("Please fill this in.", "A whole number, please.", "From 1 to 255.", "A date and a time, please."):
        assert words in page.text
    assert 'value="256"' in page.text and 'value="a lot"' in page.text
    backwards = SAID | {"visible_from": "2026-12-02T08:00", "visible_to": "2026-12-01T08:00"}
    assert "The end must come after the start." in send(odile_at, NEW, **backwards).text
    assert "Say how many for one fan too." in send(odile_at, NEW, **(SAID | {"per_fan_limit_days": "7"})).text
    assert db.read(find.rewards) == []


def test_a_slug_serves_once(odile_at):
    assert send(odile_at, NEW, **SAID).status_code == 303
    page = send(odile_at, NEW, **SAID)
    assert page.status_code == 409 and "There is already a reward" in page.text


def test_a_change_is_on_record_and_an_empty_limit_takes_it_away(db, odile_at):
    send(odile_at, NEW, photo(), **(SAID | {"per_fan_limit": "2"}))
    changed = {name: value for name, value in SAID.items() if name != "slug"} | {"cost_points": "900"}
    assert send(odile_at, "/admin/rewards/mug/edit", **changed).status_code == 303
    now = reward(db)
    assert (now.cost_points, now.per_fan_limit) == (900, None) and now.picture_id, "no new picture keeps the old"
    record = latest(db)
    assert (record.before["cost_points"], record.after["cost_points"]) == (1250, 900)
    send(odile_at, "/admin/rewards/mug/edit", **changed, without_picture="on")
    assert reward(db).picture_id is None


def test_the_list_is_filtered_and_its_file_says_the_same(db, odile_at):
    coffee(db, units=0)
    coffee(db, slug="tea", name_en="=A tea", visible_from=clock.now().replace(year=2027).isoformat())
    page = odile_at.get("/admin/rewards").text
    assert "Sold out" in page and "Not visible yet" in page
    assert "/admin/rewards/tea" not in odile_at.get("/admin/rewards?state=sold_out").text
    assert "/admin/rewards/coffee" not in odile_at.get("/admin/rewards?q=TEA").text
    assert "No reward fits these filters." in odile_at.get("/admin/rewards?partner=nobody").text
    file = odile_at.get("/admin/rewards?q=tea&format=csv").text
    assert "tea;'=A tea;Not visible yet;Cafe Lumiere;100;0,00;10;10;0;0" in file and "coffee" not in file


def test_one_reward_counts_what_went(db, odile_at):
    coffee(db)
    redeemed(db, ines(db).id)
    page = odile_at.get("/admin/rewards/coffee").text
    assert "<dt>Left</dt><dd>9<small>of 10" in page
    assert "<dt>Live vouchers</dt><dd>1</dd>" in page


def test_a_preview_shows_what_is_not_visible_yet_in_either_language(db, app, odile_at):
    coffee(db, visible_from="2027-01-01T08:00:00+01:00")
    assert Browser(app, db).get("/rewards/coffee").status_code == 404
    assert "Un café" in odile_at.get("/admin/rewards/coffee/preview?lang=fr").text
    assert "Rewards" in odile_at.get("/admin/rewards").text, "the admin's own language stays"


def test_archiving_counts_what_stays_good_and_says_why(db, app, odile_at):
    coffee(db)
    redeemed(db, ines(db).id)
    assert "1 live voucher stays good until its date." in odile_at.get("/admin/rewards/coffee/archive").text
    assert odile_at.submit("/admin/rewards/coffee/archive", reason=" ").status_code == 422
    assert odile_at.submit("/admin/rewards/coffee/archive", reason="Season over").status_code == 303
    assert Browser(app, db).get("/rewards/coffee").status_code == 404
    assert (latest(db).action, latest(db).reason) == ("reward.archived", "Season over")
    assert "Archived" in odile_at.get("/admin/rewards?state=archived").text


def test_a_reader_sees_and_changes_nothing(db, staff_at):
    coffee(db)
    reader = staff_at("reader")
    page = reader.get("/admin/rewards/coffee").text
    assert "Archive" not in page and "Add stock" not in page
    assert reader.get(NEW).status_code == 403
