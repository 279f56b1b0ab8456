"""Expiry by hand: the rule, what another one would do, the change, and the sweep."""

import json
from datetime import UTC, datetime
from unittest import mock

import pytest
from click.testing import CliRunner

from loyalty import clock
from loyalty.cli import main
from loyalty.flows.adjust import adjust_points
from loyalty.flows.earn import earn
from loyalty.programme.expiry import Fixed, Sliding
from loyalty.programme.find import the_programme
from tests.cast import ODILE, chat, ines, open_station, rule
from tests.makers.proof import adds_up

NOW = datetime(2027, 3, 15, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def station(db):
    """Twenty accounts with ten points each, earned in November for three months: due since the first of March."""
    open_station(db, months=3)
    rule(db)
    with clock.running_on(clock.stopped_at(datetime(2026, 11, 23, 8, tzinfo=UTC))):
        earn(db, [chat(number, actor=f"fan-{number}") for number in range(20)], source="hook")
    with clock.running_on(clock.stopped_at(NOW)):
        yield
    assert adds_up(db)


@pytest.fixture
def run(db):
    def runs(*arguments: str, status: int = 0) -> str:
        with mock.patch.dict("os.environ", {"LOYALTY_DATABASE_URL": db.url}):
            result = CliRunner().invoke(main, arguments)
        assert result.exit_code == status, result.output
        return result.output

    return runs


def test_a_dry_run_counts_and_changes_nothing(db, run):
    said = json.loads(run("expire", "--dry-run", "--json"))
    assert said["due"] == {"lots": 20, "fans": 20, "points": 200} and said["expired_lots"] is None
    assert "200 points in 20 lots of 20 fans are due." in run("expire", "--dry-run")


def test_the_sweep_is_done_once(run):
    assert "20 lots expired." in run("expire")
    assert json.loads(run("expire", "--json"))["expired_lots"] == 0


def test_the_rule_is_shown(run):
    assert "Your points expire 3 months after you earned them" in run("expiry", "show")
    assert json.loads(run("expiry", "show", "--json")) == {"kind": "rolling", "months": 3}


def test_a_preview_shows_each_month_and_changes_nothing(db, run):
    adjust_points(db, fan_id=ines(db).id, amount=70, reason="Gift", actor=ODILE, key=1)
    said = json.loads(run("expiry", "preview", "--sliding", "12", "--json"))
    assert said["policy"] == {"kind": "sliding", "months": 12}
    assert (said["points"], said["points_later"], said["points_sooner"]) == (70, 70, 0)
    assert [each["first"] for each in said["months"]] == ["2027-06-01", "2028-03-01"]
    assert "70 of 1 fans later" in run("expiry", "preview", "--never")
    assert db.read(the_programme).expiry.kind == "rolling"


def test_a_change_for_what_comes(db, run):
    run("expiry", "change", "--fixed", "12-31", "--at-least-months", "3", "--reason", "Calendar")
    assert db.read(the_programme).expiry == Fixed(12, 31, 3)


def test_a_change_for_what_exists_is_shown_and_asked(db, run):
    adjust_points(db, fan_id=ines(db).id, amount=70, reason="Gift", actor=ODILE, key=1)
    asked = ("expiry", "change", "--sliding", "12", "--existing", "--reason", "Longer")
    assert "there is nobody to ask" in run(*asked, status=1)
    assert "1 lots have another date." in run(*asked, "--yes")
    assert db.read(the_programme).expiry == Sliding(12)
    assert json.loads(run("expire", "--dry-run", "--json"))["due"]["points"] == 200, "what was over stays so"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Say one rule"),
        (("--never", "--rolling", "3"), "Say one rule"),
        (("--rolling", "0"), "That is no rule: months"),
        (("--fixed", "noon"), "a month and a day"),
        (("--fixed", "02-30"), "Must be a day of this month"),
        (("--rolling", "3", "--at-least-months", "2"), "goes with --fixed"),
    ],
)
def test_what_is_no_rule_is_said(run, arguments, said):
    assert said in run("expiry", "preview", *arguments, status=2)
