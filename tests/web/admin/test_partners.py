"""Partners in the admin: made, enrolled, renamed, shut out, parted with."""

import re

from loyalty.flows import enrol, scan
from loyalty.partners import find
from loyalty.rewards import find as rewards
from loyalty.staff import audit
from loyalty.vouchers.issue import body_of
from tests.cast import ines
from tests.makers.partners import device, known_partner
from tests.makers.rewards import coffee
from tests.makers.vouchers import redeemed

CAFE = "/admin/partners/cafe-lumiere"


def actions(db, limit=8):
    return [each.action for each in db.read(lambda session: audit.find(session, limit=limit))]


def test_a_partner_is_made_with_a_place_and_both_are_renamed(db, odile_at):
    assert odile_at.submit("/admin/partners", name="Café", slug="Café").status_code == 422
    made = odile_at.submit("/admin/partners", name="Café Lumière", slug="cafe-lumiere")
    assert made.status_code == 303 and made.location == CAFE
    again = odile_at.submit("/admin/partners", name="Autre", slug="cafe-lumiere")
    assert again.status_code == 409 and 'value="Autre"' in again.text
    assert odile_at.submit(f"{CAFE}/places", on=CAFE, name=" ").status_code == 422
    odile_at.submit(f"{CAFE}/places", on=CAFE, name="Gare")
    (place,) = db.read(lambda session: find.places(session, known_partner(db)))
    odile_at.submit(f"{CAFE}/places/{place.id}/name", on=CAFE, name="Gare du Nord")
    odile_at.submit(f"{CAFE}/name", on=CAFE, name="Le Lumière")
    page = odile_at.get(CAFE).text
    assert "Gare du Nord" in page and "Le Lumière" in page
    assert actions(db, 2) == ["partner.changed", "place.changed"]


def test_an_enrolment_is_shown_once_and_makes_a_device(db, odile_at):
    device(db)
    (place,) = db.read(lambda session: find.places(session, known_partner(db)))
    page = odile_at.submit(f"{CAFE}/places/{place.id}/enrolment", on=CAFE).text
    code = re.search(r"https://club\.example/partner/enrol/([0-9A-Z-]+)", page)[1]
    assert "<svg" in page
    assert code not in odile_at.get(CAFE).text
    made = enrol.enrol(db, code=code, name="Caisse 2", network_address="203.0.113.9")
    assert "Caisse 2" in odile_at.get(CAFE).text
    reason = {"reason": "Phone lost"}
    assert odile_at.submit(f"{CAFE}/devices/{made.device.id}/revoke", on=CAFE, reason="").status_code == 422
    assert odile_at.submit(f"{CAFE}/devices/{made.device.id}/revoke", on=CAFE, **reason).status_code == 303
    assert "Revoked" in odile_at.get(CAFE).text
    record = db.read(lambda session: audit.find(session, limit=1))[0]
    assert (record.action, record.reason) == ("device.revoked", "Phone lost")


def test_a_device_is_shut_out_on_its_own_partners_page(db, odile_at):
    other = device(db, "librairie")
    known_partner(db)
    assert odile_at.submit(f"{CAFE}/devices/{other.id}/revoke", on=CAFE, reason="Mine").status_code == 404


def test_scans_of_these_days_are_counted_by_device(db, app, odile_at):
    coffee(db)
    at_counter, keys = device(db), app.extensions["loyalty"].voucher_keys
    token = keys.write(body_of(redeemed(db, ines(db).id).voucher))
    for nonce in ("n1", "n2"):
        scan.use(db, keys, device=at_counter, text=token, nonce=nonce)
    row = odile_at.get(CAFE).text.split("Caisse 1")[1].split("</tr>")[0]
    assert re.findall(r'class="figure">(\d+)', row) == ["1", "1", "0"]


def test_parting_says_what_it_touches_asks_for_the_name_and_does_it_all(db, odile_at):
    coffee(db)
    device(db)
    redeemed(db, ines(db).id)
    page = odile_at.get(f"{CAFE}/archive").text
    for words in ("1 live voucher can no longer be used", "1 reward leaves", "1 device is shut out"):
        assert words in page
    assert odile_at.submit(f"{CAFE}/archive", reason="Closed", slug="cafe").status_code == 422
    assert db.read(lambda session: find.partner(session, "cafe-lumiere")).archived_at is None
    assert odile_at.submit(f"{CAFE}/archive", reason="Closed", slug="cafe-lumiere").status_code == 303
    assert actions(db, 3) == ["partner.archived", "device.revoked", "reward.archived"]
    assert db.read(lambda session: rewards.reward(session, "coffee")).archived_at is not None
    assert "No partner here" in odile_at.get("/admin/partners").text
    assert "Cafe Lumiere" in odile_at.get("/admin/partners?archived=1").text
    assert "/enrolment" not in odile_at.get(CAFE).text


def test_a_reader_changes_nothing(db, staff_at):
    device(db)
    page = staff_at("reader").get(CAFE).text
    assert "Caisse 1" in page and "/enrolment" not in page and "/revoke" not in page
