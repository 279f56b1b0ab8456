"""The overview: today beside a usual day, what asks for attention, whether the books hold."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from loyalty import clock, ids
from loyalty.animations.tables import IN_REVIEW
from loyalty.fans import disputes
from loyalty.figures import keep
from loyalty.figures.days import day_of
from loyalty.figures.tables import DayFigure
from loyalty.flows.answer import answer
from loyalty.flows.earn import earn
from loyalty.flows.manage_programme import add_show
from loyalty.flows.manage_sources import add_source, stop_source
from loyalty.flows.verify import verify_and_keep
from loyalty.intake.tables import Delivery, Source
from loyalty.programme.find import the_programme
from loyalty.staff import approvals
from tests.cast import MORNING, ODILE, chat, ines, rule
from tests.makers.animations import CODE, again, open_code, states
from tests.makers.partners import device
from tests.makers.rewards import coffee


def seen(browser):
    page = browser.get("/admin/")
    assert page.status_code == 200
    return page.text


def alerts(browser):
    text = seen(browser)
    return re.findall(r"<p>(?:<strong>)?([^<]+)", text[text.index('class="alerts"') :].split("</ul>")[0])


def test_an_empty_station_is_told_what_it_still_needs_step_by_step(app, db, odile_at):
    def steps():
        return re.findall(r"<li><span class=\"state state-(\w+)", seen(odile_at))

    assert steps() == ["waiting"] * 5
    rule(db)
    earn(db, [chat(happened_at=None)], source="test")
    assert steps() == ["good", "good", "waiting", "waiting", "waiting"]
    coffee(db)
    device(db)
    assert steps() == ["good"] * 4 + ["waiting"]


def test_today_stands_beside_a_usual_day_in_words(app, db, odile_at):
    rule(db)
    zone = db.read(the_programme).zone
    for week in range(1, 5):
        day = day_of(MORNING - timedelta(days=7 * week), zone)
        db.write(lambda session, day=day: keep.keep(session, day, {("by_hour", "activities:1"): 40}))
    earn(db, [chat(number, happened_at=None) for number in range(3)], source="test")
    text = seen(odile_at)
    assert "less than usual (40)" in text
    assert "<html" not in odile_at.get("/admin/overview/live").text


def test_nothing_to_attend_to_is_said_too(app, odile_at):
    assert "Nothing. All is well." in seen(odile_at)


def test_answers_that_wait_are_told_with_where_to_decide(app, db, odile_at):
    open_code(db, starts_at=MORNING)
    with clock.running_on(clock.stopped_at(MORNING - timedelta(minutes=2))), pytest.raises(Exception, match="not_open"):
        answer(db, "matinale", fan_id=ines(db).id, said=CODE)
    assert states(db) == {IN_REVIEW: 1} and again(db).frozen_at is None
    assert alerts(odile_at) == ["On-air code: 1 answer waits for a person."]
    assert "/admin/animations/matinale#queue" in seen(odile_at)


def test_stock_that_runs_low_is_told(app, db, odile_at):
    coffee(db, units=3)
    db.write(lambda session: session.execute(sa.text("UPDATE reward SET low_stock = 5")))
    assert alerts(odile_at) == ["A coffee: 3 units left."]


def test_stock_that_will_be_gone_within_a_week_is_told(app, db, odile_at):
    reward = coffee(db, units=10)
    zone = db.read(the_programme).zone
    db.write(lambda session: session.execute(sa.text("UPDATE reward SET created_at = created_at - :ago").bindparams(
        ago=10**13 if db.is_sqlite else timedelta(days=115))))  # fmt: skip
    for back in range(1, 15):
        day = day_of(MORNING - timedelta(days=back), zone)
        db.write(lambda session, day=day: keep.keep(session, day, {("redemptions", str(reward.id)): 5}))
    assert alerts(odile_at) == ["A coffee: 10 units left, gone in about 2 days."]


def test_senders_that_fail_stop_or_fall_silent_are_told(app, db, odile_at):
    sealer = app.extensions["loyalty"].sealer
    add_source(db, sealer, connector="twitch", slug="main", actor=ODILE)
    stop_source(db, sealer, connector="twitch", slug="main", actor=ODILE)
    source_id = db.read(lambda session: session.execute(sa.select(Source.id)).scalar_one())

    def keep_delivery(state, minutes):
        at = MORNING - timedelta(minutes=minutes)
        kept = {"content_type": "", "headers": {}, "body": b"", "received_at": at, "due_at": at}
        row = Delivery(id=ids.new(), source_id=source_id, dedup_key=state, state=state, **kept)
        db.write(lambda session: session.add(row))

    keep_delivery("dead", 60)
    keep_delivery("failed", 6)
    zone = db.read(the_programme).zone
    for back in range(1, 15):
        figures = {} if back == 1 else {("activities", "mastodon:elsewhere:awarded"): 9}
        day = day_of(MORNING - timedelta(days=back), zone)
        db.write(lambda session, day=day, figures=figures: keep.keep(session, day, figures))
    assert alerts(odile_at) == [
        "1 delivery could not be worked and was set aside.",
        "Deliveries wait since more than five minutes: is the worker running?",
        "twitch/main was stopped.",
        "Mastodon has been silent since yesterday.",
    ]


def test_people_who_wait_are_told_of(app, db, odile_at):
    fan = ines(db)
    db.write(lambda session: disputes.ask(session, fan_id=fan.id, about="entry", about_id=1, text="Pourquoi ?"))
    db.write(lambda session: approvals.ask(
        session, action="x", subject="fan:1", payload={}, reason="y", actor=ODILE))  # fmt: skip
    assert alerts(odile_at) == [
        "1 request waits for a second person.",
        "1 question of a fan waits.",
    ]


def test_the_books_are_shown_with_their_age_and_their_breaches(app, db, odile_at):
    assert "Not proved yet" in seen(odile_at)
    rule(db)
    earn(db, [chat(happened_at=None)], source="test")
    verify_and_keep(db)
    text = seen(odile_at)
    assert "They hold" in text and "1 entry checked on 23 November 2026 at 08:00." in text
    db.write(lambda session: session.execute(sa.text("UPDATE holder SET balance = 9")))
    verify_and_keep(db)
    text = seen(odile_at)
    assert "They do not add up" in text and "I3: holder" in text
    assert alerts(odile_at)[0].startswith("The books do not add up")


def test_the_show_that_people_take_part_in_is_the_one_on_air(app, db, odile_at):
    for slug, name in (("la-matinale", "La matinale"), ("le-soir", "Le soir")):
        add_show(db, slug=slug, name=name, actor=ODILE)
    earn(db, [chat(number, happened_at=None, show="le-soir") for number in range(3)], source="test")
    assert '<option value="le-soir" selected>' in seen(odile_at)


def test_a_role_sees_what_it_may_act_upon(app, db, staff_at):
    text = seen(staff_at("reader"))
    assert "Open it now" not in text and "solution-code" not in text
    assert "Open it now" in seen(staff_at("manager"))


def test_figures_are_not_counted_again_for_half_a_minute(app, db, odile_at):
    rule(db)
    seen(odile_at)
    earn(db, [chat(happened_at=None)], source="test")
    assert ">1<" not in seen(odile_at)[: seen(odile_at).index("Counted at")]
    with clock.running_on(clock.stopped_at(MORNING + timedelta(seconds=31))):
        assert re.search(r"Activities</dt><dd>1<", seen(odile_at))
    assert db.read(lambda session: session.execute(sa.select(DayFigure)).all()) == []
