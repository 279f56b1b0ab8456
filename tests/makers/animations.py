"""On-air codes, opened by Odile for the morning show."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from loyalty import clock, ids
from loyalty.animations import find
from loyalty.animations.schema import OpenSchema
from loyalty.animations.tables import Animation, AnimationPart
from loyalty.db import Database
from loyalty.errors import Refused
from loyalty.fans.register import add_fan
from loyalty.flows.animate import id_of, open_animation
from loyalty.flows.answer import Taken, answer
from loyalty.ledger.post import open_holders
from loyalty.staff import audit
from tests.cast import LONG_AGO, MORNING, ODILE, rule

AIR = MORNING + timedelta(hours=1)  # 9:00 in Paris
CODE = {"code": "Tournesol 47"}


def open_code(db: Database, *, slug: str = "matinale", starts_at: datetime = AIR, **said: Any) -> Animation:
    """A code for half an hour: 100 units in the first minute, 20 after ten; unless said otherwise."""
    whole = {
        "kind": "on_air_code",
        "slug": slug,
        "show": "la-matinale",
        "starts_at": starts_at.isoformat(),
        "minutes": 30,
        "solution": CODE,
        **said,
    }
    return open_animation(db, OpenSchema().load(whole), actor=ODILE)


def pay_codes(db: Database) -> None:
    """A point for each unit of a code."""
    rule(db, "code", when={"kind": {"one_of": ["onair_code"]}}, earn={"points": 1, "per": 1})


def crowd(db: Database, size: int) -> list[int]:
    """So many fans with empty wallets."""

    def steps(session: Session) -> list[int]:
        fans = [
            add_fan(session, reference=None, display_name=None, email=None, language="fr", now=LONG_AGO).id
            for _ in range(size)
        ]
        open_holders(session, fans)
        return fans

    return db.write(steps)


def answered_at(db: Database, animation: Animation, seconds_since_air: Iterable[float]) -> None:
    """Right answers of as many unknown fans, as if taken at these times; they earned nothing."""

    def steps(session: Session) -> None:
        for seconds in seconds_since_air:
            fan_id = ids.new()
            session.add(
                AnimationPart(
                    id=ids.new(),
                    bucket=ids.bucket_of(fan_id),
                    animation_id=id_of(animation),
                    fan_id=fan_id,
                    attempts=1,
                    state="recorded",
                    happened_at=animation.starts_at + timedelta(seconds=seconds),
                    quantity=1,
                )
            )

    db.write(steps)


def again(db: Database, slug: str = "matinale") -> Animation:
    """The animation as it is now."""
    return db.read(lambda session: find.animation(session, slug))


def states(db: Database, slug: str = "matinale") -> dict[str, int]:
    """How many fans have come how far."""
    return db.read(lambda session: find.counts(session, id_of(find.animation(session, slug))))


def at(minutes: float) -> AbstractContextManager[None]:
    """So many minutes after air."""
    return clock.running_on(clock.stopped_at(AIR + timedelta(minutes=minutes)))


def typed(db: Database, fan_id: int, code: str = "tournesol47", *, minutes: float = 1, slug: str = "matinale") -> Taken:
    """What a fan gets for a code, so many minutes after air."""
    with at(minutes):
        return answer(db, slug, fan_id=fan_id, said={"code": code})


def refused(db: Database, fan_id: int, code: str = "tournesol47", *, minutes: float = 1) -> Refused:
    """Why a fan gets nothing for it."""
    with pytest.raises(Refused) as refusal:
        typed(db, fan_id, code, minutes=minutes)
    return refusal.value


def trail(db: Database) -> list[audit.AuditRecord]:
    """What the audit trail says of the animation, the latest first."""
    return db.read(lambda session: audit.find(session, limit=50, subject="animation:matinale"))
