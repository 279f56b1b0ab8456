"""Makes accounts of staff whose app is at hand."""

from dataclasses import dataclass

import pyotp
from argon2 import PasswordHasher

from loyalty import clock, ids
from loyalty.db import Database
from loyalty.intake.seal import Sealer
from loyalty.staff.roles import ADMINISTRATOR
from loyalty.staff.tables import StaffAccount

PASSWORD = "tournesol chaise nuage 47"
_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# As little work as Argon2 allows: what is hashed here is no secret.
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass(frozen=True)
class Member:
    """Somebody of the staff, with what gets them in."""

    id: int
    email: str
    password: str = PASSWORD

    def code(self) -> str:
        """What their app shows now."""
        return pyotp.TOTP(_SECRET).at(int(clock.now().timestamp()))


def member(
    db: Database, sealer: Sealer | None, *, role: str = ADMINISTRATOR, email: str = "odile@lumiere.example"
) -> Member:
    """An account; without a sealer it has no second factor yet."""
    account = StaffAccount(
        id=ids.new(),
        email=email,
        name=email.partition("@")[0].capitalize(),
        role=role,
        language="en",
        password_hash=_HASH,
        sealed_totp=sealer.seal([_SECRET]) if sealer else None,
        created_at=clock.now(),
    )
    db.write(lambda session: session.add(account))
    return Member(account.id, email)
