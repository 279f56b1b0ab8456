"""The second factor of staff: a code from an app (TOTP, RFC 6238), or one of ten recovery codes, each good once."""

from __future__ import annotations

import hashlib
from typing import Any

import pyotp
import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock, spelling
from loyalty.staff.tables import RecoveryCode, StaffAccount

STEP_SECONDS = 30
_DRIFT = 1  # steps a phone's clock may be off, either way
HOW_MANY = 10
_LENGTH = 16  # of a recovery code: 80 bits, too many to guess, so a plain hash is enough

_account = StaffAccount.__table__  # type: ignore[attr-defined]
_recovery = RecoveryCode.__table__  # type: ignore[attr-defined]


def new_secret() -> str:
    """160 random bits in base32, as apps take them."""
    return pyotp.random_base32()


def address(secret: str, *, email: str, programme: str) -> str:
    """What the QR code says that an app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=programme)


def matching_step(secret: str, code: str) -> int | None:
    """The step of time whose code this is, if it is that of now, or of just before or after."""
    said = "".join(character for character in code if character.isdecimal())
    now = int(clock.now().timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in range(now - _DRIFT, now + _DRIFT + 1):
        if pyotp.utils.strings_equal(said, totp.generate_otp(step)):
            return step
    return None


def code_now(secret: str) -> str:
    """What an app shows at this moment."""
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()))


def use_step(session: Session, account_id: int, step: int) -> bool:
    """Consume the code of a step: False if it, or a later one, was used before."""
    used: Any = session.execute(
        sa.update(_account).where(_account.c.id == account_id, _account.c.totp_step < step).values(totp_step=step)
    )
    return bool(used.rowcount)


def new_recovery_codes(session: Session, account_id: int) -> list[str]:
    """Ten codes, shown this once; those from before are worth nothing now."""
    session.execute(sa.delete(_recovery).where(_recovery.c.account_id == account_id))
    codes = [spelling.random_code(_LENGTH) for _ in range(HOW_MANY)]
    session.add_all(RecoveryCode(account_id=account_id, code_hash=_digest(code)) for code in codes)
    session.flush()
    return [spelling.grouped(code, 4, 4, 4, 4) for code in codes]


def use_recovery_code(session: Session, account_id: int, code: str) -> bool:
    """Consume a recovery code: False if it is none of theirs, or was used before."""
    used: Any = session.execute(
        sa.update(_recovery)
        .where(
            _recovery.c.account_id == account_id,
            _recovery.c.code_hash == _digest(spelling.clean(code)),
            _recovery.c.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )
    return bool(used.rowcount)


def recovery_codes_left(session: Session, account_id: int) -> int:
    """How many are still good."""
    left = sa.select(sa.func.count()).where(_recovery.c.account_id == account_id, _recovery.c.used_at.is_(None))
    return int(session.execute(left).scalar_one())


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
