"""Vouchers in the admin: found, told, cancelled, blocked, given another code, their uses taken back."""

from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.flows import scan
from loyalty.staff import audit
from loyalty.vouchers import code, find
from loyalty.vouchers.issue import body_of
from loyalty.vouchers.search import state_of
from tests.cast import MORNING, ines, marc
from tests.makers.partners import device
from tests.makers.rewards import balance, coffee, left
from tests.makers.vouchers import redeemed, stock_adds_up


@pytest.fixture
def reward(db):
    return coffee(db)


@pytest.fixture
def fan(db, app):
    return ines(db)


@pytest.fixture
def redemption(db, app, reward, fan):
    return redeemed(db, fan.id)


@pytest.fixture
def keys(app):
    return app.extensions["loyalty"].voucher_keys


def page_of(redemption):
    return f"/admin/vouchers/{redemption.redemption.id}"


def voucher(db, redemption):
    return db.read(lambda session: find.by_redemption(session, redemption.redemption.id))


def act(browser, redemption, what, reason="Ines called"):
    return browser.submit(f"{page_of(redemption)}/{what}", on="/admin/vouchers", reason=reason)


def test_a_voucher_is_found_by_whatever_one_has_of_it(db, app, odile_at, redemption, keys):
    token = keys.write(body_of(redemption.voucher))
    typed = code.spell(redemption.voucher.token_id)
    for sought in (typed, typed.lower().replace("-", " "), token, f"HTTPS://CLUB.EXAMPLE/V/{token}",
                   str(redemption.redemption.id)):  # fmt: skip
        found = odile_at.submit("/admin/vouchers/find", on="/admin/vouchers", sought=sought)
        assert found.status_code == 303 and found.location == page_of(redemption), sought
    for sought in ("ines", "INÈS", "ines@example.org"):
        found = odile_at.submit("/admin/vouchers/find", on="/admin/vouchers", sought=sought)
        assert page_of(redemption) in odile_at.get(found.location).text
    assert page_of(redemption) not in odile_at.get("/admin/vouchers?q=marc").text
    assert odile_at.submit("/admin/vouchers/find", on="/admin/vouchers", sought="00000-00000-0000").status_code == 404


def test_filters_and_the_file_say_the_same_and_no_code_is_in_either(db, odile_at, redemption):
    coffee(db, slug="tea")
    redeemed(db, marc(db).id, slug="tea")
    secrets = (redemption.voucher.token_id, code.spell(redemption.voucher.token_id))
    for path in ("/admin/vouchers", page_of(redemption), "/admin/vouchers?format=csv"):
        assert not any(secret in odile_at.get(path).text for secret in secrets)
    for filters in ("reward=coffee", "reward=coffee&state=issued&partner=cafe-lumiere&day=2026-11-23"):
        assert odile_at.get(f"/admin/vouchers?{filters}&format=csv").text.count("\n") == 2
    for filters in ("state=used", "day=2026-11-22", "partner=nobody"):
        assert odile_at.get(f"/admin/vouchers?{filters}&format=csv").text.count("\n") == 1
    assert "No voucher fits." in odile_at.get("/admin/vouchers?state=blocked").text


def test_the_page_shows_the_end_of_the_code_alone(odile_at, redemption):
    page = odile_at.get(page_of(redemption)).text
    assert f"••••• ••••• {code.spell(redemption.voucher.token_id)[-4:]}" in page


def test_cancelling_gives_the_points_and_the_unit_back(db, odile_at, reward, fan, redemption):
    assert act(odile_at, redemption, "cancel", reason=" ").status_code == 422
    assert balance(db, fan.id) == 0
    assert act(odile_at, redemption, "cancel").status_code == 303
    assert balance(db, fan.id) == 100 and left(db, reward) == 10
    page = odile_at.get(page_of(redemption)).text
    assert "Redemption cancelled" in page and "Ines called" in page and "odile@lumiere.example" in page
    assert stock_adds_up(db)


def test_a_voucher_is_blocked_and_let_go_again(db, odile_at, redemption):
    assert act(odile_at, redemption, "block").status_code == 303
    assert voucher(db, redemption).state == "blocked"
    assert act(odile_at, redemption, "unblock").status_code == 303
    assert voucher(db, redemption).state == "issued"
    assert "Voucher blocked" in odile_at.get(page_of(redemption)).text


def test_another_code_shuts_the_old_one_out(db, odile_at, redemption, keys):
    old = keys.write(body_of(redemption.voucher))
    assert act(odile_at, redemption, "reissue").status_code == 303
    verdict = scan.use(db, keys, device=device(db), text=old, nonce="n1")
    assert verdict.reason == "superseded"
    page = odile_at.get(page_of(redemption)).text
    assert "Old code: a new one has replaced it." in page, "refused scans are told too"
    assert "Comptoir de la gare, Caisse 1" in page
    found = odile_at.submit("/admin/vouchers/find", on="/admin/vouchers", sought=old)
    assert found.location == page_of(redemption), "the old code still leads to it"


def test_a_use_is_taken_back_long_after_the_device_could(db, odile_at, redemption, keys):
    at_counter = device(db)
    used = scan.use(db, keys, device=at_counter, text=keys.write(body_of(redemption.voucher)), nonce="n1")
    assert used.ok and voucher(db, redemption).state == "used"
    refused = act(odile_at, redemption, "cancel")
    assert refused.status_code == 409 and "cannot be cancelled any more" in refused.text
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=20))):
        assert act(odile_at, redemption, f"scans/{used.scan_id}/annul", reason="").status_code == 422
        assert act(odile_at, redemption, f"scans/{used.scan_id}/annul", "Nothing handed out").status_code == 303
        assert act(odile_at, redemption, f"scans/{used.scan_id}/annul", "Again").status_code == 303
    assert (voucher(db, redemption).state, voucher(db, redemption).uses) == ("issued", 0)
    (record,) = db.read(lambda session: audit.find(session, limit=5, action="scan.annulled"))
    assert (record.before["uses"], record.after["uses"], record.reason) == (1, 0, "Nothing handed out")
    page = odile_at.get(page_of(redemption)).text
    assert "Used, then taken back" in page and "Nothing handed out" in page
    assert stock_adds_up(db)


def test_a_scan_is_taken_back_on_its_own_voucher_and_only_when_it_counted(db, odile_at, redemption, keys):
    at_counter, token = device(db), keys.write(body_of(redemption.voucher))
    scan.use(db, keys, device=at_counter, text=token, nonce="n1")
    refused = scan.use(db, keys, device=at_counter, text=token, nonce="n2")
    assert act(odile_at, redemption, f"scans/{refused.scan_id}/annul").status_code == 409
    other = redeemed(db, marc(db).id)
    assert act(odile_at, other, f"scans/{refused.scan_id}/annul").status_code == 404
    assert odile_at.get("/admin/vouchers/7").status_code == 404


def test_what_is_past_its_date_is_called_expired_before_the_job_comes_by(redemption):
    assert state_of(redemption.voucher, MORNING) == "issued"
    assert state_of(redemption.voucher, MORNING + timedelta(days=32)) == "expired"


def test_an_editor_reads_and_has_no_button(staff_at, redemption):
    page = staff_at("editor").get(page_of(redemption)).text
    assert "Timeline" in page and "What you can do" not in page
