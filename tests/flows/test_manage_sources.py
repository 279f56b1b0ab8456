"""Sources are made, rotated and stopped; their secrets are shown once and audited never."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from loyalty.db import Database
from loyalty.errors import Conflict, Invalid, NotFound
from loyalty.flows.manage_sources import (
    BadSecret,
    BadSlug,
    add_source,
    connectors,
    list_sources,
    reseal_sources,
    rotate_secret,
    stop_source,
)
from loyalty.intake.seal import SealBroken, Sealer
from tests.cast import ODILE

OLD_KEY, NEW_KEY = "the secret key of this installation", "its next secret key, after a rotation"
SEALER = Sealer(OLD_KEY)


def add(db: Database, **changes: Any) -> Any:
    whole = {"connector": "webhook", "slug": "quiz", "actor": ODILE, **changes}
    return add_source(db, SEALER, **whole)


def secrets(db: Database, sealer: Sealer = SEALER) -> tuple[str, ...]:
    (source,) = list_sources(db)
    return sealer.open(source.sealed_secrets)


def test_a_new_source_says_its_address_and_its_secret_once(db: Database) -> None:
    made = add(db, options={"networks": ["discord"]})
    assert made.path == "/hooks/webhook/quiz"
    assert connectors()["webhook"].accepts_secret(made.secret)
    (source,) = list_sources(db)
    assert (source.options, source.stopped_at) == ({"networks": ["discord"]}, None)
    assert secrets(db) == (made.secret,)


def test_neither_the_database_nor_the_audit_shows_a_secret(db: Database) -> None:
    made = add(db)
    rotated = rotate_secret(db, SEALER, connector="webhook", slug="quiz", actor=ODILE, reason="yearly")
    stop_source(db, SEALER, connector="webhook", slug="quiz", actor=ODILE, reason="the end")
    query = text("SELECT action, subject, actor, reason, after FROM audit_record ORDER BY id")
    audited = db.read(lambda session: [tuple(row) for row in session.execute(query)])
    assert [row[0] for row in audited] == ["source.added", "source.rotated", "source.stopped"]
    assert {row[1] for row in audited} == {"source:webhook/quiz"}
    (source,) = list_sources(db)
    shown = json.dumps([audited, source.sealed_secrets], default=str)
    assert made.secret not in shown
    assert rotated.secret not in shown


def test_a_slug_is_taken_once_per_connector(db: Database) -> None:
    add(db)
    with pytest.raises(Conflict):
        add(db)
    add(db, connector="twitch")
    assert [(each.connector, each.slug) for each in list_sources(db)] == [("twitch", "quiz"), ("webhook", "quiz")]


@pytest.mark.parametrize("slug", ["", "Quiz", "été", "a/b", "-a", "a b", "a" * 64, "١"])
def test_a_slug_fits_into_an_address(db: Database, slug: str) -> None:
    with pytest.raises(BadSlug):
        add(db, slug=slug)


def test_what_does_not_fit_makes_no_source(db: Database) -> None:
    with pytest.raises(NotFound):
        add(db, connector="nowhere")
    with pytest.raises(Invalid):
        add(db, options={"network": "discord"})
    with pytest.raises(Invalid):
        add(db, options={"networks": "discord"})
    with pytest.raises(BadSecret):
        add(db, secret="guess me")
    with pytest.raises(BadSecret):
        add(db, connector="stripe")  # Stripe makes the secret, not we
    assert list_sources(db) == []


def test_a_rotation_keeps_the_former_secret_and_none_before_it(db: Database) -> None:
    made = [add(db).secret]
    for _ in range(3):
        made.append(rotate_secret(db, SEALER, connector="webhook", slug="quiz", actor=ODILE).secret)
    assert secrets(db) == (made[3], made[2])
    same = rotate_secret(db, SEALER, connector="webhook", slug="quiz", actor=ODILE, secret=made[3]).secret
    assert secrets(db) == (same, made[2])


def test_a_secret_that_leaked_is_not_kept(db: Database) -> None:
    add(db)
    new = rotate_secret(db, SEALER, connector="webhook", slug="quiz", actor=ODILE, keep_former=False)
    assert secrets(db) == (new.secret,)


def test_what_is_not_there_cannot_be_changed(db: Database) -> None:
    with pytest.raises(NotFound):
        rotate_secret(db, SEALER, connector="webhook", slug="quiz", actor=ODILE)
    with pytest.raises(NotFound):
        stop_source(db, SEALER, connector="webhook", slug="quiz", actor=ODILE)


def test_stopping_forgets_the_secrets_and_a_new_one_starts_again(db: Database) -> None:
    add(db)
    stop_source(db, SEALER, connector="webhook", slug="quiz", actor=ODILE, reason="no longer")
    (stopped,) = list_sources(db)
    assert (secrets(db), stopped.stopped_because) == ((), "no longer")
    rotate_secret(db, SEALER, connector="webhook", slug="quiz", actor=ODILE)
    (started,) = list_sources(db)
    assert started.stopped_at is None


def test_after_resealing_the_former_secret_key_may_go(db: Database) -> None:
    made = add(db)
    assert reseal_sources(db, Sealer(NEW_KEY, [OLD_KEY])) == 1
    assert secrets(db, Sealer(NEW_KEY)) == (made.secret,)
    with pytest.raises(SealBroken):
        reseal_sources(db, SEALER)
