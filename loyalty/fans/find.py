"""Fans and their network accounts, to be looked at."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from loyalty import bulk
from loyalty.errors import NotFound
from loyalty.fans.identities import OWN_NETWORK
from loyalty.fans.tables import Fan, Identity

_fan = Fan.__table__  # type: ignore[attr-defined]
_CALLED = sa.select(_fan.c.display_name, _fan.c.language).where(
    _fan.c.id == sa.bindparam("fan"), _fan.c.erased_at.is_(None)
)  # made once: it is asked at every request


@dataclass(frozen=True, slots=True)
class Called:
    """What a fan is called, and in which language."""

    display_name: str | None
    language: str


def called(session: Session, fan_id: int) -> Called | None:
    """What a fan is called; None for one who was erased."""
    row = session.execute(_CALLED, {"fan": fan_id}).one_or_none()
    return None if row is None else Called(*row)


def linked_identities(session: Session, fan_id: int) -> list[Identity]:
    """The network accounts of a fan, in the order they were linked."""
    chosen = _accounts_of(fan_id).where(col(Identity.unlinked_at).is_(None))
    return list(session.exec(chosen.order_by(col(Identity.linked_at), col(Identity.id))))


def accounts_ever(session: Session, fan_id: int) -> list[Identity]:
    """The same, and those that were unlinked: what they did stays the fan's."""
    return list(session.exec(_accounts_of(fan_id).order_by(col(Identity.linked_at), col(Identity.id))))


def _accounts_of(fan_id: int) -> SelectOfScalar[Identity]:
    return select(Identity).where(Identity.fan_id == fan_id, Identity.network != OWN_NETWORK)


def identity(session: Session, network: str, external_id: str) -> Identity:
    """One network account.

    Raises:
        NotFound: it never did anything here.
    """
    chosen = select(Identity).where(Identity.network == network, Identity.external_id == external_id)
    found = session.exec(chosen).one_or_none()
    if found is None:
        raise NotFound(what=f"{network} account {external_id}")
    return found


def by_email(session: Session, email: str) -> Fan | None:
    """The fan with this folded address."""
    return session.exec(select(Fan).where(Fan.email == email)).one_or_none()


def present(session: Session, fan_ids: Iterable[int]) -> set[int]:
    """Those of these numbers that are fans, and were not erased."""
    chosen = sa.select(_fan.c.id).where(bulk.one_of(session, _fan.c.id, fan_ids), _fan.c.erased_at.is_(None))
    return set(session.execute(chosen).scalars())


def by_ids(session: Session, fan_ids: Iterable[int]) -> dict[int, Fan]:
    """Those of these fans that there are, by number."""
    chosen = select(Fan).where(bulk.one_of(session, col(Fan.id), fan_ids))
    return {each.id: each for each in session.exec(chosen)}
