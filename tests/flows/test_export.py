"""Everything that is kept about a fan leaves with an export, and what names the fan goes with an erasure."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock, ids
from loyalty.access import codes, sessions
from loyalty.animations.tables import AnimationPart
from loyalty.db import Database
from loyalty.fans import consents
from loyalty.flows import scan
from loyalty.flows.answer import answer
from loyalty.flows.contest import answer_dispute, contest
from loyalty.flows.earn import earn
from loyalty.flows.erase import erase_fan
from loyalty.flows.export import export_fan
from loyalty.flows.hold import authorise
from loyalty.flows.link import link
from loyalty.flows.link_code import show_link_code
from loyalty.flows.redeem import redeem
from loyalty.flows.verify import verify
from loyalty.rewards import expiring
from loyalty.tables import metadata
from tests.cast import MORNING, ODILE, chat, ines, open_station, rule
from tests.makers.animations import AIR, CODE, open_code, pay_codes
from tests.makers.partners import device
from tests.makers.rewards import coffee
from tests.makers.station import rows
from tests.makers.tiers import ladder
from tests.makers.vouchers import KEYS, token_of

# Where a fan may be named, and under which name the export has it.
PERSONAL = {"fan_id", "holder_id", "identity_id", "subject_id", "recipient", "email", "voucher_id"}
EXPORTED = {
    "fan": "fan",
    "identity": "networks",
    "consent": "consents",
    "web_session": "sessions",
    "entry": "entries",
    "hold": "holds",
    "activity": "activities",
    "animation_part": "parts",
    "redemption": "redemptions",
    "voucher": "vouchers",
    "scan": "scans",
    "dispute": "questions",
    "link_code": "link_codes",
    "expiry_notice": "expiry_notices",
    "tier_change": "tier_changes",
    "outgoing_mail": "mails",
}
LEFT_OUT = {
    "status_year": "what the entries add up to, and `tier_changes` says what it was good for",
    "tier_holding": "the last of the changes that are exported",
    "give_code": "a hash of a code of a quarter of an hour; gone within a day",
    "lot": "what the entries add up to, and the balance says",
    "pending_award": "what the entries add up to, and the balance says how much waits until when",
    "lot_use": "which lot each entry drew from: follows from the entries",
    "rule_tally": "counts of the activities that are exported",
    "superseded_code": "former codes of a voucher that is exported; worth nothing",
    "sign_in": "hashes of a code of ten minutes; gone within a day",
    "staff_account": "of staff, not of fans",
    "staff_invitation": "of staff, not of fans",
}


@pytest.fixture
def fan_id(db: Database) -> Iterator[int]:
    """Ines, of whom everything is kept that can be."""
    with clock.running_on(clock.stopped_at(MORNING)):
        open_station(db)
        rule(db, earn={"fixed": 300})
        pay_codes(db)
        rule(db, "rank", **{"class": "status_only"}, earn={"fixed": 10})
        ladder(db, silver=10)
        fan = ines(db)
        link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
        (act,) = earn(db, [chat(1, actor_name="Inès_A")], source="test")
        coffee(db)
        voucher = redeem(db, fan_id=fan.id, reward_slug="coffee").voucher
        scan.use(db, KEYS, device=device(db), text=token_of(voucher), nonce="n-1")
        asked = contest(db, fan_id=fan.id, about="activity", about_id=act.activity_id or 0, text="Dites-moi, Inès.")
        answer_dispute(db, asked.id, answer="Chère Inès.", actor=ODILE)
        show_link_code(db, fan.id)
        told = (fan.id, MORNING + timedelta(days=30))
        db.write(lambda session: expiring.note_told(session, [told], days=30, now=MORNING))
        authorise(db, fan_id=fan.id, amount=1, purpose="Un billet pour Inès", actor=ODILE)
        db.write(lambda session: _more(session, fan.id))
    with clock.running_on(clock.stopped_at(AIR)):
        open_code(db)
        answer(db, "matinale", fan_id=fan.id, said=CODE)
        db.write(lambda session: session.execute(sa.update(AnimationPart).values(answer={"said": "Inès !"})))
        yield fan.id


def _more(session: Session, fan_id: int) -> None:
    consents.answer(session, fan_id=fan_id, purpose=consents.TERMS, given=True)
    sessions.begin(session, kind=sessions.FAN, subject_id=fan_id, agent="Firefox")
    codes.open_sign_in(session, email="ines@example.org", secret_key="k" * 32)


def test_44_every_table_that_names_a_fan_is_exported_or_says_why_not(db: Database, fan_id: int) -> None:
    named = {table.name for table in metadata.sorted_tables if PERSONAL & {column.name for column in table.c}}
    assert named | {"fan", "identity"} == EXPORTED.keys() | LEFT_OUT.keys()
    kept = export_fan(db, fan_id)
    assert [name for name in EXPORTED.values() if not kept[name]] == [], "nothing of it in the export"


def test_44_an_export_is_of_this_fan_and_holds_no_secret_and_no_member_of_staff(db: Database, fan_id: int) -> None:
    said = json.dumps(export_fan(db, fan_id), default=str)
    assert "Dites-moi, Inès." in json.loads(said)["questions"][0]["text"]
    assert "_hash" not in said and ODILE not in said


def test_44_nothing_names_an_erased_fan_and_the_books_hold(db: Database, fan_id: int) -> None:
    erase_fan(db, fan_id=fan_id, actor=f"fan:{fan_id}")
    left = []
    for table in metadata.sorted_tables:
        said = str(rows(db, f'SELECT * FROM "{table.name}"'))
        left += [f"{name} in {table.name}" for name in ("Inès", "ines@", "tw-ines", "reference='ines'") if name in said]
    assert left == []
    assert verify(db).holds


def test_44_who_acts_again_after_an_erasure_is_a_stranger(db: Database, fan_id: int) -> None:
    erase_fan(db, fan_id=fan_id, actor=f"fan:{fan_id}")
    earn(db, [chat(2)], source="test")
    assert rows(db, "SELECT fan_id FROM identity WHERE external_id = 'tw-ines'") == [(None,)]
    assert verify(db).holds
    assert ids.new() > fan_id
