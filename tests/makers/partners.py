"""Partners with a place and an enrolled device."""

from sqlmodel import Session

from loyalty.db import Database
from loyalty.flows import manage_partners
from loyalty.partners import find
from loyalty.partners.devices import DeviceInHand
from loyalty.partners.refusals import PartnerNotFound
from tests.cast import ODILE


def device(
    db: Database,
    partner: str = "cafe-lumiere",
    *,
    place: str = "Comptoir de la gare",
    name: str = "Caisse 1",
) -> DeviceInHand:
    """A device of a partner, who is made when needed, at a new place."""
    in_hand = manage_partners.authenticate(db, credential(db, partner, place=place, name=name))
    assert in_hand is not None
    return in_hand


def credential(
    db: Database,
    partner: str = "cafe-lumiere",
    *,
    place: str = "Comptoir de la gare",
    name: str = "Caisse 1",
) -> str:
    """What such a device shows to be let in."""
    known_partner(db, partner)
    where = manage_partners.add_place(db, partner_slug=partner, name=place, actor=ODILE)
    assert where.id is not None
    opened = manage_partners.open_enrolment(db, partner_slug=partner, place_id=where.id, actor=ODILE)
    return manage_partners.enrol(db, code=opened.code, name=name).credential


def known_partner(db: Database, slug: str = "cafe-lumiere") -> int:
    """The number of a partner, who is made when needed."""

    def look(session: Session) -> int | None:
        try:
            return find.partner(session, slug).id
        except PartnerNotFound:
            return None

    number = db.read(look)
    if number is None:
        name = slug.replace("-", " ").title()
        number = manage_partners.create_partner(db, slug=slug, name=name, actor=ODILE).id
    assert number is not None
    return number
