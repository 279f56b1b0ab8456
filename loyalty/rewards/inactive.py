"""Fans, and accounts that are nobody's yet, without a sign of life since some day: found set by set, in pieces.

A sign of life is a visit to our pages, an account linked, something done anywhere, an exchange. Who did not come is
asked first, then what they did: on many machines the two are not in one place.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.activities.tables import Activity
from loyalty.day import day_number
from loyalty.fans.tables import Fan, Identity
from loyalty.rewards.tables import Redemption

_fan = Fan.__table__  # type: ignore[attr-defined]
_identity = Identity.__table__  # type: ignore[attr-defined]
_activity = Activity.__table__  # type: ignore[attr-defined]
_redemption = Redemption.__table__  # type: ignore[attr-defined]
_AT_ONCE = 500


def to_warn(session: Session, *, unseen_since: datetime, limit: int) -> Sequence[Any]:
    """Fans without a sign of life since then whom nobody warned yet: rows of `id`, `email` and `language`."""
    return _silent(session, _unseen(unseen_since).where(_fan.c.warned_at.is_(None)), since=unseen_since, limit=limit)


def to_forget(
    session: Session, *, unseen_since: datetime, warned_before: datetime, limit: int, fan_id: int | None = None
) -> list[int]:
    """Fans who were warned before an instant, and gave no sign of life since the other; or whether this one is such."""
    chosen = _unseen(unseen_since).where(_fan.c.warned_at <= warned_before)
    if fan_id is not None:
        chosen = chosen.where(_fan.c.id == fan_id)
    return [row.id for row in _silent(session, chosen, since=unseen_since, limit=limit)]


def accounts_to_forget(session: Session, *, unseen_since: datetime, limit: int) -> list[int]:
    """Network accounts nobody linked that did nothing since then."""
    chosen = sa.select(_identity.c.id).where(
        _identity.c.fan_id.is_(None),
        _identity.c.first_seen_at < unseen_since,
        _identity.c.external_id.not_like("erased:%"),
    )
    return [row.id for row in _silent(session, chosen, since=unseen_since, limit=limit)]


def _unseen(since: datetime) -> sa.Select[Any]:
    linked = sa.exists().where(_identity.c.fan_id == _fan.c.id, _identity.c.linked_at >= since)
    return sa.select(_fan.c.id, _fan.c.email, _fan.c.language).where(
        _fan.c.erased_at.is_(None),
        _fan.c.merged_into.is_(None),  # who turned out to be another fan has nothing left to forget
        _fan.c.created_at < since,
        sa.or_(_fan.c.last_seen_at.is_(None), _fan.c.last_seen_at < since),
        ~linked,
    )


def _silent(session: Session, chosen: sa.Select[Any], *, since: datetime, limit: int) -> list[Any]:
    """Those of the chosen, by their `id`, who neither did nor exchanged anything since: the first so many."""
    number = chosen.selected_columns.id
    found: list[Any] = []
    after = 0
    while len(found) < limit:
        page = session.execute(chosen.where(number > after).order_by(number).limit(_AT_ONCE)).all()
        if not page:
            break
        after = page[-1].id
        active = _active(session, [row.id for row in page], since)
        found += [row for row in page if row.id not in active]
    return found[:limit]


def _active(session: Session, holder_ids: Collection[int], since: datetime) -> set[int]:
    day = since - timedelta(days=1)  # local days differ from ours by less; the index is by day
    did = sa.select(_activity.c.holder_id).where(
        bulk.one_of(session, _activity.c.holder_id, holder_ids),
        bulk.of_holders(session, _activity.c.bucket, holder_ids),
        _activity.c.local_day >= day_number(day),
        _activity.c.happened_at >= since,
    )
    exchanged = sa.select(_redemption.c.fan_id).where(
        bulk.one_of(session, _redemption.c.fan_id, holder_ids),
        bulk.of_holders(session, _redemption.c.bucket, holder_ids),
        _redemption.c.created_at >= since,
    )
    return {number for query in (did, exchanged) for number in session.execute(query.distinct()).scalars()}
