"""A station with something of everything, for faults to happen in."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.connector import Message
from loyalty.db import Database
from loyalty.errors import Refused
from loyalty.flows import (
    adjust,
    answer,
    change_programme,
    contest,
    draft_rules,
    earn,
    hold,
    link,
    link_code,
    manage_keys,
    manage_partners,
    manage_programme,
    manage_sources,
    manage_staff,
    manage_tiers,
    propose_movement,
    receive,
    redeem,
    reverse,
    scan,
    send_mail,
    sign_in,
    upload_import,
    work_uploads,
)
from loyalty.flows.link_code import ShownCode
from loyalty.flows.sign_in import Asked
from loyalty.intake.seal import Sealer
from loyalty.partners.devices import DeviceInHand
from loyalty.staff import approvals
from tests import cast
from tests.cast import MORNING, ODILE, chat
from tests.makers import animations, judging, staff
from tests.makers.partners import credential
from tests.makers.rewards import coffee
from tests.makers.station import rows
from tests.makers.vouchers import KEYS, token_of
from tests.samples.webhook.sender import sender, sign

NOW = MORNING + timedelta(hours=1, minutes=1)  # a minute into what is on air
SECRET_KEY = "a secret key of at least thirty-two characters"
SEALER = Sealer(SECRET_KEY)
NADIA = "staff:nadia@lumiere.example"
PUBLIC_URL = "https://club.example"
AGENT: dict[str, Any] = {"secret_key": SECRET_KEY, "agent": "a test"}
WHEN = {"all": [{"kind": {"one_of": ["live_chat"]}}, {"network": {"one_of": ["twitch"]}}]}
ROW = b"twitch,tw-%d,live_chat,channel:1,csv-%d,2026-11-22T08:00:00+01:00\n"
CSV = b"network,actor,kind,object,id,happened_at\n" + b"".join(ROW % (number % 5, number) for number in range(8))


@dataclass(frozen=True, kw_only=True)
class Station:
    """The numbers of what is there, each in the state that some flow changes."""

    ines: int
    marc: int
    twin: int  # Ines, who came a second time
    act: int
    twin_act: int
    issued: int  # a redemption whose voucher was not used yet; `token` is what it shows
    token: str
    used: int
    scan: int
    place: int
    device: DeviceInHand
    credential: str
    enrolment: str
    approval: int
    draft: int
    dispute: int
    to_confirm: int
    member: staff.Member
    editor: staff.Member
    key: str
    asked: Asked
    code: str
    link: str
    invitation: str
    linking: ShownCode
    hold: int


def open_everything(db: Database) -> Station:
    """Make it in an empty database."""
    with clock.running_on(clock.stopped_at(NOW)):
        return _opened(db)


def _opened(db: Database) -> Station:
    cast.open_station(db, months=1)
    cast.rule(db)
    cast.rule(db, "vote", when={"kind": {"one_of": ["vote"]}}, earn={"fixed": 3}, pending_hours=24)
    animations.pay_codes(db)
    manage_programme.add_show(db, slug="nuit", name="La nuit", actor=ODILE)
    change_programme.change_programme(db, {"transfers_allowed": True}, actor=ODILE)
    ines, marc = cast.ines(db).id, cast.marc(db).id
    twin = link.register(db, reference="twin", display_name="Inès", email="twin@example.org", actor=ODILE).id
    for fan_id, account in ((ines, "tw-ines"), (twin, "tw-twin")):
        link.link(db, fan_id=fan_id, network="twitch", external_id=account, actor=ODILE)
    said = [chat(1), chat(2, actor="tw-twin")]
    said += [chat(number, kind="vote", actor=f"tw-{number}") for number in range(3, 6)]
    act, twin_act = (each.activity_id for each in earn.earn(db, said, source="test")[:2])
    assert act is not None and twin_act is not None
    for fan_id in (ines, marc):
        adjust.adjust_points(db, fan_id=fan_id, amount=500, reason="accueil", actor=ODILE, key=fan_id)
    adjust.adjust_points(db, fan_id=ines, amount=30, unit="status", reason="fidèle", actor=ODILE, key=twin)
    silver = {"slug": "silver", "name_fr": "Argent", "name_en": "Silver", "threshold": 20}
    manage_tiers.add_tier(db, silver, actor=ODILE)
    coffee(db, units=600)
    counter = credential(db)
    device = manage_partners.authenticate(db, counter)
    assert device is not None
    issued, used = (redeem.redeem(db, fan_id=ines, reward_slug="coffee") for _ in range(2))
    assert scan.use(db, KEYS, device=device, text=token_of(used.voucher), nonce="first").reason == "ok"
    _put_on_air(db, marc)
    many = {"quantity": 501, "lot_id": None}
    propose_movement.propose(db, kind="lost", reward_slug="coffee", said=many, actor=NADIA, reason="inondation")
    asked = sign_in.ask(
        db,
        email="ines@example.org",
        language="fr",
        network_address="203.0.113.9",
        public_url=PUBLIC_URL,
        secret_key=SECRET_KEY,
    )
    letter = send_mail.latest(db)[0].text
    reverse.withdraw(db, [WithdrawnFact(act_key=chat(99).act_key)], source="test")
    to_confirm = upload_import.upload(db, file_name="a.csv", body=CSV, actor=ODILE)
    work_uploads.work_uploads(db, seconds=60)
    upload_import.upload(db, file_name="b.csv", body=CSV, actor=ODILE)
    manage_sources.add_source(db, SEALER, connector="webhook", slug="quiz", secret=sender.secrets[0], actor=ODILE)
    sent(db, "m-1")
    return Station(
        ines=ines,
        marc=marc,
        twin=twin,
        act=act,
        twin_act=twin_act,
        issued=issued.redemption.id,
        token=token_of(issued.voucher),
        used=used.redemption.id,
        scan=rows(db, "SELECT max(id) FROM scan")[0][0],
        place=device.place_id,
        device=device,
        credential=counter,
        enrolment=manage_partners.open_enrolment(
            db, partner_slug="cafe-lumiere", place_id=device.place_id, actor=ODILE
        ).code,
        approval=db.read(approvals.waiting)[0].id,
        draft=draft_rules.save_draft(
            db, slug="draft", body=judging.body(when=WHEN), based_on=0, note=None, actor=NADIA
        ).id,
        dispute=contest.contest(db, fan_id=ines, about="activity", about_id=act, text="Et mes points ?").id,
        to_confirm=to_confirm,
        member=staff.member(db, SEALER),
        editor=staff.member(db, SEALER, role="editor", email="nadia@lumiere.example"),
        key=manage_keys.make_key(db, name="app", scopes_wanted=["activities:write"], actor=ODILE).token,
        asked=asked,
        code=re.findall(r"\b\d{6}\b", letter)[0],
        link=re.findall(r"/sign-in/link/(\S+)", letter)[0],
        invitation=manage_staff.invite_staff(
            db, email="new@lumiere.example", name="New", role="editor", public_url=PUBLIC_URL, actor=ODILE
        ),
        linking=link_code.show_link_code(db, ines),
        hold=hold.authorise(db, fan_id=ines, amount=40, purpose="Un atelier", actor=ODILE).hold.id,
    )


def _put_on_air(db: Database, insider: int) -> None:
    """A code that listens, and one whose answers wait for a person, as somebody knew it before air."""
    animations.open_code(db)
    animations.open_code(db, slug="fuite", settings={"early_most": 0})
    early = clock.running_on(clock.stopped_at(animations.AIR - timedelta(minutes=1)))
    with early, contextlib.suppress(Refused):
        answer.answer(db, "fuite", fan_id=insider, said=animations.CODE)


def sent(db: Database, identifier: str) -> int:
    """Keep a message of the source, of two activities; returns its delivery."""
    votes = [
        {"network": "discord", "actor": "ines", "kind": kind, "object": "song-12", "id": f"{identifier}-{kind}"}
        for kind in ("vote", "live_chat")
    ]
    body = json.dumps({"activities": votes}).encode()
    headers = sign(body, secret=sender.secrets[0], at=clock.now(), identifier=identifier)
    message = Message(headers=headers, body=body, received_at=clock.now())
    delivery_id = receive.receive(db, SEALER, "webhook", "quiz", message).delivery_id
    assert delivery_id is not None
    return delivery_id
