"""What names a person is taken off a fan and the fan's network accounts; their numbers stay."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.fans.tables import Fan, Identity

_identity = Identity.__table__  # type: ignore[attr-defined]


def pseudonymise(session: Session, fan: Fan, *, now: datetime) -> None:
    """Leave numbers only. An account that acts again is met as if for the first time."""
    fan.reference = fan.display_name = fan.email = fan.last_seen_at = None
    fan.erased_at = now
    session.add(fan)
    session.flush()
    _strip(session, _identity.c.fan_id == fan.id)


def pseudonymise_accounts(session: Session, identity_ids: Sequence[int]) -> None:
    """Leave numbers only of network accounts that are no fan's."""
    _strip(session, sa.and_(_identity.c.fan_id.is_(None), bulk.one_of(session, _identity.c.id, identity_ids)))


def _strip(session: Session, which: sa.ColumnElement[bool]) -> None:
    session.execute(
        sa.update(_identity)
        .where(which)
        .values(external_id=sa.literal("erased:") + sa.cast(_identity.c.id, sa.String), name=None)
    )
