"""How a phone becomes a device: a one-time code, good for 15 minutes, against a credential shown once."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import clock, ids, spelling
from loyalty.partners.refusals import EnrolmentRefused
from loyalty.partners.tables import Device, Enrolment, Partner, Place

VALID = timedelta(minutes=15)
CODE_LENGTH = 16  # 80 bits: out of reach of guessing within a quarter of an hour, so a plain hash is enough
CREDENTIAL_PREFIX = "device_"  # tells it from an API key, for people and for scanners of leaked secrets

_enrolment = Enrolment.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class OpenEnrolment:
    """A code to be typed, or shown as a QR code, on the new device; it is not kept."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Where a phone is about to become a device."""

    partner: str
    place: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new device and its credential, which is shown this once."""

    device: Device
    credential: str


def open_enrolment(session: Session, place_id: int) -> OpenEnrolment:
    """Make a code with which one phone becomes a device at this place."""
    code = spelling.random_code(CODE_LENGTH)
    now = clock.now()
    session.add(
        Enrolment(id=ids.new(), place_id=place_id, code_hash=digest(code), created_at=now, expires_at=now + VALID)
    )
    session.flush()
    return OpenEnrolment(code=spelling.grouped(code, 4, 4, 4, 4), expires_at=now + VALID)


def link(public_url: str, code: str) -> str:
    """What a phone opens to become a device, also as a QR code; opening it uses nothing up."""
    return f"{public_url}/partner/enrol/{code}"


def look(session: Session, code: str) -> Invitation:
    """Where a code leads to; it stays as good as it was.

    Raises:
        EnrolmentRefused: the code is unknown, used or too old, or its partner has left.
    """
    row = session.exec(
        select(Partner.name, Place.name)
        .join_from(Enrolment, Place, col(Place.id) == Enrolment.place_id)
        .join(Partner, col(Partner.id) == Place.partner_id)
        .where(_good(code, clock.now()), col(Partner.archived_at).is_(None))
    ).one_or_none()
    if row is None:
        raise EnrolmentRefused
    return Invitation(partner=row[0], place=row[1])


def enrol(session: Session, *, code: str, name: str) -> Enrolled:
    """Use up a code and make the device.

    Raises:
        EnrolmentRefused: the code is unknown, used or too old.
    """
    now = clock.now()
    used = session.execute(
        sa.update(_enrolment).where(_good(code, now)).values(used_at=now).returning(_enrolment.c.place_id)
    ).one_or_none()
    if used is None:
        raise EnrolmentRefused
    place = session.get_one(Place, used.place_id)
    credential = new_credential()
    device = Device(
        id=ids.new(),
        partner_id=place.partner_id,
        place_id=used.place_id,
        name=name,
        credential_hash=digest(credential),
        created_at=now,
    )
    session.add(device)
    session.flush()
    return Enrolled(device, credential)


def _good(code: str, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        _enrolment.c.code_hash == digest(spelling.clean(code)),
        _enrolment.c.used_at.is_(None),
        _enrolment.c.expires_at > now,
    )


def new_credential() -> str:
    """256 random bits, recognisable."""
    return CREDENTIAL_PREFIX + ids.secret(256)


def digest(secret: str) -> str:
    """The hash under which a secret is kept; whatever was sent has one."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
