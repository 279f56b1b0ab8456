"""Odile builds the ladder: she sees what it would do, saves it with a reason, and takes nothing that was promised."""

import re

import pytest

from loyalty import ids
from loyalty.flows.adjust import adjust_points
from loyalty.flows.review_tiers import review_tiers
from loyalty.programme.find import the_programme
from loyalty.staff import audit
from loyalty.tiers.find import open_ladder
from tests import cast
from tests.cast import ODILE
from tests.makers.rewards import coffee
from tests.makers.tiers import ladder, tier_of

PAGE = "/admin/programme/tiers"
GOLD = {"slug": "gold", "name_fr": "Or", "name_en": "Gold", "threshold": "1 000", "reason": "Opening"}


@pytest.fixture
def fan(app, db):
    """Ines, with 60 status points this year."""
    fan = cast.ines(db)
    adjust_points(db, fan_id=fan.id, amount=60, unit="status", reason="test", actor=ODILE, key=ids.new())
    return fan


def latest(db):
    return db.read(lambda session: audit.find(session, limit=1))[0]


def test_an_empty_ladder_says_what_to_do(odile_at):
    page = odile_at.get(PAGE).text
    assert "No tier yet" in page and "/admin/programme/tiers/-/new" in page


def test_a_tier_is_added_and_everybody_is_reviewed(db, fan, odile_at):
    said = GOLD | {"threshold": "60", "perks_en": "A visit"}
    response = odile_at.submit(f"{PAGE}/-/new", **said)
    assert (response.status_code, response.location) == (303, PAGE)
    page = odile_at.get(PAGE).text
    assert "Gold" in page and "A visit" in page and "are being reviewed" in page
    record = latest(db)
    assert (record.action, record.subject, record.reason) == ("tier.added", "tier:gold", "Opening")
    assert review_tiers(db) == 1
    assert "are being reviewed" not in odile_at.get(PAGE).text
    page = odile_at.get(f"/admin/fans/{fan.id}").text
    assert "Gold" in page and "31 December 2027" in page


def test_what_it_would_do_is_shown_and_nothing_is_saved(db, fan, odile_at):
    ladder(db, silver=50, gold=200)
    review_tiers(db)
    page = odile_at.submit(f"{PAGE}/-/new", **GOLD | {"threshold": "55", "slug": "", "reason": ""}, foresee="yes").text
    assert "Nobody would rise at once." in page or "1 fan would rise at once." in page
    assert 'value="Or"' in page, "what was typed is kept"
    assert len(db.read(open_ladder)) == 2


@pytest.mark.parametrize(
    ("slug", "threshold", "rise", "fall"),
    [("gold", 60, "1 fan would rise at once.", "Nobody would have to earn more"),
     ("silver", 61, "Nobody would rise at once.", "1 fan has earned too little")],
)  # fmt: skip
def test_another_threshold_is_foreseen(db, app, odile_at, slug, threshold, rise, fall):
    ladder(db, silver=50, gold=200)
    fan = cast.ines(db)
    adjust_points(db, fan_id=fan.id, amount=60, unit="status", reason="test", actor=ODILE, key=ids.new())
    page = odile_at.submit(f"{PAGE}/{slug}", threshold=str(threshold), foresee="yes").text
    assert rise in page and fall in page
    assert tier_of(db, fan.id)[0] == "silver"


def test_a_change_is_on_record_and_takes_nothing(db, app, odile_at):
    ladder(db, silver=50)
    fan = cast.ines(db)
    adjust_points(db, fan_id=fan.id, amount=60, unit="status", reason="test", actor=ODILE, key=ids.new())
    said = {"name_fr": "Argent", "name_en": "Silver", "perks_fr": "", "perks_en": "", "threshold": "500"}
    assert odile_at.submit(f"{PAGE}/silver", **said, reason="Too flat").status_code == 303
    record = latest(db)
    assert record.before == {"name_fr": "Silver", "threshold": 50}
    assert record.after == {"name_fr": "Argent", "threshold": 500}
    review_tiers(db)
    assert tier_of(db, fan.id)[0] == "silver"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"threshold": "0"}, "From 1 to"),
        ({"threshold": "many"}, "A whole number"),
        ({"threshold": "50"}, "Another tier takes 50 status points already."),
        ({"slug": "silver"}, "There is already a tier"),
        ({"slug": "Not a slug"}, "Lower-case letters"),
        ({"name_fr": " "}, "Please fill this in."),
        ({"reason": ""}, "Please fill this in."),
        ({"perks_fr": "x" * 601}, "600"),
    ],
)
def test_what_is_wrong_is_said_by_its_field_and_kept(db, odile_at, wrong, said):
    ladder(db, silver=50)
    response = odile_at.submit(f"{PAGE}/-/new", **GOLD | wrong)
    assert response.status_code in (409, 422)
    assert said in response.text and 'value="Gold"' in response.text
    assert len(db.read(open_ladder)) == 1


def test_an_archived_tier_leaves_the_ladder_and_cannot_be_changed(db, odile_at):
    ladder(db, silver=50)
    assert "No fan has it." in odile_at.get(f"{PAGE}/silver/archive").text
    assert odile_at.submit(f"{PAGE}/silver/archive", reason="").status_code == 422
    assert odile_at.submit(f"{PAGE}/silver/archive", reason="Over").status_code == 303
    assert db.read(open_ladder) == []
    assert "Archived" in odile_at.get(PAGE).text
    assert odile_at.get(f"{PAGE}/silver").status_code == 404


def test_the_terms_are_changed_with_a_reason(db, odile_at):
    assert odile_at.submit(f"{PAGE}/-/terms", on=PAGE, tier_year_starts="13", reason="x").status_code == 422
    said = {"tier_year_starts": "9", "tier_one_step": "on", "reason": "A season"}
    assert odile_at.submit(f"{PAGE}/-/terms", on=PAGE, **said).status_code == 303
    programme = db.read(the_programme)
    assert (programme.tier_year_starts, programme.tier_one_step) == (9, True)
    assert "31 August 2027" in odile_at.get(PAGE).text


def test_a_reward_is_reserved_for_a_tier_by_its_form(db, odile_at):
    ladder(db, silver=50)
    coffee(db)
    form = odile_at.get("/admin/rewards/coffee/edit").text
    assert '<option value="silver">Silver</option>' in form
    said = {"name_fr": "Café", "name_en": "Coffee", "cost_points": "100", "partner": partner_of(form)}
    kept = {"valid_days": "30", "max_uses": "1", "value_cents": "0"}
    response = odile_at.submit("/admin/rewards/coffee/edit", **said, **kept, min_tier="silver")
    assert response.status_code == 303, response.text
    assert "Reserved for" in odile_at.get("/admin/rewards/coffee").text
    assert odile_at.get("/admin/rewards/coffee/preview").status_code == 200
    refused = odile_at.submit("/admin/rewards/coffee/edit", **said, **kept, min_tier="platinum")
    assert refused.status_code == 404 and "No such tier" in refused.text
    assert odile_at.submit("/admin/rewards/coffee/edit", **said, **kept, min_tier="").status_code == 303
    assert "Reserved for" not in odile_at.get("/admin/rewards/coffee").text


def partner_of(form):
    return re.search(r'<option value="([^"]+)" selected', form.split('id="partner"')[1])[1]
