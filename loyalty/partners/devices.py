"""Which device speaks, and whether it still may."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import clock
from loyalty.partners.enrolment import digest, new_credential
from loyalty.partners.refusals import DeviceNotFound
from loyalty.partners.tables import Device, Partner

SEEN_EVERY = timedelta(minutes=1)

_device = Device.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInHand:
    """An enrolled device that showed its credential."""

    id: int
    name: str
    partner_id: int
    place_id: int
    last_seen_at: datetime | None

    @property
    def to_be_noted(self) -> bool:
        """Whether it was last noted over a minute ago: to write at every request would be too dear."""
        return self.last_seen_at is None or clock.now() - self.last_seen_at >= SEEN_EVERY


def authenticate(session: Session, credential: str) -> DeviceInHand | None:
    """The device that has this credential; None if there is none, it was revoked, or its partner has left."""
    found = session.exec(
        select(Device)
        .join(Partner, col(Partner.id) == Device.partner_id)
        .where(
            Device.credential_hash == digest(credential),
            col(Device.revoked_at).is_(None),
            col(Partner.archived_at).is_(None),
        )
    ).one_or_none()
    if found is None:
        return None
    return DeviceInHand(
        id=found.id,
        name=found.name,
        partner_id=found.partner_id,
        place_id=found.place_id,
        last_seen_at=found.last_seen_at,
    )


def note_seen(session: Session, device_id: int) -> None:
    """Note that the device spoke just now."""
    now = clock.now()
    session.execute(
        sa.update(_device)
        .where(
            _device.c.id == device_id,
            sa.or_(_device.c.last_seen_at.is_(None), _device.c.last_seen_at <= now - SEEN_EVERY),
        )
        .values(last_seen_at=now)
    )


def revoke(session: Session, device_id: int) -> bool:
    """Take a device's right to speak; says whether it had it until now.

    Raises:
        DeviceNotFound: there never was such a device.
    """
    if session.get(Device, device_id) is None:
        raise DeviceNotFound
    return _change(session, device_id, revoked_at=clock.now())


def roll(session: Session, device_id: int) -> str:
    """Give a device another credential, shown this once; the one before is worth nothing from now on.

    Raises:
        DeviceNotFound: there is none, or it was revoked.
    """
    credential = new_credential()
    if not _change(session, device_id, credential_hash=digest(credential)):
        raise DeviceNotFound
    return credential


def _change(session: Session, device_id: int, **values: object) -> bool:
    changed = session.execute(
        sa.update(_device).where(_device.c.id == device_id, _device.c.revoked_at.is_(None)).values(**values)
    )
    return changed.rowcount == 1  # type: ignore[attr-defined, no-any-return]
