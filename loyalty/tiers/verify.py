"""Proves the tiers: each holder has what the last change says, and every tier was earned in the year it names."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.breach import Breach

# Each query answers the rows in breach: what names the row, and what is wrong.
_CHECKS = (
    """
    SELECT 'tier of holder ' || tier_holding.holder_id,
           'is not that of change ' || tier_holding.number || ', or that is not the last'
    FROM tier_holding LEFT JOIN tier_change AS last
        ON last.holder_id = tier_holding.holder_id AND last.bucket = tier_holding.bucket
        AND last.number = tier_holding.number
    WHERE last.number IS NULL
       OR tier_holding.tier_id IS DISTINCT FROM last.to_tier_id
       OR tier_holding.holds_until IS DISTINCT FROM last.holds_until
       OR EXISTS (
            SELECT 1 FROM tier_change AS later
            WHERE later.holder_id = tier_holding.holder_id AND later.bucket = tier_holding.bucket
              AND later.number > tier_holding.number)
    """,
    """
    SELECT 'tier change ' || tier_change.number || ' of holder ' || tier_change.holder_id,
           'is of a holder who is on no step'
    FROM tier_change LEFT JOIN tier_holding
        ON tier_holding.holder_id = tier_change.holder_id AND tier_holding.bucket = tier_change.bucket
    WHERE tier_holding.holder_id IS NULL
    """,
    """
    SELECT 'tier change ' || number || ' of holder ' || holder_id, 'does not begin where the one before it ended'
    FROM (
        SELECT holder_id, number, from_tier_id,
               lag(to_tier_id) OVER (PARTITION BY holder_id ORDER BY number) AS tier_before,
               row_number() OVER (PARTITION BY holder_id ORDER BY number) AS place
        FROM tier_change
    ) AS chain WHERE number <> place OR from_tier_id IS DISTINCT FROM tier_before
    """,
    """
    SELECT 'tier of holder ' || tier_holding.holder_id,
           'took ' || threshold || ' status points within a year, and the year counts '
           || coalesce(sum(status_year.points), 0)
    FROM tier_holding JOIN tier_change AS last
        ON last.holder_id = tier_holding.holder_id AND last.bucket = tier_holding.bucket
        AND last.number = tier_holding.number
    LEFT JOIN status_year
        ON status_year.holder_id = tier_holding.holder_id AND status_year.bucket = tier_holding.bucket
        AND status_year.ends_at > last.year_starts_at AND status_year.ends_at <= last.year_ends_at
    WHERE tier_holding.tier_id IS NOT NULL
    GROUP BY tier_holding.holder_id, threshold HAVING coalesce(sum(status_year.points), 0) < threshold
    """,
    """
    SELECT 'tier of holder ' || holder_id, 'is of a holder who was merged into ' || merged_into
    FROM tier_holding JOIN holder ON holder.id = tier_holding.holder_id AND holder.bucket = tier_holding.bucket
    WHERE merged_into IS NOT NULL AND tier_id IS NOT NULL
    """,
)
_WITHOUT_IS_DISTINCT = "sqlite"  # older than 3.39 has only its own spelling of it


def breaches(session: Session) -> Iterator[Breach]:
    """I11: every row of the tiers that does not hold."""
    sqlite = session.get_bind().dialect.name == _WITHOUT_IS_DISTINCT
    for query in _CHECKS:
        said = query.replace("IS DISTINCT FROM", "IS NOT") if sqlite else query
        for where, what in session.execute(sa.text(said)):
            yield Breach("I11", where, what)
