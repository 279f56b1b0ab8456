"""What a rule gave a holder on a day is corrected: an award was taken back, or the holder turned out to be another."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.ids import bucket_of
from loyalty.rules import issued
from loyalty.rules.tables import RuleRevision, RuleTally

_tally = RuleTally.__table__  # type: ignore[attr-defined]
_revision = RuleRevision.__table__  # type: ignore[attr-defined]


def take_off(
    session: Session, *, holder_id: int, rule_revision_id: int, local_day: int, points: int, times: int
) -> int:
    """Give room back under the caps and the budget of a rule: an award of that day was reversed. Returns the rule."""
    rule_id = session.execute(sa.select(_revision.c.rule_id).where(_revision.c.id == rule_revision_id)).scalar_one()
    session.execute(
        sa.update(_tally)
        .where(
            _tally.c.holder_id == holder_id,
            _tally.c.rule_id == rule_id,
            _tally.c.local_day == local_day,
            _tally.c.bucket == bucket_of(holder_id),
        )
        .values(points=_tally.c.points - points, times=_tally.c.times - times)
    )
    issued.give_back(session, rule_id, points, bucket=bucket_of(holder_id))
    return int(rule_id)


def move_tallies(session: Session, *, source_id: int, target_id: int) -> None:
    """Count under the new holder what the old one earned, so that linking never doubles a cap."""
    rows = session.execute(
        sa.delete(_tally)
        .where(_tally.c.holder_id == source_id, _tally.c.bucket == bucket_of(source_id))
        .returning(_tally.c.rule_id, _tally.c.local_day, _tally.c.points, _tally.c.times)
    ).all()
    bulk.upsert(
        session,
        _tally,
        ("holder_id", "rule_id", "local_day", "bucket", "points", "times"),
        [(target_id, row[0], row[1], bucket_of(target_id), *row[2:]) for row in rows],
        keys=("holder_id", "rule_id", "local_day", "bucket"),
        adds=("points", "times"),
    )
