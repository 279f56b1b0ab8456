"""The points policy in the admin: each decision with its reason, kept, audited, refused by field."""

import pytest

from loyalty.programme.find import the_programme
from loyalty.programme.points_policy import WITHIN_BALANCE, debt_policy, transfers
from loyalty.staff import audit

PAGE = "/admin/programme/points"


def latest(db):
    return db.read(lambda session: audit.find(session, limit=1))[0]


def test_how_far_points_are_taken_back_is_decided_with_a_reason(db, odile_at):
    assert 'href="/admin/programme/points"' in odile_at.get("/admin/programme").text
    answer = odile_at.submit(f"{PAGE}/debt", on=PAGE, debt_policy=WITHIN_BALANCE, reason="Kinder to the fans")
    assert answer.status_code == 303
    assert db.read(debt_policy) == WITHIN_BALANCE
    record = latest(db)
    assert (record.before, record.after) == ({"debt_policy": "debt"}, {"debt_policy": WITHIN_BALANCE})
    assert record.reason == "Kinder to the fans"
    page = odile_at.get(PAGE).text
    assert f'value="{WITHIN_BALANCE}" checked' in page and "Saved." in page


def test_transfers_are_allowed_within_bounds(db, odile_at):
    said = {
        "transfers_allowed": "on",
        "transfer_smallest": "20",
        "transfer_most_per_day": "1 000",
        "reason": "Families",
    }
    assert odile_at.submit(f"{PAGE}/transfers", on=PAGE, **said).status_code == 303
    found = db.read(transfers)
    assert (found.allowed, found.smallest, found.most_per_day) == (True, 20, 1_000)
    assert latest(db).before["transfers_allowed"] is False
    said.pop("transfers_allowed")
    assert odile_at.submit(f"{PAGE}/transfers", on=PAGE, **said).status_code == 303
    assert db.read(transfers).allowed is False


def test_points_that_wait_are_added_changed_and_removed_row_by_row(db, odile_at):
    def said():
        return dict(db.read(the_programme).pending_hours)

    for which, hours in (("kind:like", "72"), ("network:x", "24"), ("kind:like", "48")):
        fields = {"which": which, "hours": hours, "reason": "Too many fakes"}
        assert odile_at.submit(f"{PAGE}/waits", on=PAGE, **fields).status_code == 303
    assert said() == {"kind:like": 48, "network:x": 24}
    page = odile_at.get(PAGE).text
    assert "<strong>Like</strong>" in page and "48 hours" in page and "<strong>X</strong>" in page
    gone = odile_at.submit(f"{PAGE}/waits/remove", on=PAGE, which="kind:like", reason="Over")
    assert gone.status_code == 303
    assert said() == {"network:x": 24}
    record = latest(db)
    assert record.before == {"pending_hours": {"kind:like": 48, "network:x": 24}}
    assert record.after == {"pending_hours": {"network:x": 24}}


@pytest.mark.parametrize(
    ("path", "fields", "name"),
    [
        ("debt", {"debt_policy": "everything", "reason": "x"}, "debt_policy"),
        ("debt", {"debt_policy": "none", "reason": " "}, "reason"),
        ("transfers", {"transfer_smallest": "0", "transfer_most_per_day": "5", "reason": "x"}, "transfer_smallest"),
        ("transfers", {"transfer_smallest": "9", "transfer_most_per_day": "5", "reason": "x"}, "transfer_most_per_day"),
        ("waits", {"which": "kind:like", "hours": "0", "reason": "x"}, "hours"),
        ("waits", {"which": "kind:like", "hours": "2161", "reason": "x"}, "hours"),
        ("waits", {"which": "anything", "hours": "5", "reason": "x"}, "which"),
        ("waits", {"which": "kind:like", "hours": "5", "reason": ""}, "reason"),
    ],
)
def test_what_does_not_fit_is_said_by_field_and_nothing_is_saved(db, odile_at, path, fields, name):
    answer = odile_at.submit(f"{PAGE}/{path}", on=PAGE, **fields)
    assert answer.status_code == 422
    assert 'class="wrong"' in answer.text
    assert db.read(lambda session: audit.find(session, limit=1)) == []


def test_a_reader_sees_it_and_changes_nothing(db, staff_at):
    reader = staff_at("reader")
    page = reader.get(PAGE).text
    assert "<fieldset" in page and "Save</button>" not in page and "Have them wait" not in page
