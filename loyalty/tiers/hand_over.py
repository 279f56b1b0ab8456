"""One holder turned out to be another: what was promised to the one is kept for the other."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from loyalty.programme.find import the_programme
from loyalty.tiers.decide import MERGED, Change, no_tier
from loyalty.tiers.review import held, ladder, review, write, years_of


def hand_over(session: Session, *, source_id: int, target_id: int, now: datetime) -> None:
    """Give the target the better of both tiers, or what the sum of both earned; the source has none from now on.

    Both must be locked, and the source's points moved.
    """
    steps = ladder(session)
    if not steps:
        return
    programme = the_programme(session)
    number, promised = held(session, [source_id], steps).get(source_id, (0, None))
    if promised is not None and promised.step is not None:
        change = Change(no_tier({}, years_of(programme, now)), MERGED)
        write(session, {source_id: (number, promised, change)}, now=now)
    inherited = {} if promised is None else {target_id: promised}
    review(session, [target_id], programme=programme, now=now, inherited=inherited, why=MERGED)
