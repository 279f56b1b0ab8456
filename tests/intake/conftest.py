"""A source and what it keeps, for the tests of the intake."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loyalty.connector import Message
from loyalty.connectors import webhook
from loyalty.db import Database
from loyalty.intake import sources
from loyalty.intake.keep import keep

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
Keep = Callable[..., tuple[int, bool]]
Save = Callable[..., Path]


@pytest.fixture
def keeps(db: Database) -> Keep:
    """Keep a message under a key, in a transaction of its own: (key, body=) to the delivery's id and if it is new."""
    for slug in ("main", "second"):
        db.write(
            lambda session, slug=slug: sources.add_source(  # type: ignore[misc]
                session, connector="webhook", slug=slug, sealed_secrets="", options={}, now=NOW
            )
        )

    def keep_one(key: str, body: bytes = b"{}", *, slug: str = "main") -> tuple[int, bool]:
        source = db.read(lambda session: sources.find_source(session, "webhook", slug))
        headers = {"webhook-id": key, "webhook-signature": "v1,secret", "content-type": "application/json"}
        message = Message(headers=headers, body=body, received_at=NOW)
        return db.write(lambda session: keep(session, source, webhook.plugin, message))

    return keep_one


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Write these lines into a file."""

    def save(*lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
        path = tmp_path / "stats.csv"
        path.write_bytes("".join(line + end for line in lines).encode(encoding))
        return path

    return save
