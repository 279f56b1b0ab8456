"""Activities by what staff look for, the latest that came in first; a search never reads the whole table at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.activities.browse import Row
from loyalty.activities.tables import Activity, Verdicts
from loyalty.fans.tables import Identity
from loyalty.fans.unlink import ACTOR

AT_ONCE = 200_000  # activities that one search looks through, where no key leads to those it wants

_activity = Activity.__table__  # type: ignore[attr-defined]
_verdicts = Verdicts.__table__  # type: ignore[attr-defined]
_identity = Identity.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is looked for; None: whatever.

    Attributes:
        holder_ids: whose.
        within: when they came in, as a condition on the activities.
    """

    network: str | None = None
    kind: str | None = None
    outcome: str | None = None
    reason: str | None = None
    show: str | None = None
    holder_ids: Collection[int] | None = None
    within: sa.ColumnElement[bool] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found; `older` is where to look on, None where nothing is left."""

    rows: list[Row]
    older: int | None


def search(session: Session, sought: Sought, *, limit: int, below_id: int | None = None) -> Found:
    """The latest activities, at most `limit`, all before the activity `below_id`.

    Fewer than `limit` may be found while there are more: then `older` says from where to look on.
    """
    floor = None if sought.holder_ids is not None or sought.within is not None else _floor(session, below_id)
    chosen = (
        sa.select(_activity, _verdicts.c.verdicts, ACTOR.label("actor"), _identity.c.fan_id)
        .join(_identity, _identity.c.id == _activity.c.identity_id)
        .join(_verdicts, _verdicts.c.digest == _activity.c.verdicts_digest)
        .where(*_conditions(session, sought))
        .order_by(_activity.c.id.desc())
        .limit(limit + 1)
    )
    if below_id is not None:
        chosen = chosen.where(_activity.c.id < below_id)
    if floor is not None:
        chosen = chosen.where(_activity.c.id >= floor)
    rows: list[Row] = list(session.execute(chosen))
    if len(rows) > limit:
        return Found(rows[:limit], rows[limit - 1].id)
    return Found(rows, floor)


def accounts_called(session: Session, name: str, *, limit: int = 50) -> list[int]:
    """The holders of the network accounts with this identifier or this name."""
    chosen = sa.select(_identity.c.holder_id, _identity.c.id).where(
        sa.or_(_identity.c.external_id == name, _identity.c.former_external_id == name, _identity.c.name == name)
    )
    return sorted({number for row in session.execute(chosen.limit(limit)) for number in row})


def _floor(session: Session, below_id: int | None) -> int | None:
    """How far one search looks: so many activities back."""
    back = sa.select(_activity.c.id).order_by(_activity.c.id.desc()).offset(AT_ONCE).limit(1)
    if below_id is not None:
        back = back.where(_activity.c.id < below_id)
    floor: int | None = session.execute(back).scalar_one_or_none()
    return floor


def _conditions(session: Session, sought: Sought) -> list[Any]:
    plain = ("network", "kind", "outcome", "reason", "show")
    found: list[Any] = [
        _activity.c[name] == getattr(sought, name) for name in plain if getattr(sought, name) is not None
    ]
    if sought.holder_ids is not None:
        found.append(bulk.one_of(session, _activity.c.holder_id, sought.holder_ids))
    if sought.within is not None:
        found.append(sought.within)
    return found
