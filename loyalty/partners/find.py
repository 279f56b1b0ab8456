"""Partners, their places and their devices, to be looked at."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty.partners.refusals import PartnerNotFound, PlaceNotFound
from loyalty.partners.tables import Device, Partner, Place


def partner(session: Session, slug: str) -> Partner:
    """The partner called `slug`, also when archived.

    Raises:
        PartnerNotFound
    """
    found = session.exec(select(Partner).where(Partner.slug == slug)).one_or_none()
    if found is None:
        raise PartnerNotFound(slug=slug)
    return found


def partners(session: Session, *, after_id: int = 0, limit: int = 100) -> list[Partner]:
    """Partners in the order they came, after the number `after_id`."""
    chosen = select(Partner).where(col(Partner.id) > after_id).order_by(col(Partner.id)).limit(limit)
    return list(session.exec(chosen))


def place(session: Session, *, partner_id: int, place_id: int) -> Place:
    """One place of one partner.

    Raises:
        PlaceNotFound: there is none, or it is another partner's: both answer the same.
    """
    chosen = select(Place).where(Place.id == place_id, Place.partner_id == partner_id)
    found = session.exec(chosen).one_or_none()
    if found is None:
        raise PlaceNotFound
    return found


def places(session: Session, partner_id: int) -> list[Place]:
    """The places of one partner, in the order they came."""
    return list(session.exec(select(Place).where(Place.partner_id == partner_id).order_by(col(Place.id))))


def devices(session: Session, partner_id: int) -> list[Device]:
    """The devices of one partner, revoked ones too, in the order they were enrolled."""
    return list(session.exec(select(Device).where(Device.partner_id == partner_id).order_by(col(Device.id))))


def last_seen(session: Session) -> dict[int, tuple[int, datetime | None]]:
    """How many devices each partner has that were not revoked, and when any of them spoke last."""
    chosen = (
        sa.select(col(Device.partner_id), sa.func.count(), sa.func.max(col(Device.last_seen_at)))
        .where(col(Device.revoked_at).is_(None))
        .group_by(col(Device.partner_id))
    )
    return {partner_id: (int(count), seen) for partner_id, count, seen in session.execute(chosen)}


def place_counts(session: Session) -> dict[int, int]:
    """How many places each partner has."""
    chosen = sa.select(col(Place.partner_id), sa.func.count()).group_by(col(Place.partner_id))
    return {partner_id: int(count) for partner_id, count in session.execute(chosen)}
