"""Sources: the configured senders, each with a connector, its sealed secrets and its options."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty.errors import Conflict, NotFound
from loyalty.intake.tables import Source

_SLUG = re.compile(r"[a-z0-9][a-z0-9\-]{0,62}", re.ASCII)
_source = Source.__table__  # type: ignore[attr-defined]


def is_slug(text: str) -> bool:
    """Whether `text` fits into an address as it is."""
    return _SLUG.fullmatch(text) is not None


def name_of(source: Source) -> str:
    """How activities, logs and the audit name it: "hook:twitch/main"."""
    return f"hook:{source.connector}/{source.slug}"


def id_of(source: Source) -> int:
    """The number of a source that was read from the database."""
    assert source.id is not None, "only a new one has none"
    return source.id


def find_source(session: Session, connector: str, slug: str) -> Source:
    """One source.

    Raises:
        NotFound
    """
    chosen = select(Source).where(Source.connector == connector, Source.slug == slug)
    source = session.exec(chosen).first() if is_slug(slug) else None
    if source is None:
        raise NotFound(what=f"{connector}/{slug}")
    return source


def find_sources(session: Session) -> list[Source]:
    """Every source, by connector and slug."""
    return list(session.exec(select(Source).order_by(col(Source.connector), col(Source.slug))))


def add_source(
    session: Session,
    *,
    connector: str,
    slug: str,
    sealed_secrets: str,
    options: Mapping[str, Any],
    now: datetime,
) -> None:
    """Write down a new source.

    Raises:
        Conflict: the connector has a source of that slug.
    """
    taken = select(Source.id).where(Source.connector == connector, Source.slug == slug)
    if session.exec(taken).first() is not None:
        raise Conflict(what=f"{connector}/{slug}")
    session.execute(
        sa.insert(_source).values(
            connector=connector,
            slug=slug,
            sealed_secrets=sealed_secrets,
            options=dict(options),
            created_at=now,
        )
    )


def replace_secrets(session: Session, source: Source, sealed_secrets: str) -> bool:
    """Put other secrets in the place of those `source` was read with; False when somebody else just did."""
    return _changed(
        session,
        sa.update(_source)
        .where(_source.c.id == source.id, _source.c.sealed_secrets == source.sealed_secrets)
        .values(sealed_secrets=sealed_secrets),
    )


def stop_source(session: Session, source_id: int, *, because: str, now: datetime) -> bool:
    """Note that no more is to come, and why; False when it was stopped already."""
    return _changed(
        session,
        sa.update(_source)
        .where(_source.c.id == source_id, _source.c.stopped_at.is_(None))
        .values(stopped_at=now, stopped_because=because),
    )


def wake_source(session: Session, source_id: int) -> bool:
    """Note that more is to come; False when it was not stopped."""
    return _changed(
        session,
        sa.update(_source)
        .where(_source.c.id == source_id, _source.c.stopped_at.is_not(None))
        .values(stopped_at=None, stopped_because=None),
    )


def _changed(session: Session, statement: sa.Update) -> bool:
    result: Any = session.execute(statement)
    return bool(result.rowcount)
