"""Two fans turn out to be one person: what is kept of the one moves to the other."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.errors import Refused
from loyalty.fans.tables import Consent, Dispute, Fan, Identity, LinkCode
from loyalty.i18n import Words
from loyalty.ids import bucket_of

_fan = Fan.__table__  # type: ignore[attr-defined]
_identity = Identity.__table__  # type: ignore[attr-defined]
_consent = Consent.__table__  # type: ignore[attr-defined]
_dispute = Dispute.__table__  # type: ignore[attr-defined]
_link_code = LinkCode.__table__  # type: ignore[attr-defined]


class SameFan(Refused):
    """A fan cannot be merged into itself."""

    code = "same_fan"
    status = 409
    words = Words(fr="C’est le même fan.", en="That is the same fan.")


class MergedElsewhere(Refused):
    """The fan turned out to be somebody else before."""

    code = "merged_elsewhere"
    status = 409
    words = Words(
        fr="Ce fan a déjà été réuni avec le fan {fan}.",
        en="This fan was merged into the fan {fan} already.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Of which of the two a field is kept; the other's is given up.

    Attributes:
        email, reference, display_name: True: the source's.
    """

    email: bool = False
    reference: bool = False
    display_name: bool = False


def take_over(session: Session, source: Fan, target: Fan, *, kept: Kept) -> None:
    """Give the target what names the source, its accounts, consents, questions and codes; both must be locked."""
    moving = {name: getattr(source, name) for name in ("email", "reference", "display_name")}
    source.email = source.reference = source.display_name = None
    source.merged_into = target.id
    session.add(source)
    session.flush()  # an e-mail address and a reference are one fan's at a time
    for name, value in moving.items():
        if value is not None and (getattr(kept, name) or getattr(target, name) is None):
            setattr(target, name, value)
    session.add(target)
    session.flush()
    session.execute(
        sa.update(_identity)
        .where(_identity.c.fan_id == source.id)
        .values(fan_id=target.id, holder_id=target.id, bucket=bucket_of(target.id))
    )
    session.execute(sa.update(_fan).where(_fan.c.merged_into == source.id).values(merged_into=target.id))
    for table in (_consent, _dispute, _link_code):
        session.execute(sa.update(table).where(table.c.fan_id == source.id).values(fan_id=target.id))
