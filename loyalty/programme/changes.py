"""The change of expiry that is being applied to points fans have already: one at a time, and how far it got."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from loyalty import clock, ids
from loyalty.programme.refusals import ExpiryBeingApplied
from loyalty.programme.tables import ExpiryChange

_change = ExpiryChange.__table__  # type: ignore[attr-defined]


def begin(session: Session, *, policy: Mapping[str, Any], reason: str, asked_by: str) -> ExpiryChange:
    """Ask for a policy to be applied.

    Raises:
        ExpiryBeingApplied: another one is not through yet.
    """
    row = ExpiryChange(
        id=ids.new(), policy=dict(policy), reason=reason, asked_by=asked_by, asked_at=clock.now(), is_open=True
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise ExpiryBeingApplied from None
    return row


def under_way(session: Session, *, lock: bool = False) -> ExpiryChange | None:
    """The one that is not through yet; locked, nobody else takes its next piece."""
    chosen = sa.select(ExpiryChange).where(_change.c.is_open)
    if lock:
        chosen = chosen.with_for_update()  # SQLite has one writer, and leaves this out
    return session.execute(chosen).scalar_one_or_none()


def latest(session: Session) -> ExpiryChange | None:
    """The one that was asked for last, if any ever was."""
    return session.execute(sa.select(ExpiryChange).order_by(_change.c.id.desc()).limit(1)).scalar_one_or_none()
