"""API keys: seen once, kept as a hash, checked whole, over when they expire or are revoked."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.errors import Invalid, NotFound
from loyalty.flows.manage_keys import check_key, list_keys, make_key, revoke_key
from loyalty.staff import audit
from loyalty.staff.keys import KeyExpired, KeyRevoked, NotAuthenticated
from tests.cast import MORNING, ODILE


def make(db, **options):
    """A key that may send activities."""
    return make_key(db, **{"name": "quiz", "scopes_wanted": ["activities:write"], "actor": ODILE, **options})


def test_a_key_is_told_by_its_mark_and_its_prefix(db):
    made = make(db)
    assert re.fullmatch(rf"lk_{made.prefix}_[\w-]{{43}}", made.token)
    key = check_key(db, made.token)
    assert (key.name, key.prefix, key.scopes) == ("quiz", made.prefix, {"activities:write"})


def test_the_secret_is_nowhere_in_the_database(db):
    secret = make(db).token.split("_", 2)[2]
    rows = db.read(lambda session: session.execute(sa.text("SELECT * FROM api_key")).all())
    assert secret not in str(rows)


def test_only_the_whole_key_is_right(db):
    token = make(db).token
    wrong = [token[:-1], token + "x", token.replace("lk_", "sk_"), token.upper(), "", "lk_", "lk__x", "lk_x_"]
    for each in [*wrong, "lk_\ud800_x", "lk_é_é"]:
        with pytest.raises(NotAuthenticated):
            check_key(db, each)


def test_a_key_expires_to_the_second(db):
    made = make(db, expires_at=MORNING)
    with clock.running_on(clock.stopped_at(MORNING - timedelta(seconds=1))):
        check_key(db, made.token)
    with clock.running_on(clock.stopped_at(MORNING)), pytest.raises(KeyExpired):
        check_key(db, made.token)


def test_a_revoked_key_is_over_at_once_and_revoking_again_changes_nothing(db):
    made = make(db)
    for _ in range(2):
        revoke_key(db, prefix=made.prefix, actor=ODILE, reason="fuite")
    with pytest.raises(KeyRevoked):
        check_key(db, made.token)
    with pytest.raises(NotFound):
        revoke_key(db, prefix="00000000", actor=ODILE)
    trail = db.read(lambda session: audit.find(session, limit=10, subject=f"key:{made.prefix}"))
    assert [each.action for each in trail] == ["key.revoked", "key.made"]
    assert trail[0].reason == "fuite"


def test_scopes_are_known_each_once_and_at_least_one(db):
    make(db, scopes_wanted=["fans:read", "activities:read", "fans:read"])
    assert list_keys(db)[0].scopes == ["activities:read", "fans:read"]
    for wrong in ([], ["everything"], ["fans:read", "*"]):
        with pytest.raises(Invalid):
            make(db, scopes_wanted=wrong)
    assert len(list_keys(db)) == 1
