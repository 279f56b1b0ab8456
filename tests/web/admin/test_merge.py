"""Staff merge two fans: found, compared, confirmed by a word."""

import pytest

from loyalty.fans.tables import Fan
from loyalty.flows.adjust import adjust_points
from loyalty.flows.link import register
from loyalty.staff import audit
from tests import cast
from tests.cast import ODILE
from tests.makers.proof import adds_up
from tests.makers.rewards import balance


@pytest.fixture
def two(app, db):
    """Inès, and Inès again with 20 points."""
    one = cast.ines(db)
    other = register(db, display_name="Nès", email="ines@work.example", reference="badge-7", actor=ODILE)
    adjust_points(db, fan_id=other.id, amount=20, reason="a gift", actor=ODILE, key=1)
    return one, other


def paths(two):
    one, other = two
    return f"/admin/fans/{one.id}/merge", f"/admin/fans/{one.id}/merge/{other.id}"


def test_the_other_is_found_and_compared_before_anything_happens(odile_at, db, two):
    search, compare = paths(two)
    found = odile_at.get(f"{search}?q=nes").text
    assert f'href="{compare}"' in found
    page = odile_at.get(compare).text
    assert "ines@work.example" in page and "What moves" in page
    assert balance(db, two[0].id) == 0


def test_the_word_merges_them_and_the_old_address_leads_to_the_one(odile_at, db, two):
    _, compare = paths(two)
    wrong = odile_at.submit(compare, reason="Same person", word="yes")
    assert wrong.status_code == 422 and "Same person" in wrong.text and "This is not the word." in wrong.text
    assert odile_at.submit(compare, reason="Same person", word="merge", email="on").status_code == 303
    assert balance(db, two[0].id) == 20
    kept = db.read(lambda session: session.get_one(Fan, two[0].id))
    assert (kept.email, kept.display_name, kept.reference) == ("ines@work.example", "Inès", "ines")
    moved = odile_at.get(f"/admin/fans/{two[1].id}")
    assert moved.status_code == 302 and f"/admin/fans/{two[0].id}" in moved.location
    page = odile_at.get(moved.location).text
    assert "turned out to be this one" in page and "Accounts merged" in page
    assert adds_up(db)


def test_a_merger_sent_twice_is_refused_the_second_time_without_harm(odile_at, db, two):
    _, compare = paths(two)
    said = {"reason": "Same person", "word": "MERGE"}
    token_page = f"/admin/fans/{two[0].id}"
    assert odile_at.submit(compare, on=token_page, **said).status_code == 303
    assert odile_at.submit(compare, on=token_page, **said).status_code in (303, 404)
    assert balance(db, two[0].id) == 20


def test_43_a_merger_is_on_record_with_who_from_where_and_why(odile_at, db, two):
    odile_at.submit(paths(two)[1], reason="Same person", word="MERGE")
    (record,) = db.read(lambda session: audit.find(session, limit=9, action="fan.merged"))
    assert (record.actor, record.address, record.reason) == (
        "staff:odile@lumiere.example", "203.0.113.7", "Same person"
    )  # fmt: skip
    assert record.before["target"]["points"] == 0 and record.after["target"]["points"] == 20


def test_a_fan_cannot_be_compared_with_itself_or_with_nobody(odile_at, two):
    one, _ = two
    assert odile_at.get(f"/admin/fans/{one.id}/merge/{one.id}").status_code == 404
    assert odile_at.get(f"/admin/fans/{one.id}/merge/1").status_code == 404
