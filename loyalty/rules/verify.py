"""Proves that awards followed the rules: one outcome an activity, one award a rule, caps and budgets as counted."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.breach import Breach
from loyalty.db import is_sqlite

# What a rule's award for an activity is worth after what was taken back of it: still to be taken (`open`), and what the
# fan has of it or had the good of (`points`), which fills the caps. An act and its award are of one bucket, but for
# what it was given when it was judged `again`: that is the fan's, whose account it may have been of before.
_NET = """
    WITH again AS MATERIALIZED (
        SELECT id, cause_id, amount, unit, rule_revision_id
        FROM entry WHERE cause = 'activity' AND debit = 'issued' AND leg >= 1000
    ), given AS (
        SELECT entry.id, entry.amount, entry.unit, entry.rule_revision_id, activity.id AS activity_id,
            activity.holder_id, activity.identity_id, activity.local_day, activity.outcome
        FROM entry JOIN activity ON activity.id = entry.cause_id AND activity.bucket = entry.bucket
        WHERE entry.cause = 'activity' AND entry.debit = 'issued' AND entry.leg < 1000
        UNION ALL
        SELECT again.id, again.amount, again.unit, again.rule_revision_id, activity.id,
            activity.holder_id, activity.identity_id, activity.local_day, activity.outcome
        FROM again JOIN activity ON activity.id = again.cause_id
    ), taken AS (
        SELECT reverses, unit, rule_revision_id, sum(amount) AS amount,
            sum(CASE WHEN debit = 'forgiven' THEN amount ELSE 0 END) AS forgiven
        FROM entry WHERE reverses IS NOT NULL AND credit = 'issued' GROUP BY reverses, unit, rule_revision_id
    ), net AS (
        SELECT given.activity_id, given.holder_id AS then_holder, identity.holder_id AS now_holder,
            given.local_day, given.outcome, given.rule_revision_id, rule_revision.rule_id,
            sum(given.amount - coalesce(taken.amount, 0)) AS open,
            sum(given.amount - coalesce(taken.amount, 0) + coalesce(taken.forgiven, 0)) AS points,
            CASE WHEN sum(given.amount) > sum(coalesce(taken.amount, 0) - coalesce(taken.forgiven, 0))
                THEN 1 ELSE 0 END AS times
        FROM given
        JOIN identity ON identity.id = given.identity_id
        JOIN rule_revision ON rule_revision.id = given.rule_revision_id
        LEFT JOIN taken ON taken.reverses = given.id AND taken.unit = given.unit
            AND taken.rule_revision_id = given.rule_revision_id
        GROUP BY given.activity_id, given.holder_id, identity.holder_id, given.local_day, given.outcome,
            given.rule_revision_id, rule_revision.rule_id
    )
