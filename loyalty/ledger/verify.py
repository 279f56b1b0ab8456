"""Proves the ledger: recomputes from the journal everything that is kept beside it."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.breach import Breach
from loyalty.db import is_sqlite

# Each query answers the rows in breach, one text column that names the row and one that says what is wrong.
_CHECKS: tuple[tuple[str, str], ...] = (
    (
        "I1",
        """
        SELECT 'entry ' || id || ' leg ' || leg, debit || ' to ' || credit || ' is no movement of ' || unit
        FROM entry
        WHERE amount <= 0
           OR (unit = 'points' AND (debit, credit) NOT IN (
                VALUES ('issued', 'pending'), ('pending', 'issued'), ('pending', 'wallet'),
                       ('pending', 'moved'), ('moved', 'pending'),
                       ('issued', 'wallet'), ('wallet', 'issued'), ('wallet', 'spent'), ('spent', 'wallet'),
                       ('wallet', 'held'), ('held', 'wallet'), ('held', 'spent'),
                       ('wallet', 'expired'), ('wallet', 'debt'), ('debt', 'issued'),
                       ('wallet', 'moved'), ('moved', 'wallet'), ('moved', 'debt'), ('debt', 'moved'),
                       ('forgiven', 'issued')))
           OR (unit = 'status' AND (debit, credit) NOT IN (
                VALUES ('issued', 'status'), ('status', 'issued'), ('status', 'moved'), ('moved', 'status'),
                       ('forgiven', 'issued')))
        """,
    ),
    (
        "I1",
        """
        SELECT 'entry ' || max(id), 'legs of one entry under several numbers'
        FROM entry WHERE leg < 1000 GROUP BY cause, cause_id, holder_id HAVING min(id) <> max(id)
        """,
    ),
    (
        "I2",
        """
        SELECT 'cause ' || cause || ' ' || cause_id, 'moved between holders and did not arrive: ' || sum(signed)
        FROM (
            SELECT cause, cause_id, unit, amount AS signed FROM entry WHERE credit = 'moved'
            UNION ALL SELECT cause, cause_id, unit, -amount FROM entry WHERE debit = 'moved'
        ) AS clearing GROUP BY cause, cause_id, unit HAVING sum(signed) <> 0
        """,
    ),
    (
        "I2",
        """
        SELECT 'cause ' || cause || ' ' || cause_id,
               'gave points of holder ' || holder_id || ' another expiry, not all arrived there: ' || sum(signed)
        FROM (
            SELECT cause, cause_id, holder_id, amount AS signed FROM entry WHERE credit = 'moved'
            UNION ALL SELECT cause, cause_id, holder_id, -amount FROM entry WHERE debit = 'moved'
        ) AS redated WHERE cause IN ('renewal', 'expiry_policy')
        GROUP BY cause, cause_id, holder_id HAVING sum(signed) <> 0
        """,
    ),
    (
        "I2",
        """
        SELECT 'entry ' || id || ' leg ' || leg, 'is a ' || cause || ' that is no change of expiry'
        FROM entry WHERE cause IN ('renewal', 'expiry_policy') AND 'moved' NOT IN (debit, credit)
        """,
    ),
    (
        "I2",
        """
        SELECT 'cause ' || cause || ' ' || cause_id, sum(signed) || ' points arrived in another lot than they left'
        FROM (
            SELECT entry.cause, entry.cause_id, lot_use.expires_at, lot_use.amount AS signed
            FROM entry JOIN lot_use ON lot_use.entry_id = entry.id AND lot_use.leg = entry.leg
                AND lot_use.holder_id = entry.holder_id AND lot_use.bucket = entry.bucket
            WHERE credit = 'moved' AND debit = 'wallet'
            UNION ALL SELECT cause, cause_id, expires_at, -amount FROM entry WHERE debit = 'moved' AND credit = 'wallet'
        ) AS lives WHERE cause NOT IN ('renewal', 'expiry_policy')
        GROUP BY cause, cause_id, expires_at HAVING sum(signed) <> 0
        """,
    ),
    (
        "I3",
        """
        SELECT 'holder ' || holder.id,
               'kept balance/held/pending/status/debt ' || balance || '/' || held || '/' || pending || '/' || status
               || '/' || debt || ', journal says ' || coalesce(points, 0) || '/' || coalesce(aside, 0)
               || '/' || coalesce(waiting, 0) || '/' || coalesce(ranks, 0) || '/' || coalesce(owed, 0)
        FROM holder LEFT JOIN (
            SELECT holder_id,
                sum(CASE WHEN credit = 'wallet' THEN amount WHEN debit = 'wallet' THEN -amount ELSE 0 END) AS points,
                sum(CASE WHEN credit = 'held' THEN amount WHEN debit = 'held' THEN -amount ELSE 0 END) AS aside,
                sum(CASE WHEN credit = 'pending' THEN amount WHEN debit = 'pending' THEN -amount ELSE 0 END) AS waiting,
                sum(CASE WHEN credit = 'status' THEN amount WHEN debit = 'status' THEN -amount ELSE 0 END) AS ranks,
                sum(CASE WHEN debit = 'debt' THEN amount WHEN credit = 'debt' THEN -amount ELSE 0 END) AS owed
            FROM entry GROUP BY holder_id
        ) AS journal ON journal.holder_id = holder.id
        WHERE balance <> coalesce(points, 0) OR status <> coalesce(ranks, 0) OR debt <> coalesce(owed, 0)
           OR pending <> coalesce(waiting, 0) OR held <> coalesce(aside, 0)
        """,
    ),
    (
        "I3",
        """
        SELECT 'holder ' || holder.id, 'held ' || held || ', holds say ' || coalesce(kept, 0)
        FROM holder LEFT JOIN (
            SELECT holder_id, sum(amount - captured - released) AS kept FROM hold GROUP BY holder_id
        ) AS holds ON holds.holder_id = holder.id
        WHERE held <> coalesce(kept, 0)
        """,
    ),
    (
        "I3",
        """
        SELECT 'hold ' || hold.id, 'kept amount/captured/released ' || hold.amount || '/' || captured || '/' || released
               || ', journal says ' || coalesce(opened, 0) || '/' || coalesce(used, 0) || '/' || coalesce(back, 0)
        FROM hold LEFT JOIN (
            SELECT cause_id,
                sum(CASE WHEN cause = 'hold' THEN amount ELSE 0 END) AS opened,
                sum(CASE WHEN cause = 'hold_release' AND debit = 'held' THEN amount ELSE 0 END) AS back
            FROM entry WHERE cause IN ('hold', 'hold_release') GROUP BY cause_id
        ) AS aside ON aside.cause_id = hold.id
        LEFT JOIN (
            SELECT opening.cause_id, sum(capture.amount) AS used
            FROM entry AS capture
            JOIN entry AS opening ON opening.id = capture.reverses AND opening.bucket = capture.bucket
            WHERE capture.cause = 'hold_capture' AND opening.cause IN ('hold', 'hold_move') GROUP BY opening.cause_id
        ) AS captures ON captures.cause_id = hold.id
        WHERE hold.amount <> coalesce(opened, 0) OR captured <> coalesce(used, 0) OR released <> coalesce(back, 0)
        """,
    ),
    (
        "I3",
        """
        SELECT 'entry ' || max(entry_id), 'set aside for a hold that is not on record'
        FROM (
            SELECT cause_id AS hold_id, id AS entry_id FROM entry WHERE cause IN ('hold', 'hold_move')
            UNION ALL SELECT id, NULL FROM hold
        ) AS openings GROUP BY hold_id HAVING count(*) = count(entry_id)
        """,
    ),
    (
        "I3",
        """
        SELECT 'hold ' || hold.id, (amount - captured - released) || ' left, drawn from the lots of its holder '
               || coalesce(drawn, 0)
        FROM hold LEFT JOIN (
            SELECT entry_id, holder_id, sum(amount) AS drawn FROM lot_use GROUP BY entry_id, holder_id
        ) AS trace ON trace.entry_id = hold.entry_id AND trace.holder_id = hold.holder_id
        WHERE amount - captured - released > coalesce(drawn, 0)
        """,
    ),
    (
        "I3",
        """
        SELECT 'holder ' || holder.id, 'pending ' || pending || ', pending awards say ' || coalesce(waiting, 0)
        FROM holder LEFT JOIN (
            SELECT holder_id, sum(pending) AS waiting FROM pending_award GROUP BY holder_id
        ) AS awards ON awards.holder_id = holder.id
        WHERE pending <> coalesce(waiting, 0)
        """,
    ),
    (
        "I3",
        """
        SELECT 'entry ' || entry.id,
               'posted to holder ' || holder_id || ', who does not exist in bucket ' || entry.bucket
        FROM entry LEFT JOIN holder ON holder.id = holder_id AND holder.bucket = entry.bucket
        WHERE holder.id IS NULL
        """,
    ),
    (
        "I3",
        """
        SELECT 'holder ' || holder.id, 'balance ' || balance || ', lots hold ' || coalesce(lots.left_in_lots, 0)
        FROM holder LEFT JOIN (
            SELECT holder_id, sum(granted - used - expired) AS left_in_lots FROM lot GROUP BY holder_id
        ) AS lots ON lots.holder_id = holder.id
        WHERE balance <> coalesce(lots.left_in_lots, 0)
        """,
    ),
    (
        "I3",
        """
        SELECT 'lot ' || lot.holder_id || ' of ' || lot.expires_at,
               'kept granted/expired ' || granted || '/' || expired || ', journal says '
               || coalesce(given, 0) || '/' || coalesce(gone, 0)
        FROM lot LEFT JOIN (
            SELECT holder_id, expires_at,
                sum(CASE WHEN credit = 'wallet' THEN amount ELSE 0 END) AS given,
                sum(CASE WHEN credit = 'expired' THEN amount ELSE 0 END) AS gone
            FROM entry WHERE expires_at IS NOT NULL GROUP BY holder_id, expires_at
        ) AS journal ON journal.holder_id = lot.holder_id AND journal.expires_at = lot.expires_at
        WHERE granted <> coalesce(given, 0) OR expired <> coalesce(gone, 0)
        """,
    ),
    (
        "I3",
        """
        SELECT 'lot ' || lot.holder_id || ' of ' || lot.expires_at,
               'kept used ' || used || ', the trace says ' || coalesce(drawn, 0)
        FROM lot LEFT JOIN (
            SELECT holder_id, expires_at, sum(amount) AS drawn FROM lot_use GROUP BY holder_id, expires_at
        ) AS trace ON trace.holder_id = lot.holder_id AND trace.expires_at = lot.expires_at
        WHERE used <> coalesce(drawn, 0)
        """,
    ),
    (
        "I3",
        """
        SELECT 'lot ' || lot.holder_id || ' of ' || lot.expires_at,
               'kept sliding ' || sliding || ', journal says ' || coalesce(given, 0)
        FROM lot LEFT JOIN (
            SELECT holder_id, expires_at, sum(signed) AS given
            FROM (
                SELECT holder_id, expires_at, amount AS signed FROM entry WHERE slides AND credit = 'wallet'
                UNION ALL
                SELECT lot_use.holder_id, lot_use.expires_at, -lot_use.amount
                FROM lot_use JOIN entry ON entry.id = lot_use.entry_id AND entry.leg = lot_use.leg
                    AND entry.holder_id = lot_use.holder_id AND entry.bucket = lot_use.bucket
                WHERE entry.slides AND entry.debit = 'wallet'
            ) AS sliding GROUP BY holder_id, expires_at
        ) AS journal ON journal.holder_id = lot.holder_id AND journal.expires_at = lot.expires_at
        WHERE sliding <> coalesce(given, 0)
        """,
    ),
    (
        "I3",
        """
        SELECT 'entry ' || entry.id || ' leg ' || entry.leg, 'moved ' || entry.amount || ', traced to lots '
               || coalesce(sum(lot_use.amount), 0)
        FROM entry LEFT JOIN lot_use
            ON lot_use.entry_id = entry.id AND lot_use.leg = entry.leg AND lot_use.holder_id = entry.holder_id
            AND lot_use.bucket = entry.bucket
        WHERE 'wallet' IN (entry.debit, entry.credit) AND entry.expires_at IS NULL
        GROUP BY entry.id, entry.leg, entry.holder_id, entry.bucket, entry.amount, entry.debit
        HAVING coalesce(sum(lot_use.amount), 0) <> CASE WHEN entry.debit = 'wallet' THEN 1 ELSE -1 END * entry.amount
        """,
    ),
    (
        "I3",
        """
        SELECT 'status year of holder ' || holder_id || ' until ' || coalesce(CAST(ends_at AS TEXT), 'never'),
               'kept less what the journal says: ' || sum(signed)
        FROM (
            SELECT holder_id, ends_at, points AS signed FROM status_year
            UNION ALL
            SELECT holder_id, expires_at, CASE WHEN credit = 'status' THEN -amount ELSE amount END
            FROM entry WHERE unit = 'status' AND 'status' IN (debit, credit)
        ) AS years GROUP BY holder_id, ends_at HAVING sum(signed) <> 0
        """,
    ),
    (
        "I4",
        """
        SELECT 'holder ' || id,
               'balance ' || balance || ', held ' || held || ', pending ' || pending || ', debt ' || debt
        FROM holder WHERE balance < 0 OR pending < 0 OR held < 0 OR status < 0 OR debt < 0
        """,
    ),
    (
        "I8",
        """
        SELECT 'entry ' || entry.id, 'granted ' || entry.amount || ', taken back ' || reversal.taken
        FROM entry JOIN (
            SELECT reverses, unit, coalesce(rule_revision_id, 0) AS revision, sum(amount) AS taken
            FROM entry WHERE credit = 'issued' AND reverses IS NOT NULL
            GROUP BY reverses, unit, coalesce(rule_revision_id, 0)
        ) AS reversal ON reversal.reverses = entry.id AND reversal.unit = entry.unit
            AND reversal.revision = coalesce(entry.rule_revision_id, 0)
        WHERE entry.debit = 'issued' AND reversal.taken > entry.amount
        """,
    ),
)

_APPEND_ONLY = ("entry", "lot_use")


def breaches(session: Session) -> Iterator[Breach]:
    """Every row of the ledger that breaks one of the invariants I1 to I4, I8 and I10."""
    for invariant, query in _CHECKS:
        for where, what in session.execute(sa.text(query)):
            yield Breach(invariant, where, what)
    yield from unguarded(session, _APPEND_ONLY)


def unguarded(session: Session, tables: tuple[str, ...]) -> Iterator[Breach]:
    """I10: the append-only tables whose triggers are missing or switched off."""
    if is_sqlite(session):
        query, verbs = "SELECT name FROM sqlite_master WHERE type = 'trigger'", ["update", "delete"]
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        verbs = ["update", "delete", "truncate"]
    present = set(session.execute(sa.text(query)).scalars())
    for table in tables:
        for verb in verbs:
            if f"{table}_no_{verb}" not in present:
                yield Breach("I10", f"table {table}", f"its trigger against {verb} is missing or off")
