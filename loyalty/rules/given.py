"""What each rule has given since a day: points, to how many, how often."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.rules.tables import Rule, RuleTally

_rule = Rule.__table__  # type: ignore[attr-defined]
_tally = RuleTally.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Given:
    """What one rule gave, less what was taken back."""

    points: int = 0
    holders: int = 0  # fans, and accounts nobody has linked
    times: int = 0


def given_since(session: Session, day: int) -> dict[str, Given]:
    """By slug, what was given for the local days from this one on (20261123); rules that gave nothing are left out."""
    rows = session.execute(
        sa.select(
            _rule.c.slug,
            sa.func.sum(_tally.c.points),
            sa.func.count(sa.distinct(_tally.c.holder_id)),
            sa.func.sum(_tally.c.times),
        )
        .join(_rule, _rule.c.id == _tally.c.rule_id)
        .where(_tally.c.local_day >= day, _tally.c.times > 0)
        .group_by(_rule.c.slug)
    )
    return {slug: Given(int(points), int(holders), int(times)) for slug, points, holders, times in rows}
