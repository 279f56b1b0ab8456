"""Partners, their places and their devices."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from loyalty import clock
from loyalty.db import Database
from loyalty.flows.manage_partners import (
    add_place,
    authenticate,
    create_partner,
    enrol,
    open_enrolment,
    revoke_device,
    roll_credential,
)
from loyalty.partners import find
from loyalty.partners.refusals import (
    DeviceNotFound,
    EnrolmentRefused,
    PartnerExists,
    PartnerNotFound,
    PlaceNotFound,
)
from loyalty.partners.tables import Device, Partner
from loyalty.staff.tables import AuditRecord
from tests.cast import MORNING, ODILE
from tests.makers.partners import credential, device


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with clock.running_on(clock.stopped_at(MORNING)):
        yield


@pytest.fixture
def place_id(db: Database) -> int:
    create_partner(db, slug="cafe-lumiere", name="Café Lumière", actor=ODILE)
    place = add_place(db, partner_slug="cafe-lumiere", name="Comptoir", actor=ODILE)
    assert place.id is not None
    return place.id


def opened(db: Database, place_id: int) -> str:
    return open_enrolment(db, partner_slug="cafe-lumiere", place_id=place_id, actor=ODILE).code


def minutes_later(minutes: float) -> clock.Source:
    return clock.stopped_at(MORNING + timedelta(minutes=minutes))


def test_a_partner_has_one_slug_and_places(db: Database, place_id: int) -> None:
    with pytest.raises(PartnerExists):
        create_partner(db, slug="cafe-lumiere", name="Un autre", actor=ODILE)
    with pytest.raises(PartnerNotFound):
        add_place(db, partner_slug="nobody", name="Comptoir", actor=ODILE)
    partner = db.read(lambda session: find.partner(session, "cafe-lumiere"))
    assert partner.id is not None
    number = partner.id
    assert [place.name for place in db.read(lambda session: find.places(session, number))] == ["Comptoir"]
    assert [each.slug for each in db.read(find.partners)] == ["cafe-lumiere"]
    assert db.read(lambda session: find.partners(session, after_id=number)) == []


def test_a_phone_with_the_code_becomes_a_device(db: Database, place_id: int) -> None:
    enrolled = enrol(db, code=opened(db, place_id).lower().replace("-", " "), name="Caisse 1")
    in_hand = authenticate(db, enrolled.credential)
    assert in_hand is not None
    assert (in_hand.id, in_hand.name, in_hand.place_id) == (enrolled.device.id, "Caisse 1", place_id)
    assert authenticate(db, "device_" + "x" * 43) is None
    assert authenticate(db, "\ud800") is None


def test_a_code_enrols_one_phone(db: Database, place_id: int) -> None:
    code = opened(db, place_id)
    enrol(db, code=code, name="Caisse 1")
    with pytest.raises(EnrolmentRefused):
        enrol(db, code=code, name="Caisse 2")
    assert len(db.read(lambda session: session.exec(select(Device)).all())) == 1


def test_a_code_is_good_for_a_quarter_of_an_hour(db: Database, place_id: int) -> None:
    late, in_time = opened(db, place_id), opened(db, place_id)
    with clock.running_on(minutes_later(14.99)):
        enrol(db, code=in_time, name="Caisse 1")
    with clock.running_on(minutes_later(15)), pytest.raises(EnrolmentRefused):
        enrol(db, code=late, name="Caisse 2")


def test_a_code_is_for_a_place_of_that_partner(db: Database, place_id: int) -> None:
    create_partner(db, slug="librairie", name="Librairie", actor=ODILE)
    with pytest.raises(PlaceNotFound):
        open_enrolment(db, partner_slug="librairie", place_id=place_id, actor=ODILE)


def test_neither_the_code_nor_the_credential_is_kept(db: Database, place_id: int) -> None:
    code = opened(db, place_id)
    enrolled = enrol(db, code=code, name="Caisse 1")
    rows = db.read(
        lambda session: [
            str(row)
            for table in ("enrolment", "device", "audit_record")
            for row in session.execute(sa.text(f"SELECT * FROM {table}"))
        ]
    )
    assert len(enrolled.credential) >= 43  # 256 bits
    for secret in (code, code.replace("-", ""), enrolled.credential):
        assert not any(secret in row for row in rows)


def test_a_revoked_device_is_shut_out_at_once(db: Database) -> None:
    shown = credential(db)
    in_hand = authenticate(db, shown)
    assert in_hand is not None
    revoke_device(db, device_id=in_hand.id, actor=ODILE, reason="volé")
    revoke_device(db, device_id=in_hand.id, actor=ODILE, reason="volé")
    assert authenticate(db, shown) is None
    revoked = select(AuditRecord).where(AuditRecord.action == "device.revoked")
    assert len(db.read(lambda session: session.exec(revoked).all())) == 1
    with pytest.raises(DeviceNotFound):
        revoke_device(db, device_id=1, actor=ODILE, reason="volé")
    with pytest.raises(DeviceNotFound):
        roll_credential(db, device_id=in_hand.id, actor=ODILE)


def test_a_rolled_credential_replaces_the_one_before(db: Database) -> None:
    before = credential(db)
    in_hand = authenticate(db, before)
    assert in_hand is not None
    after = roll_credential(db, device_id=in_hand.id, actor=ODILE)
    again = authenticate(db, after)
    assert again is not None
    assert again.id == in_hand.id
    assert authenticate(db, before) is None


def test_the_devices_of_a_partner_who_left_are_shut_out(db: Database) -> None:
    shown = credential(db)
    left = sa.update(Partner).values(archived_at=MORNING)
    db.write(lambda session: session.execute(left))
    assert authenticate(db, shown) is None


def test_that_a_device_was_seen_is_noted_once_a_minute(db: Database) -> None:
    shown = credential(db)

    def seen_after(seconds: float) -> float:
        with clock.running_on(minutes_later(seconds / 60)):
            authenticate(db, shown)
        at = db.read(lambda session: session.exec(select(col(Device.last_seen_at))).one())
        assert at is not None
        return (at - MORNING).total_seconds()

    assert [seen_after(seconds) for seconds in (0, 59, 60, 61, 200)] == [0, 0, 60, 60, 200]


def test_a_partner_sees_its_own_devices(db: Database) -> None:
    ours = device(db)
    device(db, "librairie", place="Rayon", name="Caisse 9")
    found = db.read(lambda session: find.devices(session, ours.partner_id))
    assert [each.name for each in found] == ["Caisse 1"]
