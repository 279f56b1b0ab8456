"""A verified message is kept once, as it came, before anything is made of it."""

import hashlib

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from loyalty import ids
from loyalty.connector import Connector, Message
from loyalty.db import is_sqlite
from loyalty.fields import storable
from loyalty.intake.sources import id_of
from loyalty.intake.tables import Delivery, Source

_delivery = Delivery.__table__  # type: ignore[attr-defined]
_LONGEST_KEY = 200


def keep(session: Session, source: Source, connector: Connector, message: Message) -> tuple[int, bool]:
    """Keep `message` unless it was kept before.

    Returns:
        the delivery's id, and whether it is new.
    """
    dedup_key = _short(connector.dedup_key(message))
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    new_id = ids.new()
    session.execute(
        insert(_delivery)
        .values(
            id=new_id,
            source_id=id_of(source),
            dedup_key=dedup_key,
            content_type=storable(message.headers.get("content-type", ""), 200),
            headers={name: message.headers[name] for name in sorted(connector.headers & message.headers.keys())},
            body=message.body,
            received_at=message.received_at,
            due_at=message.received_at,
        )
        .on_conflict_do_nothing(index_elements=("source_id", "dedup_key"))
    )
    kept = sa.select(_delivery.c.id).where(_delivery.c.source_id == id_of(source), _delivery.c.dedup_key == dedup_key)
    kept_id: int = session.execute(kept).scalar_one()
    return kept_id, kept_id == new_id


def _short(key: str) -> str:
    if len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable():
        return key
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
