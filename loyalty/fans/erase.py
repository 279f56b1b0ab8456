"""What names a person is taken off a fan and the fan's network accounts; their numbers stay."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.fans.tables import Fan, Identity

_identity = Identity.__table__  # type: ignore[attr-defined]


def pseudonymise(session: Session, fan: Fan, *, now: datetime) -> None:
    """Leave numbers only. An account that acts again is met as if for the first time."""
    fan.reference = fan.display_name = fan.email = None
    fan.erased_at = now
    session.add(fan)
    session.flush()
    session.execute(
        sa.update(_identity)
        .where(_identity.c.fan_id == fan.id)
        .values(external_id=sa.literal("erased:") + sa.cast(_identity.c.id, sa.String), name=None)
    )
