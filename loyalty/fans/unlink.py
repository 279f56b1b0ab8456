"""A network account stops being a fan's: what it did stays with the fan, what it does next is its own.

Tallies, caps and withdrawals follow from an act's identity to the holder of its points (invariant I9), so the past
cannot move: the identity stays the fan's for ever and gives up its name, and the account that acts again is met as if
for the first time, by another identity that holds its own points. An act sent again is still found by its key.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.fans.identities import OWN_NETWORK, Account
from loyalty.fans.tables import Identity

_identity = Identity.__table__  # type: ignore[attr-defined]
# The account's identifier on its network, also once its identity gave it up.
ACTOR = sa.func.coalesce(_identity.c.former_external_id, _identity.c.external_id)


def take_from_fan(session: Session, *, fan_id: int, account: Account, now: datetime) -> int | None:
    """Unlink an account of a fan, whose points are locked; returns its identity, or None when it is not the fan's."""
    network, external_id = account
    taken = session.execute(
        sa.update(_identity)
        .where(
            _identity.c.fan_id == fan_id,
            _identity.c.network == network,
            _identity.c.network != OWN_NETWORK,
            _identity.c.external_id == external_id,
            _identity.c.unlinked_at.is_(None),
        )
        .values(
            unlinked_at=now,
            former_external_id=_identity.c.external_id,
            external_id=sa.literal("unlinked:") + sa.cast(_identity.c.id, sa.String),
        )
        .returning(_identity.c.id)
    )
    found: int | None = taken.scalar_one_or_none()
    return found


def times_unlinked(session: Session, fan_id: int, *, since: datetime) -> int:
    """How many accounts the fan gave up since an instant."""
    chosen = sa.select(sa.func.count()).where(_identity.c.fan_id == fan_id, _identity.c.unlinked_at >= since)
    return int(session.execute(chosen).scalar_one())


def holders_given_up(session: Session, accounts: Iterable[Account]) -> set[int]:
    """Whose points these accounts earned before they were unlinked: where acts of theirs may be on record."""
    by_network: dict[str, list[str]] = {}
    for network, external_id in accounts:
        by_network.setdefault(network, []).append(external_id)
    found: set[int] = set()
    for network, external_ids in by_network.items():
        chosen = sa.select(_identity.c.id, _identity.c.holder_id).where(
            _identity.c.network == network, bulk.one_of(session, _identity.c.former_external_id, external_ids)
        )
        found.update(number for row in session.execute(chosen) for number in row)
    return found
