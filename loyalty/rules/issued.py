"""What each rule gave everybody: counted bucket by bucket, so that nobody waits, until a budget binds everybody.

A transaction adds what it gave to the row of a bucket it has locked, so that no two wait for each other; only the sum
means anything. A rule that has a budget, in whichever revision, is counted in its own row instead, which a guarded
update keeps within the budget. Who gives a rule its first budget holds every bucket while the counts are put together:
whoever counted by bucket has ended by then, and whoever comes next has read the budget.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.rules.tables import Rule, RuleIssued

_rule = Rule.__table__  # type: ignore[attr-defined]
_issued = RuleIssued.__table__  # type: ignore[attr-defined]
_COLUMNS = ("rule_id", "bucket", "points")


def of_rules(session: Session, rule_ids: Collection[int] | None = None) -> dict[int, int]:
    """The points each rule gave everybody, ever, less what was taken back; None: every rule.

    Where all of them have a budget, the rows of the rules are all that is read.
    """
    kept = sa.select(_rule.c.id, _rule.c.points_issued, _rule.c.is_budgeted)
    by_bucket = sa.select(_issued.c.rule_id, sa.func.sum(_issued.c.points)).group_by(_issued.c.rule_id)
    if rule_ids is not None:
        kept = kept.where(bulk.one_of(session, _rule.c.id, rule_ids))
        by_bucket = by_bucket.where(bulk.one_of(session, _issued.c.rule_id, rule_ids))
    rows = session.execute(kept).all()
    issued = {row.id: row.points_issued for row in rows}
    if not all(row.is_budgeted for row in rows):
        for rule_id, points in session.execute(by_bucket):
            issued[rule_id] += int(points)
    return issued


def add(session: Session, points: Mapping[int, int], *, bucket: int) -> None:
    """Count what rules without a budget gave (or took back, negative), in a bucket that this transaction has locked."""
    rows = [(rule_id, bucket, change) for rule_id, change in sorted(points.items()) if change]
    bulk.upsert(session, _issued, _COLUMNS, rows, keys=("rule_id", "bucket"), adds=("points",))


def spend(session: Session, rule_id: int, points: int, *, budget: int | None) -> bool:
    """Count what a rule with a budget gave; False: nothing is counted, it would be more than `budget`."""
    change = sa.update(_rule).where(_rule.c.id == rule_id, _rule.c.is_budgeted)
    if budget is not None:
        change = change.where(_rule.c.points_issued + points <= budget)
    done = session.execute(change.values(points_issued=_rule.c.points_issued + points))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def give_back(session: Session, rule_id: int, points: int, *, bucket: int) -> None:
    """Count that points were taken back from a holder of a locked bucket: a budget has room for them again."""
    if not spend(session, rule_id, -points, budget=None):
        add(session, {rule_id: -points}, bucket=bucket)


def wants_one_count(session: Session, slug: str, body: Mapping[str, object]) -> bool:
    """Whether this body would be the first budget of a rule that is there already."""
    counted_by_bucket = sa.select(_rule.c.id).where(_rule.c.slug == slug, sa.not_(_rule.c.is_budgeted))
    return has_budget(body) and session.execute(counted_by_bucket).scalar_one_or_none() is not None


def has_budget(body: Mapping[str, object]) -> bool:
    """Whether a rule's body limits what it may give to everybody."""
    limits = body.get("limits")
    return isinstance(limits, Mapping) and "budget_points" in limits


def count_in_one_row(session: Session, slug: str) -> None:
    """From now on a rule is counted in its own row. Every bucket must be locked, unless the rule is new."""
    rule_id = session.execute(sa.select(_rule.c.id).where(_rule.c.slug == slug)).scalar_one()
    issued = of_rules(session, [rule_id])[rule_id]
    session.execute(sa.update(_rule).where(_rule.c.id == rule_id).values(points_issued=issued, is_budgeted=True))
    session.execute(sa.delete(_issued).where(_issued.c.rule_id == rule_id))
