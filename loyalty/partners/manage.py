"""Partners and places are made here."""

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from loyalty import clock
from loyalty.partners.refusals import PartnerExists
from loyalty.partners.tables import Partner, Place


def create(session: Session, *, slug: str, name: str) -> Partner:
    """Make a partner.

    Raises:
        PartnerExists: another one is called `slug`.
    """
    partner = Partner(slug=slug, name=name, created_at=clock.now())
    try:
        with session.begin_nested():
            session.add(partner)
    except IntegrityError:
        raise PartnerExists(slug=slug) from None
    return partner


def add_place(session: Session, *, partner_id: int, name: str) -> Place:
    """Make a place of a partner."""
    place = Place(partner_id=partner_id, name=name, created_at=clock.now())
    session.add(place)
    session.flush()
    return place
