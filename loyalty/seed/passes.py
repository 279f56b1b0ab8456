"""How the cast gets in: keys made for the demonstration, kept beside it, for the database has only their hashes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from loyalty import ids
from loyalty.db import Database
from loyalty.errors import Refused
from loyalty.fans.tables import Fan
from loyalty.flows.manage_keys import check_key, make_key
from loyalty.flows.manage_partners import authenticate, open_enrolment, roll_credential
from loyalty.flows.manage_sources import rotate_secret
from loyalty.flows.manage_staff import PATH as INVITATION_PATH
from loyalty.flows.manage_staff import invite_staff
from loyalty.flows.staff_access import Attempt, accept_invitation, enrol_second_factor, sign_out, staff_member
from loyalty.intake.seal import Sealer
from loyalty.partners import enrolment
from loyalty.partners import find as partners
from loyalty.seed.cast import INES, MARC
from loyalty.seed.station import CAFE, HOOKS, ODILE
from loyalty.settings import write_privately
from loyalty.staff import second_factor
from loyalty.staff.roles import ADMINISTRATOR
from loyalty.staff.scopes import SCOPES

ODILES_ADDRESS = "odile@radio-lumiere.example"
ODILES_KEY = "Odile (démonstration)"  # the last thing made: where it is, the whole story was told
_READERS_KEY = "Lecture seule (démonstration)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passes:
    """What each of the cast shows, or is.

    Attributes:
        admin_email, admin_password, admin_secret: what gets Odile into the admin; the secret is that of her code app.
        odile: an API key with every scope.
        reader: an API key that may only read.
        cafe: the credential of a device of the Café Lumière.
        ines, marc: the numbers of two fans.
        hook_path, hook_secret: where a sender of signed webhooks sends to, and what it signs with.
    """

    admin_email: str
    admin_password: str
    admin_secret: str
    odile: str
    reader: str
    cafe: str
    ines: str
    marc: str
    hook_path: str
    hook_secret: str


def passes(db: Database, sealer: Sealer, path: Path) -> Passes:
    """Those kept in a file, or if there are none, or they are another database's, new ones."""
    kept = _read(path)
    if kept is None or not _open_the_door(db, kept):
        kept = _make(db, sealer)
        write_privately(path, json.dumps(asdict(kept), indent=2))
    return kept


def partner_link(db: Database, public_url: str) -> str:
    """What makes a phone a device of the Café Lumière, for a quarter of an hour; another one at each start."""

    def counter(session: Session) -> int:
        cafe = partners.partner(session, CAFE)
        assert cafe.id is not None
        place = partners.places(session, cafe.id)[0]
        assert place.id is not None
        return place.id

    opened = open_enrolment(db, partner_slug=CAFE, place_id=db.read(counter), actor=ODILE)
    return enrolment.link(public_url, opened.code)


def _read(path: Path) -> Passes | None:
    try:
        return Passes(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _open_the_door(db: Database, kept: Passes) -> bool:
    try:
        check_key(db, kept.odile)
        check_key(db, kept.reader)
    except Refused:
        return False
    return authenticate(db, kept.cafe) is not None


def _make(db: Database, sealer: Sealer) -> Passes:
    numbers, device_id = db.read(_numbers)
    hook = rotate_secret(
        db, sealer, connector="webhook", slug=HOOKS["webhook"], actor=ODILE, keep_former=False, reason="Démonstration"
    )
    admin = _open_the_admin(db, sealer)
    readable = [scope for scope in SCOPES if scope.endswith(":read")]
    return Passes(
        **admin,
        cafe=roll_credential(db, device_id=device_id, actor=ODILE),
        ines=str(numbers[INES]),
        marc=str(numbers[MARC]),
        hook_path=hook.path,
        hook_secret=hook.secret,
        reader=make_key(db, name=_READERS_KEY, scopes_wanted=readable, actor=ODILE).token,
        odile=make_key(db, name=ODILES_KEY, scopes_wanted=SCOPES, actor=ODILE).token,
    )


def _open_the_admin(db: Database, sealer: Sealer) -> dict[str, str]:
    """Odile's account, by the way everybody comes in: invited, a password, a second factor."""
    attempt = Attempt(network_address="demonstration", agent=None)
    chosen, secret = ids.secret(96), second_factor.new_secret()
    link = invite_staff(db, email=ODILES_ADDRESS, name="Odile", role=ADMINISTRATOR, public_url="", actor=ODILE)
    invitation = link.removeprefix(INVITATION_PATH)
    token = accept_invitation(db, invitation, chosen_password=chosen, language="fr", attempt=attempt)
    member = staff_member(db, token)
    assert member is not None
    enrol_second_factor(db, sealer, member, secret=secret, code=second_factor.code_now(secret))
    sign_out(db, token)
    return {"admin_email": ODILES_ADDRESS, "admin_password": chosen, "admin_secret": secret}


def _numbers(session: Session) -> tuple[dict[str, int], int]:
    """The numbers of the two fans by reference, and that of a device."""
    fans = session.exec(select(Fan).where(col(Fan.reference).in_((INES, MARC))))
    cafe = partners.partner(session, CAFE)
    assert cafe.id is not None
    return {str(fan.reference): fan.id for fan in fans}, partners.devices(session, cafe.id)[0].id
