"""The programme in the admin: its look, its limits, its time zone, its shows."""

from datetime import timedelta

from loyalty import clock
from loyalty.programme.find import approval_thresholds, the_programme
from loyalty.staff import audit
from tests.cast import MORNING
from tests.makers.pictures import SVG, photo
from tests.web.admin.conftest import signed_in
from tests.web.admin.uploads import send_form
from tests.web.browser import Browser

PAGE = "/admin/programme"
LOOK = {
    "name": "Radio Soleil",
    "brand_colour": "#AA2200",
    "default_language": "en",
    "point_fr_one": "rayon",
    "point_fr_many": "rayons",
    "point_en_one": "ray",
    "point_en_many": "rays",
}
LIMITS = {
    "approval_points": "2 000",
    "approval_units": "50",
    "forget_after_months": "24",
    "reason": "New season",
}


def send(browser, logo=None, **said):
    return send_form(browser, f"{PAGE}/look", {"logo": logo}, **(LOOK | said))


def latest(db):
    return db.read(lambda session: audit.find(session, limit=1))[0]


def test_another_look_is_seen_at_once_on_every_surface(db, app, odile_at):
    assert "Radio Lumière" in odile_at.get(PAGE).text
    assert send(odile_at).status_code == 303
    page = Browser(app, db).get("/").text
    assert "Radio Soleil" in page and "/brand/aa2200.css" in page
    assert db.read(the_programme).point_names == {"fr": ["rayon", "rayons"], "en": ["ray", "rays"]}
    record = latest(db)
    assert record.before["name"] == "Radio Lumière" and record.after["name"] == "Radio Soleil"
    assert "approval_points" not in record.after, "only what changed is on record"
    assert send(odile_at).status_code == 303
    assert latest(db).id == record.id, "the same again is no change"


def test_47_a_logo_replaces_the_letter_and_goes_again(db, app, odile_at):
    assert send(odile_at, logo=SVG).status_code == 422
    assert send(odile_at, logo=photo(600, 600, form="PNG", mode="RGBA")).status_code == 303
    for path in ("/", "/partner/enrol", "/admin/sign-in"):
        page = Browser(app, db).get(path).text
        assert 'class="dot-logo"' in page and 'class="dot"' not in page, path
    address = page.split('class="dot-logo" src="')[1].split('"')[0]
    assert len(Browser(app, db).get(address).data) < 8_000
    assert send(odile_at, without_logo="on").status_code == 303
    assert 'class="dot"' in Browser(app, db).get("/").text


def test_what_is_wrong_is_said_by_field_and_kept(db, odile_at):
    page = send(odile_at, brand_colour="red", name=" ", point_fr_one="")
    assert page.status_code == 422
    assert "It does not have the expected form." in page.text and 'value="rayons"' in page.text
    assert db.read(the_programme).name == "Radio Lumière"


def test_a_colour_is_tried_on_the_whole_page_and_saved_nowhere(db, odile_at):
    page = odile_at.get(f"{PAGE}?colour=%2300ff00").text
    assert "/brand/00ff00.css" in page and ": 1</small>" in page
    assert "/brand/00ff00.css" not in odile_at.get(PAGE).text
    assert odile_at.get(f"{PAGE}?colour=%22%3E%3Cscript%3E").status_code == 200


def test_limits_change_with_a_reason_and_leave_points_already_earned_alone(db, odile_at):
    assert odile_at.submit(f"{PAGE}/limits", on=PAGE, **(LIMITS | {"reason": ""})).status_code == 422
    assert odile_at.submit(f"{PAGE}/limits", on=PAGE, **LIMITS).status_code == 303
    assert db.read(approval_thresholds).points == 2_000 and db.read(approval_thresholds).units == 50
    assert latest(db).reason == "New season"


def test_13_the_time_zone_and_the_limits_ask_who_it_is_once_more(app, db, odile_of_the_staff):
    odile_at = signed_in(app, db, odile_of_the_staff)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=11))):
        for path, said in (("zone", {"time_zone": "America/Cayenne", "reason": "We moved"}), ("limits", LIMITS)):
            assert odile_at.submit(f"{PAGE}/{path}", on=PAGE, **said).status_code == 403
    assert str(db.read(the_programme).zone) == "Europe/Paris"


def test_another_time_zone_is_seen_at_once(db, odile_at):
    said = {"time_zone": "America/Cayenne", "reason": "We moved"}
    assert odile_at.submit(f"{PAGE}/zone", on=PAGE, **(said | {"time_zone": "Paris"})).status_code == 422
    assert odile_at.submit(f"{PAGE}/zone", on=PAGE, **said).status_code == 303
    assert "<option selected>America/Cayenne</option>" in odile_at.get(PAGE).text
    assert (latest(db).before, latest(db).after) == ({"time_zone": "Europe/Paris"}, {"time_zone": "America/Cayenne"})


def test_shows_are_added_renamed_and_archived(db, odile_at):
    show = {"slug": "matinale", "name": "La matinale"}
    assert odile_at.submit(f"{PAGE}/shows", on=PAGE, **show).status_code == 303
    again = odile_at.submit(f"{PAGE}/shows", on=PAGE, **show)
    assert again.status_code == 409 and "There is already a show" in again.text
    assert odile_at.submit(f"{PAGE}/shows/matinale/name", on=PAGE, name="Le réveil").status_code == 303
    assert odile_at.submit(f"{PAGE}/shows/matinale/archive", on=PAGE, reason="").status_code == 422
    assert odile_at.submit(f"{PAGE}/shows/matinale/archive", on=PAGE, reason="Summer").status_code == 303
    assert odile_at.submit(f"{PAGE}/shows/midi/name", on=PAGE, name="Midi").status_code == 404
    page = odile_at.get(PAGE).text
    assert "Le réveil" in page and "Archived" in page
    assert (latest(db).action, latest(db).reason) == ("show.archived", "Summer")


def test_a_reader_sees_it_and_saves_nothing(staff_at):
    page = staff_at("reader").get(PAGE).text
    assert "Radio Lumière" in page and "disabled" in page and "Add the show" not in page
