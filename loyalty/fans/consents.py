"""What a fan agreed to: every answer is a row with its date and the text it answered; the latest counts."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import clock, ids
from loyalty.fans.tables import Consent

TERMS, NEWSLETTER, AGE = "terms", "newsletter", "age_15"
TEXT_VERSION = "2026-11"  # of the sentences beside the boxes; change it with them

_consent = Consent.__table__  # type: ignore[attr-defined]


def answer(session: Session, *, fan_id: int, purpose: str, given: bool) -> None:
    """Write down an answer, if it is another one than before."""
    if given != has_given(session, fan_id, purpose) or purpose in (TERMS, AGE):
        session.add(
            Consent(
                id=ids.new(),
                fan_id=fan_id,
                purpose=purpose,
                given=given,
                text_version=TEXT_VERSION,
                at=clock.now(),
            )
        )
        session.flush()


def has_given(session: Session, fan_id: int, purpose: str) -> bool:
    """Whether the fan agrees to this now; who never answered does not."""
    latest = (
        select(Consent.given)
        .where(Consent.fan_id == fan_id, Consent.purpose == purpose)
        .order_by(col(Consent.id).desc())
        .limit(1)
    )
    return bool(session.exec(latest).first())


def has_declined(session: Session, fan_id: int, purpose: str) -> bool:
    """Whether the fan was asked and said no; whom the station registered was never asked."""
    asked = sa.exists().where(_consent.c.fan_id == fan_id, _consent.c.purpose == purpose)
    return bool(session.execute(sa.select(asked)).scalar()) and not has_given(session, fan_id, purpose)


def of_fan(session: Session, fan_id: int) -> list[Consent]:
    """Every answer of a fan, the earliest first."""
    return list(session.exec(select(Consent).where(Consent.fan_id == fan_id).order_by(col(Consent.id))))


def forget(session: Session, fan_id: int) -> None:
    """Delete the answers of a fan."""
    session.execute(sa.delete(_consent).where(_consent.c.fan_id == fan_id))
