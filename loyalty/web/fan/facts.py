"""What every fan's page says alike, read once for all of them: see `Services.shared`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.animations import find as animations
from loyalty.animations.tables import Animation
from loyalty.db import Writer
from loyalty.flows.animate import OnNow, open_animations
from loyalty.programme import find as programme
from loyalty.rewards import find as rewards
from loyalty.rules import find as rules
from loyalty.rules.find import InForce
from loyalty.web.services import current_services


def rewards_to_be_had() -> Sequence[Any]:
    """What fans with the points, and the tier it may take, can have now, the cheapest first."""
    return current_services().shared(_rewards)


def rules_in_force() -> list[InForce]:
    """What each rule says now."""
    return current_services().shared(_rules)


def shows() -> dict[str, str]:
    """What each programme on air is called, by slug."""
    return current_services().shared(programme.shows)


def on_now(fan_id: int, db: Writer | None = None) -> list[OnNow]:
    """What a fan can take part in now, the next to end first."""
    services = current_services()
    known = services.shared(_animations)
    return open_animations(services.db if db is None else db, clock.now(), fan_id=fan_id, known=known)


def _rewards(session: Session) -> Sequence[Any]:
    return rewards.to_be_had(session, now=clock.now())


def _rules(session: Session) -> list[InForce]:
    return rules.in_force(session, clock.now())


def _animations(session: Session) -> list[Animation]:
    return animations.to_come(session, clock.now())
