"""Pictures are kept here; the same one twice is one row."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, select

from loyalty import clock, ids
from loyalty.db import is_sqlite
from loyalty.pictures.make import MEDIA_TYPE, Made
from loyalty.pictures.tables import Picture

_picture = Picture.__table__  # type: ignore[attr-defined]


def keep(session: Session, made: Made) -> int:
    """Keep a picture; returns its number, also when it was there."""
    insert: Any = sqlite.insert if is_sqlite(session) else postgresql.insert
    row = {
        "id": ids.new(),
        "sha256": made.sha256,
        "media_type": MEDIA_TYPE,
        "width": made.width,
        "height": made.height,
        "body": made.body,
        "small": made.small,
        "created_at": clock.now(),
    }
    session.execute(insert(_picture).values(row).on_conflict_do_nothing(index_elements=["sha256"]))
    return session.exec(select(Picture.id).where(Picture.sha256 == made.sha256)).one()
