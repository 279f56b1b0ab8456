"""The states of a voucher, and every move between them: one guarded UPDATE each, whose row count decides.

A transaction that gives points back too has locked the holder's bucket before: a voucher's row comes after.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.db import is_distributed
from loyalty.vouchers.tables import SupersededCode, Voucher

ISSUED, PARTIALLY_USED, USED = "issued", "partially_used", "used"
CANCELLED, EXPIRED, BLOCKED = "cancelled", "expired", "blocked"

# Each move: from which states, to which. A use given back leaves a blocked or an expired voucher as it is.
MOVES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = MappingProxyType(
    {
        "use": (frozenset({ISSUED, PARTIALLY_USED}), frozenset({PARTIALLY_USED, USED})),
        "give_use_back": (frozenset({PARTIALLY_USED, USED}), frozenset({ISSUED, PARTIALLY_USED})),
        "block": (frozenset({ISSUED, PARTIALLY_USED}), frozenset({BLOCKED})),
        "unblock": (frozenset({BLOCKED}), frozenset({ISSUED, PARTIALLY_USED})),
        "cancel": (frozenset({ISSUED, BLOCKED}), frozenset({CANCELLED})),
        "expire": (frozenset({ISSUED, PARTIALLY_USED, BLOCKED}), frozenset({EXPIRED})),
    }
)
ENDED = frozenset({USED, CANCELLED, EXPIRED})
MOST_GENERATIONS = 255  # one byte of the code

_voucher = Voucher.__table__  # type: ignore[attr-defined]
_superseded = SupersededCode.__table__  # type: ignore[attr-defined]


def use_one(session: Session, voucher: Voucher, *, now: datetime) -> int | None:
    """Claim one use of a voucher under the code it was read by.

    Returns:
        how many uses it has had now; None if somebody was faster, or it changed meanwhile.
    """
    last = _voucher.c.uses + 1 == _voucher.c.max_uses
    uses: int | None = session.execute(
        _move("use", voucher)
        .where(_voucher.c.uses < _voucher.c.max_uses, _voucher.c.token_id == voucher.token_id)
        .values(
            uses=_voucher.c.uses + 1,
            state=sa.case((last, USED), else_=PARTIALLY_USED),
            ended_at=sa.case((last, sa.literal(now, _voucher.c.ended_at.type)), else_=sa.null()),
        )
        .returning(_voucher.c.uses)
    ).scalar_one_or_none()
    return uses


def give_use_back(session: Session, voucher_id: int, bucket: int) -> None:
    """Undo one use: the voucher can be used again, unless it was blocked or has expired meanwhile."""
    moves = _voucher.c.state.in_(MOVES["give_use_back"][0])
    given = session.execute(
        sa.update(_voucher)
        .where(_voucher.c.id == voucher_id, _voucher.c.bucket == bucket, _voucher.c.uses > 0)
        .values(
            uses=_voucher.c.uses - 1,
            state=sa.case((moves, _open_state(_voucher.c.uses - 1)), else_=_voucher.c.state),
            ended_at=sa.case((moves, sa.null()), else_=_voucher.c.ended_at),
        )
    )
    assert given.rowcount == 1, "a use that counted is counted"  # type: ignore[attr-defined]


def cancel(session: Session, voucher: Voucher, *, now: datetime) -> bool:
    """Cancel a voucher that was never used; says whether it could be."""
    return _done(session, _move("cancel", voucher).where(_voucher.c.uses == 0).values(state=CANCELLED, ended_at=now))


def block(session: Session, voucher: Voucher) -> bool:
    """Stop a voucher from being used, for the time being; says whether it could be used until now."""
    return _done(session, _move("block", voucher).values(state=BLOCKED))


def unblock(session: Session, voucher: Voucher) -> bool:
    """Let a blocked voucher be used again; says whether it was blocked."""
    return _done(session, _move("unblock", voucher).values(state=_open_state(_voucher.c.uses)))


def expire(session: Session, *, now: datetime, limit: int) -> int:
    """Expire at most `limit` vouchers that were good until before `now`; returns how many.

    A voucher that somebody is using or cancelling this very moment is left for the next time.
    """
    if not is_distributed(session):
        return _expire(session, now, limit)
    expired = 0  # over many machines a statement locks rows of one only
    due = (_voucher.c.state.in_(MOVES["expire"][0]), _voucher.c.not_after < now)
    for bucket in sorted(session.execute(sa.select(_voucher.c.bucket).where(*due).distinct()).scalars()):
        expired += _expire(session, now, limit - expired, bucket)
        if expired == limit:
            break
    return expired


def _expire(session: Session, now: datetime, limit: int, bucket: int | None = None) -> int:
    due = _voucher.alias("due")
    here = [] if bucket is None else [due.c.bucket == bucket]
    there = [] if bucket is None else [_voucher.c.bucket == bucket]
    chosen = (
        sa.select(due.c.id)
        .where(due.c.state.in_(MOVES["expire"][0]), due.c.not_after < now, *here)
        .limit(limit)
        .with_for_update(skip_locked=True)  # not written for SQLite, which has one writer at a time
        .cte("chosen")
    )
    expired = session.execute(
        sa.update(_voucher)
        .where(_voucher.c.id.in_(sa.select(chosen.c.id)), _voucher.c.state.in_(MOVES["expire"][0]), *there)
        .values(state=EXPIRED, ended_at=_voucher.c.not_after)
        .returning(_voucher.c.id)  # the driver of SQLite counts no rows of a statement that begins with WITH
    )
    return len(expired.all())


def reissue(session: Session, voucher: Voucher, *, token_id: str, now: datetime) -> bool:
    """Give an open voucher another code and generation; the code before is superseded from now on."""
    replaced = _done(
        session,
        sa.update(_voucher)
        .where(
            _voucher.c.id == voucher.id,
            _voucher.c.bucket == voucher.bucket,
            _voucher.c.token_id == voucher.token_id,
            _voucher.c.state.not_in(ENDED),
            _voucher.c.generation < MOST_GENERATIONS,
        )
        .values(token_id=token_id, generation=_voucher.c.generation + 1),
    )
    if replaced:
        row = (voucher.token_id, voucher.bucket, voucher.id, now)
        bulk.insert(session, _superseded, ("token_id", "bucket", "voucher_id", "superseded_at"), [row])
    return replaced


def _move(name: str, voucher: Voucher) -> Any:
    return sa.update(_voucher).where(
        _voucher.c.id == voucher.id, _voucher.c.bucket == voucher.bucket, _voucher.c.state.in_(MOVES[name][0])
    )


def _open_state(uses: sa.ColumnElement[int]) -> sa.ColumnElement[str]:
    return sa.case((uses == 0, ISSUED), else_=PARTIALLY_USED)


def _done(session: Session, move: Any) -> bool:
    return bool(session.execute(move).rowcount == 1)  # type: ignore[attr-defined]
