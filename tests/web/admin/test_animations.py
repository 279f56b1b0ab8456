"""Animations in the admin: opened from what their kind asks for, watched, decided about, closed and voided."""

import re
from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.animations import find
from loyalty.animations.tables import IN_REVIEW, RECORDED, REFUSED
from loyalty.flows.answer import answer
from loyalty.flows.manage_programme import add_show
from loyalty.ledger import post
from loyalty.staff import audit
from tests.cast import MORNING, ODILE, ines, marc
from tests.makers.animations import CODE, again, crowd, open_code, pay_codes, states
from tests.makers.proof import adds_up


@pytest.fixture
def show(app, db):
    add_show(db, slug="la-matinale", name="La matinale", actor=ODILE)


def at(instant):
    return clock.running_on(clock.stopped_at(instant))


def balance(db, fan):
    return db.read(lambda session: post.lock(session, [fan.id])[fan.id].balance)


def suggested(page):
    return re.search(r'name="solution-code" type="text" value="([^"]+)"', page.text)[1]


def opened(db):
    return db.read(lambda session: find.animations(session, limit=9))


def waiting_ones(db, fans):
    """A code that leaked: right answers before air, which wait."""
    open_code(db, starts_at=MORNING)
    with at(MORNING - timedelta(minutes=5)):
        for fan in fans:
            with pytest.raises(Exception, match="not_open_yet"):
                answer(db, "matinale", fan_id=fan.id, said=CODE)


def test_a_code_is_open_with_one_press_on_the_overview(app, db, show, odile_at):
    page = odile_at.get("/admin/")
    code = suggested(page)
    sent = {"kind": "on_air_code", "show": "la-matinale", "minutes": "30", "solution-code": code}
    answered = odile_at.submit("/admin/animations", on="/admin/", **sent)
    (row,) = opened(db)
    assert answered.location == f"/admin/animations/{row.slug}"
    assert (row.solution, row.show, row.starts_at) == ({"code": code}, "la-matinale", MORNING)
    assert row.ends_at - row.starts_at == timedelta(minutes=30)
    assert code in odile_at.get(answered.location).text
    (record,) = db.read(lambda session: audit.find(session, limit=1))
    assert (record.action, record.actor) == ("animation.opened", "staff:odile@lumiere.example")


def test_the_form_is_made_of_what_the_kind_asks_for(app, db, odile_at):
    page = odile_at.get("/admin/animations/new").text
    for name in (
        "units_at_air",
        "units_floor",
        "decay_minutes",
        "attempts",
        "early_most",
        "tail_percent",
        "tail_least",
    ):
        assert f'name="setting-{name}"' in page
    for said in ("100 units", "60 units", "20 units"):
        assert said in page, "what it is worth at the start, half-way, in the end"
    sent = {
        "kind": "on_air_code", "when": "later", "starts_at": "2026-11-23T09:30", "minutes": "1 0", "name_fr": "Le code",
        "setting-units_at_air": "1 000", "setting-units_floor": "10", "solution-code": "Été 47",
    }  # fmt: skip
    assert odile_at.submit("/admin/animations", on="/admin/animations/new", **sent).status_code == 303
    (row,) = opened(db)
    assert (row.starts_at, row.settings["units_at_air"], row.settings["attempts"]) == (
        MORNING + timedelta(minutes=90), 1000, 5,
    )  # fmt: skip
    assert (row.name_fr, row.name_en, row.show) == ("Le code", "On-air code", None)


def test_what_is_wrong_is_said_by_field_and_what_was_typed_is_kept(app, db, odile_at):
    sent = {
        "kind": "on_air_code", "when": "later", "minutes": "0", "show": "nowhere", "setting-units_at_air": "lots",
        "setting-units_floor": "7", "solution-code": "a", "name_fr": "Gardé",
    }  # fmt: skip
    page = odile_at.submit("/admin/animations", on="/admin/animations/new", **sent)
    assert page.status_code == 422
    assert {"minutes", "starts_at", "setting-units_at_air", "solution-code"} <= set(
        re.findall(r'id="([\w-]+)-help" class="wrong"', page.text)
    )
    for kept in ("Gardé", "lots", 'value="7"'):
        assert kept in page.text
    for wrong in ({"show": "nowhere"}, {"kind": "raffle"}, {"setting-colour": "red"}, {"colour": "red"}):
        good = {"kind": "on_air_code", "solution-code": "Tournesol 47"}
        assert odile_at.submit("/admin/animations", on="/admin/animations/new", **(good | wrong)).status_code == 422
    assert opened(db) == []


def test_another_code_is_suggested_and_the_rest_is_kept(app, odile_at):
    sent = {"kind": "on_air_code", "again": "on", "solution-code": "Mine 11", "minutes": "45"}
    page = odile_at.submit("/admin/animations", on="/admin/animations/new", **sent)
    assert page.status_code == 200
    assert suggested(page) != "Mine 11"
    assert 'value="45"' in page.text


def test_what_it_is_worth_follows_the_settings(app, odile_at):
    fragment = odile_at.get("/admin/animations/worth?kind=on_air_code&setting-units_at_air=500&minutes=30").text
    assert "500 units" in fragment and "<html" not in fragment
    assert odile_at.get("/admin/animations/worth?setting-units_at_air=x").text.strip() == ""


