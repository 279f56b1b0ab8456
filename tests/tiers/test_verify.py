"""A breach of I11 is seen, and the row is named; so is a year that counts otherwise than the journal."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from loyalty import clock
from loyalty.db import Database
from loyalty.flows.earn import earn
from loyalty.flows.verify import verify
from loyalty.tiers.verify import breaches
from tests.cast import MORNING, chat, open_station, rule
from tests.makers.tiers import STATUS, ladder


@pytest.fixture(autouse=True)
def silver_then_gold(db: Database) -> Iterator[None]:
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=1))):
        open_station(db)
        rule(db, "rank", **STATUS)
        ladder(db, silver=10, gold=20, platinum=30)
        earn(db, [chat(1)], source="test")
        earn(db, [chat(2)], source="test")
        yield


def _without_triggers(db: Database, damage: str) -> None:
    with db.engine.begin() as connection:
        if db.is_sqlite:
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER tier_change_no_{verb}"))
        else:
            connection.execute(text("ALTER TABLE tier_change DISABLE TRIGGER USER"))
        connection.execute(text(damage))


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE tier_holding SET tier_id = 3",
        "UPDATE tier_holding SET tier_id = NULL",
        "UPDATE tier_holding SET holds_until = NULL",
        "UPDATE tier_holding SET number = 1",
        "UPDATE tier_holding SET number = 7",
        "DELETE FROM tier_holding",
        "DELETE FROM tier_change WHERE number = 1",
        "DELETE FROM tier_change WHERE number = 2",
        "UPDATE tier_change SET from_tier_id = NULL WHERE number = 2",
        "UPDATE tier_change SET to_tier_id = 3 WHERE number = 1",
        "UPDATE status_year SET points = 19",
        "DELETE FROM status_year",
        "UPDATE holder SET merged_into = 1",
    ],
)
def test_damage_is_seen(db: Database, damage: str) -> None:
    assert db.read(lambda session: list(breaches(session))) == []
    _without_triggers(db, damage)
    found = db.read(lambda session: list(breaches(session)))
    assert {each.invariant for each in found} == {"I11"}


def test_a_year_is_what_the_journal_says(db: Database) -> None:
    assert verify(db).holds
    db.write(lambda session: session.execute(text("UPDATE status_year SET points = 21")))
    assert [each.invariant for each in verify(db).breaches] == ["I3"]


@pytest.mark.parametrize("damage", ["UPDATE tier_change SET points = 99", "DELETE FROM tier_change"])
def test_history_cannot_be_changed(db: Database, damage: str) -> None:
    with pytest.raises(DBAPIError):
        db.write(lambda session: session.execute(text(damage)))
    assert verify(db).holds


def test_a_missing_trigger_is_seen(db: Database) -> None:
    _without_triggers(db, "SELECT 1")
    assert {each.invariant for each in verify(db).breaches} == {"I10"}


def test_a_tier_that_was_not_earned_cannot_be_written(db: Database) -> None:
    with pytest.raises(IntegrityError, match="tier_was_earned"):
        db.write(
            lambda session: session.execute(
                text(
                    "INSERT INTO tier_change SELECT holder_id, 3, bucket, to_tier_id, 3, reason, 29, 30,"
                    " year_starts_at, year_ends_at, holds_until, at FROM tier_change WHERE number = 2"
                )
            )
        )