"""

_CHECKS: tuple[tuple[str, str], ...] = (
    (
        "I7",
        """
        SELECT 'activity ' || activity.id, outcome || ' with ' || points || ' points and ' || status_points
               || ' status points, journal says ' || coalesce(journal.gave, 0) + coalesce(later.gave, 0)
               || ' and ' || coalesce(journal.ranked, 0) + coalesce(later.ranked, 0)
        FROM activity LEFT JOIN (
            SELECT cause_id, bucket,
                sum(CASE WHEN unit = 'points' THEN amount ELSE 0 END) AS gave,
                sum(CASE WHEN unit = 'status' THEN amount ELSE 0 END) AS ranked
            FROM entry WHERE cause = 'activity' AND debit = 'issued' AND leg < 1000 GROUP BY cause_id, bucket
        ) AS journal ON journal.cause_id = activity.id AND journal.bucket = activity.bucket
        LEFT JOIN (
            SELECT cause_id, sum(CASE WHEN unit = 'points' THEN amount ELSE 0 END) AS gave,
                sum(CASE WHEN unit = 'status' THEN amount ELSE 0 END) AS ranked
            FROM again GROUP BY cause_id
        ) AS later ON later.cause_id = activity.id
        WHERE points <> coalesce(journal.gave, 0) + coalesce(later.gave, 0)
           OR status_points <> coalesce(journal.ranked, 0) + coalesce(later.ranked, 0)
           OR (outcome = 'awarded') <> (points + status_points > 0 AND outcome <> 'withdrawn')
        """,
    ),
    (
        "I7",
        """
        SELECT 'entry ' || entry.id, 'awarded for activity ' || cause_id || ', which is not on record'
        FROM entry LEFT JOIN activity ON activity.id = cause_id AND activity.bucket = entry.bucket
        WHERE cause = 'activity' AND leg < 1000 AND activity.id IS NULL
        """,
    ),
    (
        "I7",
        """
        SELECT 'entry ' || id, 'awarded for activity ' || cause_id || ', which is not on record'
        FROM again WHERE cause_id NOT IN (SELECT id FROM activity WHERE id IN (SELECT cause_id FROM again))
        """,
    ),
    (
        "I7",
        """
        SELECT 'activity ' || net.activity_id, 'withdrawn, but ' || net.open || ' points neither taken nor forgiven'
        FROM net WHERE net.outcome = 'withdrawn' AND net.open <> 0
        """,
    ),
    (
        "I8",
        """
        SELECT 'activity ' || cause_id, 'awarded ' || count(*) || ' times by rule ' || rule_id
        FROM entry JOIN rule_revision ON rule_revision.id = rule_revision_id
        WHERE cause = 'activity' AND debit = 'issued' AND leg < 1000 GROUP BY cause_id, rule_id HAVING count(*) > 1
        """,
    ),
    (
        "I8",
        """
        SELECT 'activity ' || min(id), 'its act is recorded ' || count(*) || ' times'
        FROM activity GROUP BY act_key HAVING count(*) > 1
        """,
    ),
    (
        "I9",
        """
        SELECT 'holder ' || holder_id || ' rule ' || rule_id || ' day ' || local_day,
               'counts differ from the journal by ' || sum(points) || ' points and ' || sum(times) || ' awards'
        FROM (
            SELECT holder_id, rule_id, local_day, points, times FROM rule_tally
            UNION ALL SELECT now_holder, rule_id, local_day, -points, -times FROM net
        ) AS counted
        GROUP BY holder_id, rule_id, local_day HAVING sum(points) <> 0 OR sum(times) <> 0
        """,
    ),
    (
        "I9",
        """
        SELECT 'rule ' || rule_id, 'issued differs from the journal by ' || sum(points)
        FROM (
            SELECT id AS rule_id, points_issued AS points FROM rule
            UNION ALL SELECT rule_id, points FROM rule_issued
            UNION ALL SELECT rule_id, -points FROM net
        ) AS counted
        GROUP BY rule_id HAVING sum(points) <> 0
        """,
    ),
    (
        "I9",
        """
        SELECT 'rule ' || rule_id, 'has a budget, but is counted by bucket too: ' || points || ' in bucket ' || bucket
        FROM rule_issued JOIN rule ON rule.id = rule_id WHERE is_budgeted
        """,
    ),
)

# The widest cap among the revisions that awarded; a revision without one makes the day uncapped.
_CAPPED_DAYS = """
    SELECT 'holder ' || then_holder || ' rule ' || net.rule_id || ' day ' || local_day,
           'earned ' || sum(points) || ' points in ' || sum(times) || ' awards, capped at '
           || coalesce(cast(max({points}) AS text), '-') || ' points, '
           || coalesce(cast(max({times}) AS text), '-') || ' awards'
    FROM net JOIN rule_revision ON rule_revision.id = net.rule_revision_id
    WHERE net.points > 0
    GROUP BY then_holder, net.rule_id, local_day
    HAVING (count(*) = count({points}) AND sum(net.points) > max({points}))
        OR (count(*) = count({times}) AND sum(net.times) > max({times}))
"""


def breaches(session: Session) -> Iterator[Breach]:
    """Every row that breaks one of the invariants I7, I8 and I9."""
    cap = "body -> 'limits' -> 'per_day' ->> '{}'"
    if is_sqlite(session):
        cap = "json_extract(body, '$.limits.per_day.{}')"
    points, times = (f"cast({cap.format(name)} AS bigint)" for name in ("points", "times"))
    capped = ("I9", _CAPPED_DAYS.format(points=points, times=times))
    for invariant, query in (*_CHECKS, capped):
        for where, what in session.execute(sa.text(_NET + query)):
            yield Breach(invariant, where, what)