def test_the_list_says_what_is_on_what_comes_and_what_is_over(app, db, show, odile_at):
    assert "Open the first one" in odile_at.get("/admin/animations").text
    open_code(db, slug="now", starts_at=MORNING)
    open_code(db, slug="later", starts_at=MORNING + timedelta(hours=3))
    open_code(db, slug="before", starts_at=MORNING - timedelta(hours=3))
    page = odile_at.get("/admin/animations").text
    on, coming, over = (page.index(f'id="{each}"') for each in ("on", "coming", "over"))
    assert on < page.index("/animations/now") < coming < page.index("/animations/later") < over
    assert page.index("/animations/before") > over
    assert "La matinale" in page


def test_its_page_counts_live_and_shows_the_code_only_to_who_may_open_one(app, db, odile_at, staff_at):
    pay_codes(db)
    open_code(db, starts_at=MORNING)
    with at(MORNING + timedelta(seconds=70)):
        answer(db, "matinale", fan_id=ines(db).id, said=CODE)
        page = odile_at.get("/admin/animations/matinale").text
        live = odile_at.get("/admin/animations/matinale/live").text
    assert "Tournesol 47" in page
    assert "1 answer so far." in live and "minute 2" in live and "92" in live
    assert "<html" not in live
    for role in ("editor", "support", "reader"):
        with at(MORNING + timedelta(minutes=2)):
            assert "Tournesol" not in staff_at(role).get("/admin/animations/matinale").text


def test_answers_in_review_are_released_one_by_one_or_refused_with_a_reason(app, db, odile_at):
    pay_codes(db)
    ines_, marc_ = ines(db), marc(db)
    waiting_ones(db, [ines_, marc_])
    parts = db.read(lambda session: find.answers(session, again(db).id, limit=9, state=IN_REVIEW))
    assert [each.fan_id for each in parts] == [ines_.id, marc_.id]
    page = odile_at.get("/admin/animations/matinale").text
    assert "Inès" in page and "before air" in page

    path = "/admin/animations/matinale"
    refused = odile_at.submit(f"{path}/review", on=path, decision=f"refuse:{parts[1].id}")
    assert refused.status_code == 422 and "Fans are told why" in refused.text
    nothing = odile_at.submit(f"{path}/review", on=path, decision="release:picked", reason="ok")
    assert nothing.status_code == 422 and "Tick the answers" in nothing.text
    odd = odile_at.submit(f"{path}/review", on=path, decision="approve:everything")
    assert odd.status_code == 422

    odile_at.submit(f"{path}/review", on=path, decision="release:picked", answer=str(parts[0].id))
    odile_at.submit(f"{path}/review", on=path, decision=f"refuse:{parts[1].id}", reason="Entendu avant l’antenne")
    assert states(db) == {RECORDED: 1, REFUSED: 1}
    assert (balance(db, ines_), balance(db, marc_)) == (100, 0)
    assert "No answer waits." in odile_at.get(path).text
    assert adds_up(db)


def test_all_are_decided_at_once_and_what_is_left_is_said(app, db, odile_at, monkeypatch):
    monkeypatch.setattr("loyalty.flows.review.MOST", 2)
    pay_codes(db)
    waiting_ones(db, [ines(db), marc(db)])
    with at(MORNING - timedelta(minutes=5)), pytest.raises(Exception, match="not_open_yet"):
        answer(db, "matinale", fan_id=crowd(db, 1)[0], said=CODE)
    path = "/admin/animations/matinale"
    odile_at.submit(f"{path}/review", on=path, decision="release:all")
    assert "2 answers released: 200 points. 1 more waits." in odile_at.get(path).text.replace("\N{NO-BREAK SPACE}", " ")
    odile_at.submit(f"{path}/review", on=path, decision="release:all")
    assert states(db) == {RECORDED: 3}


def test_it_is_closed_with_a_reason(app, db, odile_at):
    open_code(db, starts_at=MORNING)
    path = "/admin/animations/matinale"
    assert odile_at.submit(f"{path}/close", on=path, reason="").status_code == 422
    assert odile_at.submit(f"{path}/close", on=path, reason="Panne d’antenne").status_code == 303
    assert again(db).closed_at == MORNING
    (record,) = db.read(lambda session: audit.find(session, limit=1))
    assert (record.action, record.reason) == ("animation.closed", "Panne d’antenne")


def test_voiding_says_what_it_takes_back_and_asks_for_the_word(app, db, odile_at):
    pay_codes(db)
    fan = ines(db)
    open_code(db, starts_at=MORNING)
    answer(db, "matinale", fan_id=fan.id, said=CODE)
    path = "/admin/animations/matinale/void"
    assert "Takes back 100 points from 1 fan." in odile_at.get(path).text.replace("\N{NO-BREAK SPACE}", " ")
    wrong = odile_at.submit(path, reason="Erreur", word="yes")
    assert wrong.status_code == 422 and "This is not the word." in wrong.text and balance(db, fan) == 100
    assert odile_at.submit(path, reason="Erreur", word="void").status_code == 303
    assert balance(db, fan) == 0
    assert adds_up(db)


def test_its_answers_are_a_file(app, db, odile_at):
    pay_codes(db)
    fan = ines(db)
    open_code(db, starts_at=MORNING)
    answer(db, "matinale", fan_id=fan.id, said=CODE)
    file = odile_at.get("/admin/animations/matinale?format=csv")
    assert file.mimetype == "text/csv"
    assert f"{fan.id};recorded;2026-11-23T08:00:00+01:00;0:00;1;100;" in file.text


def test_an_animation_there_is_not_is_not_found(odile_at):
    for path in ("", "/live", "/void"):
        assert odile_at.get(f"/admin/animations/nothing{path}").status_code == 404
