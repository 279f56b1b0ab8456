"""What names a person is taken off a fan and the fan's network accounts; their numbers stay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.fans.tables import Fan, Identity

_fan = Fan.__table__  # type: ignore[attr-defined]
_identity = Identity.__table__  # type: ignore[attr-defined]


def pseudonymise(session: Session, fan: Fan, *, now: datetime) -> bool:
    """Leave numbers only; False when somebody was faster, or the fan came back meanwhile: then nothing is changed.

    An account that acts again is met as if for the first time.
    """
    as_read = (_fan.c.id == fan.id, _fan.c.erased_at.is_(None), _fan.c.warned_at.is_not_distinct_from(fan.warned_at))
    done: Any = session.execute(
        sa.update(_fan)
        .where(*as_read)
        .values(reference=None, display_name=None, email=None, last_seen_at=None, erased_at=now)
    )
    if not done.rowcount:
        return False
    _strip(session, _identity.c.fan_id == fan.id)
    return True


def pseudonymise_accounts(session: Session, identity_ids: Sequence[int]) -> None:
    """Leave numbers only of network accounts that are no fan's."""
    _strip(session, sa.and_(_identity.c.fan_id.is_(None), bulk.one_of(session, _identity.c.id, identity_ids)))


def _strip(session: Session, which: sa.ColumnElement[bool]) -> None:
    session.execute(
        sa.update(_identity)
        .where(which)
        .values(
            external_id=sa.literal("erased:") + sa.cast(_identity.c.id, sa.String), former_external_id=None, name=None
        )
    )
