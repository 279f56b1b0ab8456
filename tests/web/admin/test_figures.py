"""Figures in the admin: plots with their tables and their files, today's as they are now."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.db import UTCDateTime
from loyalty.flows.count_days import count_days
from loyalty.flows.earn import earn
from loyalty.flows.manage_rules import apply_rule
from loyalty.flows.redeem import redeem
from tests.cast import MORNING, chat, ines, rule
from tests.makers.rewards import coffee, give_points

PLOTS = ("points", "networks", "origins", "fans", "outstanding", "expiry", "status")


@pytest.fixture
def lived(app, db):
    """Two days with something in them: yesterday's counted and kept, today's not."""
    with clock.running_on(clock.stopped_at(MORNING - timedelta(days=1))):
        rule(db)
        fan = ines(db)
        give_points(db, fan.id, 500)
        earn(db, [chat(1, happened_at=None)], source="test")
        coffee(db)
        redeem(db, fan_id=fan.id, reward_slug="coffee")
    count_days(db)
    earn(db, [chat(2, happened_at=None, actor="x", network="mastodon")], source="test")


def cells(file):
    return [line.split(";") for line in file.text.lstrip("\ufeff").splitlines()]


def test_each_plot_has_a_title_a_sentence_a_table_and_a_file(lived, odile_at):
    text = odile_at.get("/admin/figures").text
    for name in PLOTS:
        assert f'aria-labelledby="{name}-title {name}-says"' in text
        assert f"plot={name}&amp;format=csv" in text
    assert text.count('role="img"') == text.count("<desc") == len(PLOTS) + 1
    assert "Europe/Paris" in text and "style=" not in text


def test_the_file_says_what_the_entries_say(lived, odile_at):
    rows = cells(odile_at.get("/admin/figures?days=7&plot=points&format=csv"))
    assert len(rows) == 8
    assert rows[0] == ["Day", "given", "given back", "spent", "expired", "taken back"]
    assert rows[-2][1:] == ["510", "0", "-100", "0", "0"]
    assert rows[-1][1:] == ["10", "0", "0", "0", "0"], "today is counted as it is now"
    assert cells(odile_at.get("/admin/figures?days=7&plot=outstanding&format=csv"))[-1][1] == "420"
    assert cells(odile_at.get("/admin/figures?plot=networks&format=csv"))[0][1:] == ["Mastodon", "Twitch"]


def test_a_day_nobody_counted_is_not_a_day_without_anything(lived, db, odile_at):
    with clock.running_on(clock.stopped_at(MORNING - timedelta(days=3))):
        db.write(lambda session: session.execute(sa.text("UPDATE holder SET created_at = :at").bindparams(
            sa.bindparam("at", clock.now(), type_=UTCDateTime))))  # fmt: skip
    rows = cells(odile_at.get("/admin/figures?days=7&plot=fans&format=csv"))
    assert [row[1] for row in rows[1:]] == ["0", "0", "0", "", "", "1", "1"]
    assert "2 days are not counted yet" in odile_at.get("/admin/figures?days=7").text


def test_revisions_of_rules_are_marked_where_they_came_into_force(lived, db, odile_at):
    body = {"name": {"fr": "Neuve", "en": "New"}, "class": "redeemable", "earn": {"fixed": 1}}
    apply_rule(db, slug="fresh", body=body, actor="cli:odile")
    text = odile_at.get("/admin/figures").text
    assert re.search(r'<path class="plot-mark"', text)
    assert "fresh 1" in text


def test_stock_that_may_not_last_is_to_be_ordered(lived, odile_at):
    text = odile_at.get("/admin/figures").text
    assert "A coffee" in text
    assert odile_at.get("/admin/figures?plot=stock&format=csv").text.splitlines()[1].startswith("coffee;9;1;")


def test_any_address_shows_something(lived, odile_at):
    for query in ("?days=5", "?days=x&plot=nothing", "?days=28&plot="):
        assert odile_at.get(f"/admin/figures{query}").status_code == 200


def test_an_empty_station_has_figures_too(odile_at):
    assert "There is no reward yet." in odile_at.get("/admin/figures").text
