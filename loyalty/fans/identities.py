"""From a network account to the holder of its points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk, ids
from loyalty.fans.tables import Identity

OWN_NETWORK = "station"  # its identities are made with their fan, never met

_identity = Identity.__table__  # type: ignore[attr-defined]
_columns = (_identity.c.id, _identity.c.network, _identity.c.external_id, _identity.c.holder_id, _identity.c.fan_id)
_OF_FAN = sa.select(_identity.c.id, _identity.c.network, _identity.c.external_id).where(
    _identity.c.fan_id == sa.bindparam("fan")
)
Account = tuple[str, str]  # network, the account's identifier there


@dataclass(slots=True)
class KnownIdentity:
    """A network account and whose its points are."""

    id: int
    network: str
    external_id: str
    holder_id: int
    fan_id: int | None


def find_identities(session: Session, accounts: Iterable[Account]) -> dict[Account, KnownIdentity]:
    """Those of the accounts that we have met."""
    by_network: dict[str, list[str]] = {}
    for network, external_id in accounts:
        by_network.setdefault(network, []).append(external_id)
    found = {}
    for network, external_ids in by_network.items():
        wanted = sa.select(*_columns).where(
            _identity.c.network == network, bulk.one_of(session, _identity.c.external_id, external_ids)
        )
        found.update({(row[1], row[2]): KnownIdentity(*row) for row in bulk.fetch(session, wanted)})
    return found


def meet(
    session: Session, accounts: Mapping[Account, str | None], *, now: datetime
) -> tuple[dict[Account, KnownIdentity], list[int]]:
    """Find these accounts; one we never met becomes an identity that holds its own points.

    Args:
        accounts: each with its name on the network, if known.

    Returns:
        the identities (none for an account of the station's own network that is no fan), and the holders to open.
    """
    known = find_identities(session, accounts)
    new = sorted(account for account in accounts if account not in known and account[0] != OWN_NETWORK)
    if not new:
        return known, []
    fresh = dict(zip(new, ids.many(len(new)), strict=True))
    bulk.insert_missing(
        session,
        _identity,
        ("id", "network", "external_id", "holder_id", "bucket", "name", "first_seen_at"),
        [
            (identity_id, *account, identity_id, ids.bucket_of(identity_id), accounts[account], now)
            for account, identity_id in fresh.items()
        ],
        keys=("network", "external_id"),
    )
    met = find_identities(session, new)
    ours = [identity.holder_id for account, identity in met.items() if identity.id == fresh[account]]
    return known | met, ours


def holders_of(session: Session, identity_ids: Iterable[int]) -> dict[int, int]:
    """Whose points each identity's are now: identity to holder."""
    held = sa.select(_identity.c.id, _identity.c.holder_id)
    rows = session.execute(held.where(bulk.one_of(session, _identity.c.id, identity_ids)))
    return {row.id: row.holder_id for row in rows}


def give_to_fan(session: Session, identity_id: int, fan_id: int, *, now: datetime) -> bool:
    """Link an identity that nobody has linked; False when somebody has meanwhile."""
    linked = session.execute(
        sa.update(_identity)
        .where(_identity.c.id == identity_id, _identity.c.fan_id.is_(None))
        .values(fan_id=fan_id, holder_id=fan_id, bucket=ids.bucket_of(fan_id), linked_at=now)
    )
    return linked.rowcount == 1  # type: ignore[attr-defined, no-any-return]


def holder_ids_of_fan(session: Session, fan_id: int) -> list[int]:
    """Every holder whose history is this fan's: the fan, who was merged into the fan, and each linked identity from
    before it was linked."""
    linked = session.execute(_OF_FAN, {"fan": fan_id}).all()
    return [fan_id, *_merged(linked, fan_id), *(row.id for row in linked)]


def holders_before(session: Session, fan_ids: Iterable[int]) -> set[int]:
    """The fans that turned out to be one of these."""
    numbers = sa.select(_identity.c.external_id).where(
        _identity.c.network == OWN_NETWORK, bulk.one_of(session, _identity.c.fan_id, fan_ids)
    )
    return {int(each) for each in session.execute(numbers).scalars() if each.isdecimal()} - set(fan_ids)


def former_holders(session: Session, fan_ids: Iterable[int]) -> dict[int, int]:
    """Every other holder whose history is one of these fans', each with that fan: see `holder_ids_of_fan`."""
    chosen = sa.select(_identity.c.id, _identity.c.network, _identity.c.external_id, _identity.c.fan_id)
    former: dict[int, int] = {}
    for row in session.execute(chosen.where(bulk.one_of(session, _identity.c.fan_id, fan_ids))):
        former[row.id] = row.fan_id
        if row.network == OWN_NETWORK and row.external_id.isdecimal() and int(row.external_id) != row.fan_id:
            former[int(row.external_id)] = row.fan_id
    return former


def fan_ids_merged_into(session: Session, fan_id: int) -> list[int]:
    """The fans that turned out to be this one."""
    return _merged(session.execute(_OF_FAN, {"fan": fan_id}).all(), fan_id)


def _merged(linked: Iterable[Any], fan_id: int) -> list[int]:
    # Each fan has an identity on the station's own network that says its first number, and moves with it.
    numbers = {row.external_id for row in linked if row.network == OWN_NETWORK and row.external_id.isdecimal()}
    return sorted(int(each) for each in numbers - {str(fan_id)})
