"""What is to be granted: points or status points, to whom, why, and when they expire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loyalty.clock import NEVER


@dataclass(slots=True, kw_only=True)
class Award:
    """Points or status points for one holder; awards of one cause are the legs of one entry.

    Attributes:
        expires_at: when they expire; of status points, the end of the year they count in.
        slides_until: the latest expiry that anything earned now is given, where what is earned later takes these
            points along; None: their expiry stays.
        available_at: pending until then; None: spendable at once.
        first_leg: `journal.AGAIN` or above where the cause was awarded for before.
    """

    holder_id: int
    unit: str
    amount: int
    cause: str
    cause_id: int
    effective_at: datetime
    expires_at: datetime = NEVER
    slides_until: datetime | None = None
    available_at: datetime | None = None
    rule_revision_id: int | None = None
    first_leg: int = 0
