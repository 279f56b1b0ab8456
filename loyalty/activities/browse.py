"""Activities to be looked at: one, or a fan's, newest first."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.activities.tables import Activity, Verdicts
from loyalty.errors import NotFound
from loyalty.fans.tables import Identity
from loyalty.fans.unlink import ACTOR

_activity = Activity.__table__  # type: ignore[attr-defined]
_verdicts = Verdicts.__table__  # type: ignore[attr-defined]
_identity = Identity.__table__  # type: ignore[attr-defined]

_CHOSEN = (
    sa.select(_activity, _verdicts.c.verdicts, ACTOR.label("actor"), _identity.c.fan_id)
    .join(_identity, _identity.c.id == _activity.c.identity_id)
    .join(_verdicts, _verdicts.c.digest == _activity.c.verdicts_digest)
)

_NEWEST = (  # sorted by their numbers alone, before anything else of them is read
    sa.select(_activity.c.id, _activity.c.bucket)
    .where(_activity.c.holder_id.in_(sa.bindparam("holders", expanding=True)))
    .order_by(_activity.c.id.desc())
    .limit(sa.bindparam("limit"))
    .subquery("newest")
)
_LATEST = (  # made once: the first page asks it
    _CHOSEN.join(_NEWEST, sa.and_(_NEWEST.c.id == _activity.c.id, _NEWEST.c.bucket == _activity.c.bucket)).order_by(
        _activity.c.id.desc()
    )
)

Row = sa.Row[Any]  # every column of the activity, its `verdicts`, and its identity's `actor` and `fan_id`


def activity(session: Session, activity_id: int) -> Row:
    """One activity.

    Raises:
        NotFound
    """
    found = session.execute(_CHOSEN.where(_activity.c.id == activity_id)).one_or_none()
    if found is None:
        raise NotFound(what=f"activity {activity_id}")
    return found


def activities(
    session: Session,
    *,
    limit: int,
    below_id: int | None = None,
    holder_ids: Iterable[int] | None = None,
    outcome: str | None = None,
) -> list[Row]:
    """The latest recorded first, at most `limit`, all recorded before the activity `below_id`.

    Args:
        holder_ids: only those of these holders, as they were when it happened.
        outcome: only those with this outcome.
    """
    chosen = _CHOSEN.order_by(_activity.c.id.desc()).limit(limit)
    if below_id is not None:
        chosen = chosen.where(_activity.c.id < below_id)
    if holder_ids is not None:
        chosen = chosen.where(bulk.one_of(session, _activity.c.holder_id, holder_ids))
    if outcome is not None:
        chosen = chosen.where(_activity.c.outcome == outcome)
    return list(session.execute(chosen))


def latest(session: Session, holder_ids: Sequence[int], *, limit: int) -> Sequence[Row]:
    """The latest of a few holders, the latest recorded first."""
    return session.execute(_LATEST, {"holders": holder_ids, "limit": limit}).all()


def activities_of(session: Session, activity_ids: Iterable[int]) -> list[Row]:
    """These activities, in no order."""
    return list(session.execute(_CHOSEN.where(bulk.one_of(session, _activity.c.id, activity_ids))))
