"""Columns are named, constants given, and what does not fit the header is told with a guess."""

from datetime import UTC, datetime
from typing import Any

import pytest

from loyalty import clock
from tests.cast import MORNING
from tests.intake.conftest import Save
from tests.makers.csv import HEADER, INES, read, wrong


@pytest.fixture(autouse=True)
def _morning():
    with clock.running_on(clock.stopped_at(MORNING)):
        yield


def test_unknown_columns_are_refused_with_a_guess(save: Save) -> None:
    said = wrong(save("Network,actr,kind,verb", INES))
    assert "Column 1, 'Network', is not known: did you mean network?" in said
    assert "Column 2, 'actr', is not known: did you mean actor?" in said
    assert "Missing: network, actor, object." in said
    assert "The fields are network, actor, kind, object," in said


def test_columns_are_named_and_constants_given(save: Save) -> None:
    path = save("Qui;Quoi;Numéro;Note", "ines;titre:1;7;rien")
    (row,) = read(
        path,
        mapped={"Qui": "actor", "Quoi": "object", "Numéro": "id"},
        constants={"network": "sms", "kind": "vote", "quantity": "2"},
        ignored=["Note"],
    )
    assert row.fact is not None
    assert (row.fact.network, row.fact.kind, row.fact.object, row.fact.quantity) == ("sms", "vote", "titre:1", 2)


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"mapped": {"Qui": "actor"}}, "The header has no column 'Qui'"),
        ({"mapped": {"id": "identifier"}}, "There is no field 'identifier'"),
        ({"mapped": {"id": "actor"}}, "actor is given twice"),
        ({"constants": {"network": "sms"}}, "network is given twice"),
        ({"constants": {"netwrok": "sms"}}, "There is no field 'netwrok': did you mean network?"),
        ({"constants": {"quantity": "many"}}, "quantity cannot be 'many': Not a whole number."),
        ({"ignored": ["note"]}, "The header has no column 'note'"),
        ({"ignored": ["actor"]}, "Missing: actor."),
        ({"scope": " "}, "The scope cannot be ' '"),
        ({"time_zone": "Europe/Pari"}, "no time zone 'Europe/Pari': did you mean Europe/Paris?"),
        ({"time_zone": "../etc/passwd"}, "no time zone"),
    ],
)
def test_choices_that_do_not_fit_the_file_are_refused(save: Save, choices: dict[str, Any], said: str) -> None:
    assert said in wrong(save(HEADER, INES), **choices)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-23 08:00", datetime(2026, 11, 23, 7, tzinfo=UTC)),
        ("2026-11-23T08:00:00.250", datetime(2026, 11, 23, 7, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-07-14 08:00", datetime(2026, 7, 14, 6, tzinfo=UTC)),
        ("2026-07-14 08:00Z", datetime(2026, 7, 14, 8, tzinfo=UTC)),
        ("2026-07-14 08:00 -04:00", datetime(2026, 7, 14, 12, tzinfo=UTC)),
        ("2026-10-25 02:30+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_date_without_a_zone_means_the_zone_named(save: Save, written: str, meant: datetime) -> None:
    (row,) = read(save(HEADER, f"twitch,ines,vote,x,,{written}"), time_zone="Europe/Paris")
    assert row.fact is not None and row.fact.happened_at == meant


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-10-25 02:30", "happens twice in Europe/Paris"),
        ("2026-03-29 02:30", "does not exist in Europe/Paris"),
        ("2026-11-23", "Not a date and time"),
        ("9999-12-31 23:59", "Must be between 1970 and 9997."),
        ("0001-01-01 00:00", "Must be between 1970 and 9997."),
        ("0000-01-01 00:00", "Not a date and time"),
    ],
)
def test_a_time_the_clock_never_or_twice_shows_is_a_bad_row(save: Save, written: str, said: str) -> None:
    (row,) = read(save(HEADER, f"twitch,ines,vote,x,,{written}"), time_zone="Europe/Paris")
    assert row.problem is not None
    told = row.problem.say("en")
    assert told.startswith("happened_at: ") and said in told


def test_a_problem_is_told_by_the_column_s_own_name(save: Save) -> None:
    (row,) = read(save("Qui,network,kind,object", "\x07,twitch,vote,x"), mapped={"Qui": "actor"})
    assert row.problem is not None and row.problem.code == "wrong_cells"
    assert row.problem.say("en") == "Qui: Must not contain control characters."
    assert row.problem.say("fr") == "Qui\N{NARROW NO-BREAK SPACE}: Un caractère n’est pas permis."
