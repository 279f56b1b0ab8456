"""How often something may happen: a row per subject and window, so that several workers count together.

Windows are fixed: around the turn of one, up to twice the limit may pass.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk, clock
from loyalty.errors import Refused
from loyalty.i18n import Words
from loyalty.intake.tables import RateWindow

_window = RateWindow.__table__  # type: ignore[attr-defined]


class TooManyAttempts(Refused):
    """Somebody failed too often; they may try again in `retry_after_seconds`."""

    code = "too_many_attempts"
    status = 429
    words = Words(
        fr="Trop d’essais manqués. Réessayez dans {seconds:n} {seconds:seconde|secondes}.",
        en="Too many failed attempts. Try again in {seconds:n} {seconds:second|seconds}.",
    )

    def __init__(self, *, retry_after_seconds: int) -> None:
        super().__init__(seconds=retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `most` of one thing, for each of those who do it, `within` one window."""

    name: str
    most: int
    within: timedelta

    def began_at(self, now: datetime) -> datetime:
        """When the window of `now` began."""
        seconds = self.within.total_seconds()
        return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


def refuse_flood(session: Session, limit: Limit, who: str) -> None:
    """Let pass who is still below the limit; reads only.

    Raises:
        TooManyAttempts
    """
    now = clock.now()
    began_at = limit.began_at(now)
    counted = sa.select(_window.c.count).where(
        _window.c.subject == f"{limit.name}:{who}", _window.c.began_at == began_at
    )
    if (session.execute(counted).scalar() or 0) >= limit.most:
        left = began_at + limit.within - now
        raise TooManyAttempts(retry_after_seconds=max(1, math.ceil(left.total_seconds())))


def count(session: Session, limit: Limit, who: str) -> None:
    """Count one more."""
    row = (f"{limit.name}:{who}", limit.began_at(clock.now()), 1)
    bulk.upsert(
        session,
        _window,
        ("subject", "began_at", "count"),
        [row],
        keys=("subject", "began_at"),
        adds=("count",),
    )


def forget(session: Session, before: datetime) -> None:
    """Delete the windows that began before an instant."""
    session.execute(sa.delete(_window).where(_window.c.began_at < before))
