"""Partners, their places and their devices: made, enrolled, revoked."""

from contextlib import suppress

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Joined, Writer
from loyalty.errors import Busy
from loyalty.flows import manage_rewards
from loyalty.partners import devices, enrolment, find, manage
from loyalty.partners.devices import DeviceInHand
from loyalty.partners.enrolment import Enrolled, OpenEnrolment
from loyalty.partners.tables import Partner, Place
from loyalty.rewards import find as rewards
from loyalty.staff import audit
from loyalty.staff.audit import Actor


def create_partner(db: Writer, *, slug: str, name: str, actor: Actor | str) -> Partner:
    """Make a partner.

    Raises:
        PartnerExists: another one is called `slug`.
    """

    def steps(session: Session) -> Partner:
        partner = manage.create(session, slug=slug, name=name)
        audit.record(session, actor=actor, action="partner.created", subject=f"partner:{slug}", after={"name": name})
        return partner

    return db.write(steps)


def add_place(db: Writer, *, partner_slug: str, name: str, actor: Actor | str) -> Place:
    """Make a place of a partner.

    Raises:
        PartnerNotFound
    """

    def steps(session: Session) -> Place:
        partner = find.partner(session, partner_slug)
        assert partner.id is not None
        place = manage.add_place(session, partner_id=partner.id, name=name)
        audit.record(session, actor=actor, action="place.created", subject=f"place:{place.id}", after={"name": name})
        return place

    return db.write(steps)


def rename_partner(db: Writer, *, slug: str, name: str, actor: Actor | str) -> None:
    """Call a partner something else; its slug stays.

    Raises:
        PartnerNotFound
    """

    def steps(session: Session) -> None:
        partner = find.partner(session, slug)
        before, partner.name = partner.name, name
        session.flush()
        _renamed(session, "partner", f"partner:{slug}", before, name, actor)

    db.write(steps)


def rename_place(db: Writer, *, partner_slug: str, place_id: int, name: str, actor: Actor | str) -> None:
    """Call a place something else.

    Raises:
        PartnerNotFound
        PlaceNotFound: the partner has no such place.
    """

    def steps(session: Session) -> None:
        partner = find.partner(session, partner_slug)
        assert partner.id is not None
        place = find.place(session, partner_id=partner.id, place_id=place_id)
        before, place.name = place.name, name
        session.flush()
        _renamed(session, "place", f"place:{place_id}", before, name, actor)

    db.write(steps)


def archive_partner(db: Writer, *, slug: str, actor: Actor | str, reason: str) -> None:
    """Part with a partner for good: its devices are shut out, its rewards leave the catalogue; again changes nothing.

    Raises:
        PartnerNotFound
    """

    def steps(session: Session) -> None:
        partner = find.partner(session, slug)
        assert partner.id is not None
        if partner.archived_at is not None:
            return
        for reward in rewards.of_partner(session, partner.id):
            manage_rewards.archive_reward(Joined(session), slug=reward.slug, actor=actor, reason=reason)
        for device in find.devices(session, partner.id):
            revoke_device(Joined(session), device_id=device.id, actor=actor, reason=reason)
        partner.archived_at = clock.now()
        session.flush()
        audit.record(session, actor=actor, action="partner.archived", subject=f"partner:{slug}", reason=reason)

    db.write(steps)


def open_enrolment(db: Writer, *, partner_slug: str, place_id: int, actor: Actor | str) -> OpenEnrolment:
    """Make a one-time code with which a phone becomes a device of a place, within 15 minutes.

    Raises:
        PartnerNotFound
        PlaceNotFound: the partner has no such place.
    """

    def steps(session: Session) -> OpenEnrolment:
        partner = find.partner(session, partner_slug)
        assert partner.id is not None
        place = find.place(session, partner_id=partner.id, place_id=place_id)
        opened = enrolment.open_enrolment(session, place_id)
        audit.record(session, actor=actor, action="enrolment.opened", subject=f"place:{place.id}")
        return opened

    return db.write(steps)


def enrol(db: Writer, *, code: str, name: str) -> Enrolled:
    """Make a device of the phone that shows a one-time code; its credential is in the answer, nowhere else.

    Raises:
        EnrolmentRefused: the code is unknown, used or too old.
    """

    def steps(session: Session) -> Enrolled:
        enrolled = enrolment.enrol(session, code=code, name=name)
        audit.record(
            session,
            actor=f"device:{enrolled.device.id}",
            action="device.enrolled",
            subject=f"device:{enrolled.device.id}",
            after={"name": name, "place_id": enrolled.device.place_id},
        )
        return enrolled

    return db.write(steps)


def revoke_device(db: Writer, *, device_id: int, actor: Actor | str, reason: str) -> None:
    """Shut a device out, at once; the second time changes nothing.

    Raises:
        DeviceNotFound: there never was such a device.
    """

    def steps(session: Session) -> None:
        if devices.revoke(session, device_id):
            audit.record(session, actor=actor, action="device.revoked", subject=f"device:{device_id}", reason=reason)

    db.write(steps)


def roll_credential(db: Writer, *, device_id: int, actor: Actor | str) -> str:
    """Another credential for a device, in the answer and nowhere else; the one before is worth nothing now.

    Raises:
        DeviceNotFound: there is none, or it was revoked.
    """

    def steps(session: Session) -> str:
        credential = devices.roll(session, device_id)
        audit.record(session, actor=actor, action="device.credential_rolled", subject=f"device:{device_id}")
        return credential

    return db.write(steps)


def authenticate(db: Writer, credential: str) -> DeviceInHand | None:
    """The device that has this credential, or None; that it was seen is noted once a minute at most."""
    device = db.read(lambda session: devices.authenticate(session, credential))
    if device is not None and device.to_be_noted:
        device_id = device.id
        with suppress(Busy):  # then the next request will note it
            db.write(lambda session: devices.note_seen(session, device_id))
    return device


def _renamed(session: Session, kind: str, subject: str, before: str, after: str, actor: Actor | str) -> None:
    if before != after:
        audit.record(
            session,
            actor=actor,
            action=f"{kind}.changed",
            subject=subject,
            before={"name": before},
            after={"name": after},
        )
