"""Staff see what senders delivered, have it worked again, and keep the senders' secrets."""

import re
from datetime import timedelta

import pytest

from loyalty import clock, ids
from loyalty.flows.manage_sources import add_source
from loyalty.intake.find import find_deliveries
from loyalty.intake.sources import find_source
from loyalty.intake.tables import Delivery
from loyalty.staff import audit
from tests.cast import MORNING, ODILE


@pytest.fixture
def dead(app, db):
    """A delivery that was set aside."""
    add_source(db, app.extensions["loyalty"].sealer, connector="webhook", slug="quiz", actor=ODILE)
    source = db.read(lambda session: find_source(session, "webhook", "quiz"))
    kept = Delivery(
        id=ids.new(), source_id=source.id, dedup_key="msg_1", content_type="application/json",
        headers={"webhook-id": "msg_1"}, body=b'{"name": "<script>alert(1)</script>", "n": [1, 2]}',
        received_at=clock.now(), state="dead", attempts=10, due_at=clock.now(), problem="It was in no form we know",
    )  # fmt: skip
    db.write(lambda session: session.add(kept))
    return kept


def test_a_delivery_is_shown_as_it_came_and_as_text(odile_at, dead):
    listed = odile_at.get("/admin/deliveries").text
    assert "webhook/quiz" in listed and "It was in no form we know" in listed
    page = odile_at.get(f"/admin/deliveries/{dead.id}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "<script>alert" not in page
    assert "webhook-id" in page and "verified when it came" in page


def test_filters_stand_in_the_address(odile_at, dead):
    assert f"/admin/deliveries/{dead.id}" in odile_at.get("/admin/deliveries?state=dead&source=webhook/quiz").text
    assert f"/admin/deliveries/{dead.id}" not in odile_at.get("/admin/deliveries?state=worked").text
    assert odile_at.get("/admin/deliveries?state=x&source=%00&before=-1").status_code == 200


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00binary", b"[" * 5000, b"x" * 200_000, b'{"a": "\\ud800"}'])
def test_whatever_a_body_holds_it_can_be_shown(odile_at, db, dead, body):
    def change(session):
        session.get_one(Delivery, dead.id).body = body
        session.flush()

    db.write(change)
    page = odile_at.get(f"/admin/deliveries/{dead.id}")
    assert page.status_code == 200 and len(page.data) < 200_000


def test_43_it_is_worked_again_with_a_reason_on_record(odile_at, db, dead):
    path = f"/admin/deliveries/{dead.id}"
    assert odile_at.submit(f"{path}/replay", on=path, reason="").status_code == 422
    assert odile_at.submit(f"{path}/replay", on=path, reason="The connector is mended").status_code == 303
    (kept,) = db.read(lambda session: find_deliveries(session, limit=1))
    assert (kept.state, kept.attempts) == ("kept", 0)
    (record,) = db.read(lambda session: audit.find(session, limit=1))
    assert (record.action, record.reason, record.before["state"]) == (
        "delivery.replayed", "The connector is mended", "dead"
    )  # fmt: skip
    assert odile_at.submit(f"{path}/replay", on="/admin/account", reason="Again").status_code == 409


def test_a_secret_is_shown_once_and_a_source_stops_and_starts(odile_at, app, db, dead):
    path = "/admin/deliveries/sources"
    page = odile_at.submit(f"{path}/webhook/quiz/rotate", on=path, reason="It leaked", leaked="on").text
    secret = re.search(r'<code id="secret-made">([^<]+)</code>', page)[1]
    assert "https://club.example/hooks/webhook/quiz" in page
    assert secret not in odile_at.get(path).text
    source = db.read(lambda session: find_source(session, "webhook", "quiz"))
    assert list(app.extensions["loyalty"].sealer.open(source.sealed_secrets)) == [secret]
    assert odile_at.submit(f"{path}/webhook/quiz/stop", on=path, reason="Season over").status_code == 303
    assert "Season over" in odile_at.get(path).text
    assert odile_at.submit(f"{path}/webhook/quiz/rotate", on=path, reason="New season").status_code == 200
    assert "Season over" not in odile_at.get(path).text
    actions = [each.action for each in db.read(lambda session: audit.find(session, limit=3))]
    assert actions == ["source.rotated", "source.stopped", "source.rotated"]


def test_a_source_is_set_up_and_a_wrong_one_is_explained(odile_at, dead):
    path = "/admin/deliveries/sources"
    assert "secret-made" in odile_at.submit(path, connector="webhook", slug="poll", secret="").text
    wrong = odile_at.submit(path, connector="webhook", slug="Pas Bon", secret="")
    assert wrong.status_code == 422 and 'value="Pas Bon"' in wrong.text
    assert odile_at.submit(path, connector="webhook", slug="poll", secret="").status_code == 409
    assert odile_at.submit(path, connector="telepathy", slug="poll", secret="").status_code == 422


def test_13_a_secret_asks_for_the_second_factor_again(odile_at, dead):
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=11))):
        path = "/admin/deliveries/sources"
        assert odile_at.submit(f"{path}/webhook/quiz/rotate", on=path, reason="It leaked").status_code == 403


def test_who_may_only_read_sees_no_way_to_change(staff_at, dead):
    editor = staff_at("editor")
    assert "Set up a source" not in editor.get("/admin/deliveries/sources").text
    assert "Work it again" not in editor.get(f"/admin/deliveries/{dead.id}").text
    assert staff_at("support").get("/admin/deliveries").status_code == 403
