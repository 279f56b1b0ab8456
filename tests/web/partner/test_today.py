"""What a device did today, and how it takes a handover back."""

from datetime import timedelta
from typing import Any

import pytest

from loyalty import clock
from tests.cast import MORNING
from tests.web.partner.conftest import confirm, enrol, enrolment, look, state
from tests.web.partner.test_scan import scans, voucher

NOT_HANDED = {"because": "not_handed"}


@pytest.fixture
def handed(db: Any, counter: Any, got: Any) -> int:
    """The scan of a coffee that was handed over."""
    confirm(counter, look(counter, got.token))
    (scan,) = scans(db)
    return scan.id


def undo(browser: Any, scan_id: int, **fields: str) -> Any:
    return browser.submit(f"/partner/undo/{scan_id}", **fields)


def at(minutes: float) -> Any:
    return clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=minutes)))


def test_a_day_that_begins_is_empty_and_says_what_to_do(counter):
    page = counter.get("/partner/today").text
    assert "Nothing scanned yet today." in page and 'href="/partner/"' in page


def test_today_counts_what_came_to_what(db, counter, got, handed):
    late = look(counter, "hello")
    assert state(late) == "refused"
    counter.submit("/partner/use", on="/partner/", text=got.token, nonce="second")
    page = counter.get("/partner/today").text
    assert page.count("<dd>1</dd>") == 2 and page.count("<dd>0</dd>") == 1
    assert page.count('class="read read-handed"') == page.count('class="read read-refused"') == 1
    assert "A coffee" in page and "08:00" in page


def test_a_look_that_is_refused_is_a_refused_scan_of_today(db, counter, got, handed):
    assert state(look(counter, got.token)) == "refused", "it was used before"
    page = counter.get("/partner/today").text
    assert page.count('class="read read-handed"') == page.count('class="read read-refused"') == 1
    assert page.count("<dd>1</dd>") == 2


def test_a_device_sees_its_own_scans_of_the_stations_own_day(db, counter, new_browser, handed):
    other = enrol(new_browser(), enrolment(db, place="Terrasse"), "Caisse 2")
    assert "read-handed" not in other.get("/partner/today").text
    assert other.get(f"/partner/undo/{handed}").status_code == 404
    with at(16 * 60 - 1):  # 23:59 in Paris
        assert "read-handed" in counter.get("/partner/today").text
    with at(16 * 60):
        assert "read-handed" not in counter.get("/partner/today").text


def test_a_handover_is_undone_with_a_reason_and_the_voucher_can_be_used_again(db, counter, got, handed):
    with at(14):
        assert "Possible until 08:15" in counter.get(f"/partner/undo/{handed}").text
        answer = undo(counter, handed, **NOT_HANDED)
        assert (answer.status_code, answer.location) == (303, "/partner/today")
        page = counter.get("/partner/today").text
    assert "the voucher can be used again" in page
    assert 'class="read read-undone"' in page and "Nothing was handed over" in page
    (scan,) = scans(db)
    assert (scan.annulled_because, voucher(db).uses) == ("Nothing was handed over", 0)
    assert state(look(counter, got.token)) == "ready"


def test_another_reason_is_told_in_ones_own_words(db, counter, handed):
    for wrong in ({}, {"because": "nonsense"}, {"because": "other"}, {"because": "other", "words": " "}):
        answer = undo(counter, handed, **wrong)
        assert answer.status_code == 422 and 'class="wrong"' in answer.text
    long = undo(counter, handed, because="other", words="x" * 301)
    assert long.status_code == 422 and "x" * 301 in long.text
    assert undo(counter, handed, because="other", words="Le four est en panne").status_code == 303
    assert scans(db)[0].annulled_because == "Le four est en panne"


def test_undone_twice_is_undone_once(db, counter, handed):
    assert undo(counter, handed, **NOT_HANDED).status_code == 303
    assert "It is undone already." in counter.get(f"/partner/undo/{handed}").text
    token = counter.get("/partner/").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    again = counter.send("POST", f"/partner/undo/{handed}", data={"csrf_token": token, "because": "changed_mind"})
    assert again.status_code == 303
    assert (scans(db)[0].annulled_because, voucher(db).uses) == ("Nothing was handed over", 0)


def test_after_a_quarter_of_an_hour_the_station_is_to_be_asked(db, counter, handed):
    token = counter.get("/partner/").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    with at(15.1):
        page = counter.get(f"/partner/undo/{handed}").text
        assert "only the station can undo it" in page and "<form" not in page
        late = counter.send("POST", f"/partner/undo/{handed}", data={"csrf_token": token, **NOT_HANDED})
    assert late.status_code == 409
    assert "Only the station can undo it now" in late.text
    assert voucher(db).uses == 1


def test_a_refusal_has_nothing_to_undo(db, counter, got, handed):
    counter.submit("/partner/use", on="/partner/", text=got.token, nonce="second")
    refused = scans(db)[-1].id
    assert "there is nothing to undo" in counter.get(f"/partner/undo/{refused}").text
    assert counter.get("/partner/undo/1").status_code == 404
