"""Fans and their network accounts, to be looked at."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from loyalty import bulk
from loyalty.access import sessions
from loyalty.access.sessions import FAN, OpenSession
from loyalty.access.tables import WebSession
from loyalty.errors import NotFound
from loyalty.fans.identities import OWN_NETWORK
from loyalty.fans.tables import Fan, Identity

_fan = Fan.__table__  # type: ignore[attr-defined]
_WHO = (  # made once: it is asked at every request
    sessions.GOOD.add_columns(_fan.c.display_name, _fan.c.language)
    .join(_fan, _fan.c.id == WebSession.__table__.c.subject_id)  # type: ignore[attr-defined]
    .where(_fan.c.erased_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fan in one browser: what to call them, and in which language."""

    session: OpenSession
    display_name: str | None
    language: str


def signed_in(session: Session, token: str) -> SignedIn | None:
    """The fan whose session this token is; None when it is not good now, or the fan was erased."""
    asked = sessions.about(FAN, token)
    row = session.execute(_WHO, asked).one_or_none()
    found = None if row is None else sessions.opened(row, kind=FAN, now=asked["now"])
    return None if row is None or found is None else SignedIn(found, row.display_name, row.language)


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


def display_names(session: Session, fan_ids: Iterable[int]) -> dict[int, str | None]:
    """The names that these fans chose."""
    chosen = sa.select(_fan.c.id, _fan.c.display_name).where(bulk.one_of(session, _fan.c.id, fan_ids))
    return {row.id: row.display_name for row in session.execute(chosen)}
