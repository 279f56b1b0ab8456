"""Staff find a fan by whatever the fan tells them."""

import pytest

from loyalty.db import Database
from loyalty.fans import search
from loyalty.flows.erase import erase_fan
from loyalty.flows.link import link, register
from tests.cast import ODILE, ines, marc, open_station


def found(db: Database, sought: str) -> list[str | None]:
    return [each.display_name for each in db.read(lambda session: search.fans(session, limit=10, sought=sought))]


@pytest.mark.parametrize("sought", ["inès", "INES", "nè", "ines@example", "@EXAMPLE.org", "tw-42", "la_fan", " ines "])
def test_a_fan_is_found_by_name_address_reference_or_account(db: Database, sought: str) -> None:
    open_station(db)
    fan = ines(db)
    link(db, fan_id=fan.id, network="twitch", external_id="tw-42", actor=ODILE)
    db.write(lambda session: session.connection().exec_driver_sql("UPDATE identity SET name = 'La_Fan'"))
    assert "Inès" in found(db, sought)


def test_capitals_with_accents_are_found_too(db: Database) -> None:
    register(db, display_name="Éloïse Çelik", actor=ODILE)
    for sought in ("eloise", "Éloïse", "celik", "éloï"):
        assert found(db, sought) == ["Éloïse Çelik"]


def test_signs_of_a_pattern_are_only_signs(db: Database) -> None:
    ines(db)
    assert found(db, "%%") == found(db, "__") == found(db, "\\%") == []


def test_a_number_finds_also_who_was_erased_and_a_name_does_not(db: Database) -> None:
    open_station(db)
    fan, stranger = ines(db), marc(db)
    assert found(db, str(stranger.id)) == ["Marc"]
    erase_fan(db, fan_id=fan.id, actor=ODILE)
    assert found(db, str(fan.id)) == [None]
    assert found(db, "Inès") == []
    assert found(db, "9" * 30) == []
