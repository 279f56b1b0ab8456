"""Fans whose points expire soon, with an address to tell them: found and noted set by set, in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.fans.tables import ExpiryNotice, Fan
from loyalty.ledger.tables import Lot

_fan = Fan.__table__  # type: ignore[attr-defined]
_lot = Lot.__table__  # type: ignore[attr-defined]
_notice = ExpiryNotice.__table__  # type: ignore[attr-defined]
_LEFT = _lot.c.granted - _lot.c.used - _lot.c.expired

Window = tuple[datetime, datetime]  # after the first, up to the second


def buckets(session: Session, *, window: Window, days: int, least: int) -> list[int]:
    """The buckets with fans to tell."""
    ending = _ending(window, least)
    chosen = sa.select(ending.c.bucket).select_from(_of_fans(ending)).where(*_untold(ending, days)).distinct()
    return sorted(session.execute(chosen).scalars())


def to_tell(session: Session, bucket: int, *, window: Window, days: int, least: int, limit: int) -> Sequence[Any]:
    """The fans of a locked bucket to tell: rows of `fan_id`, `email`, `language`, `expires_at`, `points`, `sliding`."""
    ending = _ending(window, least, _lot.c.bucket == bucket)
    chosen = (
        sa.select(
            _fan.c.id.label("fan_id"),
            _fan.c.email,
            _fan.c.language,
            ending.c.expires_at,
            ending.c.points,
            ending.c.sliding,
        )
        .select_from(_of_fans(ending))
        .where(*_untold(ending, days))
        .order_by(_fan.c.id, ending.c.expires_at)
        .limit(limit)
    )
    return session.execute(chosen).all()


def note_told(session: Session, told: Sequence[tuple[int, datetime]], *, days: int, now: datetime) -> None:
    """Keep that fans were told of a date."""
    rows = [(fan_id, expires_at, days, now) for fan_id, expires_at in told]
    bulk.insert(session, _notice, ("fan_id", "expires_at", "days", "told_at"), rows)


def of_fan(session: Session, fan_id: int) -> list[ExpiryNotice]:
    """What a fan was told."""
    chosen = sa.select(ExpiryNotice).where(_notice.c.fan_id == fan_id)
    return list(session.execute(chosen.order_by(_notice.c.expires_at, _notice.c.days.desc())).scalars())


def forget_fan(session: Session, fan_id: int) -> None:
    """Delete what a fan was told."""
    session.execute(sa.delete(_notice).where(_notice.c.fan_id == fan_id))


def forget(session: Session, *, before: datetime) -> None:
    """Delete what was told of dates that are over."""
    session.execute(sa.delete(_notice).where(_notice.c.expires_at < before))


def _ending(window: Window, least: int, *where: sa.ColumnElement[bool]) -> sa.CTE:
    """The lots that end in the window, read where they stand before they are joined with fans, who stand elsewhere."""
    chosen = sa.select(_lot.c.bucket, _lot.c.holder_id, _lot.c.expires_at, _LEFT.label("points"), _lot.c.sliding)
    chosen = chosen.where(_lot.c.expires_at > window[0], _lot.c.expires_at <= window[1], max(least, 1) <= _LEFT, *where)
    return chosen.cte("ending").prefix_with("MATERIALIZED")


def _of_fans(ending: sa.CTE) -> sa.Join:
    return ending.join(_fan, _fan.c.id == ending.c.holder_id)


def _untold(ending: sa.CTE, days: int) -> list[sa.ColumnElement[bool]]:
    told = sa.exists().where(
        _notice.c.fan_id == _fan.c.id, _notice.c.expires_at == ending.c.expires_at, _notice.c.days == days
    )
    return [_fan.c.email.is_not(None), _fan.c.erased_at.is_(None), ~told]
