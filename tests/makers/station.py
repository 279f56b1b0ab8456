"""Makes a small Radio Lumière, and says what is in it in a form that two of them can be compared by."""

import base64
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.db import Database
from loyalty.seed import seed
from loyalty.settings import Settings, load

FANS, DAYS = 60, 10
NOW = datetime(2026, 11, 23, 10, 42, tzinfo=UTC)

# What the numbers, which are never the same twice, have to be left out of.
_FACTS = {
    "balances": """
        SELECT coalesce(fan.reference, identity.external_id), holder.balance, holder.status, holder.debt
        FROM holder LEFT JOIN fan ON fan.id = holder.id LEFT JOIN identity ON identity.id = holder.id
    """,
    "lots": """
        SELECT coalesce(fan.reference, identity.external_id), lot.granted, lot.used, lot.expired
        FROM lot LEFT JOIN fan ON fan.id = lot.holder_id LEFT JOIN identity ON identity.id = lot.holder_id
    """,
    "outcomes": """
        SELECT network, kind, object, words, outcome, reason, points, status_points, count(*) FROM activity
        GROUP BY network, kind, object, words, outcome, reason, points, status_points
    """,
    "people": "SELECT reference, display_name, email, language FROM fan",
    "vouchers": """
        SELECT fan.reference, reward.slug, voucher.state, voucher.uses FROM voucher
        JOIN fan ON fan.id = voucher.fan_id JOIN reward ON reward.id = voucher.reward_id
    """,
    "scans": """
        SELECT fan.reference, scan.place_id, scan.result, scan.reason FROM scan
        JOIN voucher ON voucher.id = scan.voucher_id JOIN fan ON fan.id = voucher.fan_id
    """,
}


def settings() -> Settings:
    """Settings of an installation of a test's own."""
    voucher_key = base64.b64encode(b"k" * 32).decode()
    return load(
        {"LOYALTY_SECRET_KEY": "a secret of the tests, and of nothing else", "LOYALTY_VOUCHER_KEYS": f"0:{voucher_key}"}
    )


def tell(db: Database, **told: Any) -> None:
    """Seed a small station."""
    seed(db, settings(), **{"now": NOW, "fans": FANS, "days": DAYS, **told})


def facts(db: Database) -> dict[str, Counter[tuple[Any, ...]]]:
    """Everything that two tellings of one story share."""

    def steps(session: Session) -> dict[str, Counter[tuple[Any, ...]]]:
        return {name: Counter(map(tuple, session.execute(sa.text(query)))) for name, query in _FACTS.items()}

    return db.read(steps)


def rows(db: Database, query: str) -> list[tuple[Any, ...]]:
    """What a query of a test finds."""
    return db.read(lambda session: list(map(tuple, session.execute(sa.text(query)))))
