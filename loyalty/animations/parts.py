"""The part a fan has in an animation: attempts are counted and one answer is kept, whatever comes at once.

A part is one row of one fan. It is touched by that fan's answers only, so however many fans answer at once, none waits
for another.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk, ids
from loyalty.animation import Accepted
from loyalty.animations.tables import IN_REVIEW, RECORDED, REFUSED, TRYING, Animation, AnimationPart
from loyalty.db import is_distributed, is_sqlite

_part = AnimationPart.__table__  # type: ignore[attr-defined]
_animation = Animation.__table__  # type: ignore[attr-defined]
_UNLIMITED = 2**31 - 1
_COMES_FIRST = (RECORDED, IN_REVIEW, REFUSED, TRYING)  # of two parts in one animation

# One statement counts the attempts and refuses them: a fan who guesses from twenty windows at once has no more of them.
_TRY = """
    INSERT INTO animation_part (id, bucket, animation_id, fan_id, attempts, state)
    SELECT {given}
    ON CONFLICT (animation_id, fan_id, bucket) DO UPDATE SET attempts = animation_part.attempts + 1
    WHERE animation_part.attempts < :most AND (animation_part.state = 'trying' OR :answered_too)
    RETURNING id, bucket, fan_id, attempts, state
"""
_GIVEN_ON_SQLITE = """
    json_extract(value, '$[0]'), json_extract(value, '$[1]'), :animation_id, json_extract(value, '$[2]'), 1, 'trying'
    FROM json_each(:rows) WHERE true
"""
_GIVEN_ON_POSTGRESQL = """
    part_id, bucket, CAST(:animation_id AS integer), fan_id, 1, 'trying'
    FROM unnest(CAST(:ids AS bigint[]), CAST(:buckets AS smallint[]), CAST(:fans AS bigint[]))
        AS given (part_id, bucket, fan_id)
"""
_TRY_ON_SQLITE, _TRY_ON_POSTGRESQL = (
    sa.text(_TRY.format(given=given)).bindparams(
        # Written out: Citus gives the rows to each machine, but no parameter that only the SELECT has a use for.
        sa.bindparam("answered_too", type_=sa.Boolean, literal_execute=True),
        sa.bindparam("most", type_=sa.Integer, literal_execute=True),
    )
    for given in (_GIVEN_ON_SQLITE, _GIVEN_ON_POSTGRESQL)
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a fan, counted; the part's row is locked until the transaction ends.

    Attributes:
        state: of the part as it was found: not "trying" once there is an answer that counts.
    """

    part_id: int
    bucket: int
    attempts: int
    state: str


def attempt(
    session: Session, animation_id: int, fan_id: int, *, most: int | None, answered_too: bool = False
) -> Attempt | None:
    """Count one attempt, see `attempts`."""
    return attempts(session, animation_id, [fan_id], most=most, answered_too=answered_too).get(fan_id)


def attempts(
    session: Session, animation_id: int, fan_ids: Iterable[int], *, most: int | None, answered_too: bool = False
) -> dict[int, Attempt]:
    """Count one attempt of each fan; one who has had `most`, or has an answer that counts, is missing from the answer.

    Args:
        fan_ids: each once.
        answered_too: count on even when there is an answer; before the start nobody may learn that there is one.
    """
    fans = sorted(fan_ids)  # their rows are locked in one order
    buckets, new_ids = [ids.bucket_of(each) for each in fans], ids.many(len(fans))
    said: dict[str, Any] = {
        "animation_id": animation_id,
        "most": _UNLIMITED if most is None else most,
        "answered_too": answered_too,
    }
    if is_sqlite(session):
        said["rows"] = json.dumps(list(zip(new_ids, buckets, fans, strict=True)))
        rows = session.execute(_TRY_ON_SQLITE, said)
    else:
        said |= {name: bulk.array_literal(given) for name, given in
                 (("ids", new_ids), ("buckets", buckets), ("fans", fans))}  # fmt: skip
        rows = session.execute(_TRY_ON_POSTGRESQL, said)
    return {row.fan_id: Attempt(row.id, row.bucket, row.attempts, row.state) for row in rows}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that counts, of a fan whose attempt it was; `activity_id` once it is recorded."""

    tried: Attempt
    accepted: Accepted
    happened_at: datetime
    activity_id: int | None = None


def keep_for_review(session: Session, answers: Sequence[Answer]) -> None:
    """Keep answers that a person has to look at; of a fan who has one that is kept, it stays as it is."""
    _keep(session, answers, state=IN_REVIEW)


def keep_recorded(session: Session, answers: Sequence[Answer]) -> None:
    """Keep answers that were recorded as activities."""
    _keep(session, answers, state=RECORDED)


def take_from_review(
    session: Session,
    animation_id: int,
    *,
    to: str,
    by: str,
    reason: str,
    now: datetime,
    limit: int,
    part_ids: Iterable[int] | None = None,
) -> Sequence[Any]:
    """Decide about answers in review; whoever decides second finds none.

    Args:
        to: `RECORDED` or `REFUSED`.
        part_ids: these only; None: the oldest.

    Returns:
        their rows, by fan.
    """
    assert to in (RECORDED, REFUSED), "a review ends one way or the other"
    waiting = (_part.c.animation_id == animation_id, _part.c.state == IN_REVIEW)
    chosen = sa.select(_part.c.id, _part.c.fan_id).where(*waiting).order_by(_part.c.id).limit(limit)
    if part_ids is not None:
        chosen = chosen.where(bulk.one_of(session, _part.c.id, part_ids))
    found = session.execute(chosen).all()
    these = bulk.one_of(session, _part.c.id, [row.id for row in found])
    _lock(session, these, {row.fan_id for row in found})
    taken = session.execute(
        sa.update(_part)
        .where(*waiting, these)
        .values(state=to, reviewed_at=now, reviewed_by=by, review_reason=reason)
        .returning(*_part.c)
    )
    return sorted(taken, key=lambda row: row.fan_id)


def note_activities(session: Session, activities: Iterable[tuple[int, int, int]]) -> None:
    """Note which activity each released answer became: triples of activity, part and bucket."""
    bulk.update(session, _part, list(activities), keys=("id", "bucket"), sets=("activity_id",))


def turn_down(session: Session, part_ids: Iterable[int]) -> None:
    """Refuse answers that were released and could not be recorded: their fans are no more."""
    session.execute(sa.update(_part).where(bulk.one_of(session, _part.c.id, part_ids)).values(state=REFUSED))


def of_fan(session: Session, fan_id: int) -> Sequence[Any]:
    """The parts of a fan, as they are kept, the earliest first; `animation` names what each is a part of."""
    chosen = sa.select(*_part.c, _animation.c.slug.label("animation")).join(
        _animation, _animation.c.id == _part.c.animation_id
    )
    return session.execute(chosen.where(_part.c.fan_id == fan_id).order_by(_part.c.id)).all()


def forget_answers(session: Session, fan_id: int) -> None:
    """Leave of a fan's parts what counts, and not what the fan said or what was said about it."""
    session.execute(sa.update(_part).where(_part.c.fan_id == fan_id).values(answer=sa.null(), review_reason=None))


def lock_parts(session: Session, fan_ids: Iterable[int]) -> None:
    """Lock every part of these fans, in one order; before their points, as answers do."""
    fans = set(fan_ids)
    _lock(session, _part.c.fan_id.in_(sorted(fans)), fans)


def give_parts(session: Session, *, source_id: int, target_id: int) -> None:
    """Give one fan's parts to another, who has one an animation: of two the one that came further.

    Where both have a recorded answer the other's stays under the number it had: what it earned can still be voided.
    """
    theirs: dict[int, dict[int, Any]] = {}
    for row in session.execute(sa.select(_part).where(_part.c.fan_id.in_((source_id, target_id)))):
        theirs.setdefault(row.animation_id, {})[row.fan_id] = row
    for of_both in theirs.values():
        source, target = of_both.get(source_id), of_both.get(target_id)
        if source is None:
            continue
        if source.state == RECORDED and target is not None and target.state == RECORDED:
            session.execute(
                sa.update(_part)
                .where(_part.c.id == source.id, _part.c.bucket == source.bucket)
                .values(answer=sa.null())
            )
            continue
        if target is not None:
            lesser = max(source, target, key=lambda row: _COMES_FIRST.index(row.state))
            session.execute(sa.delete(_part).where(_part.c.id == lesser.id, _part.c.bucket == lesser.bucket))
            if lesser is source:
                continue
        this = (_part.c.id == source.id, _part.c.bucket == source.bucket)
        bulk.move(session, _part, this, fan_id=target_id, bucket=ids.bucket_of(target_id))


def _lock(session: Session, these: sa.ColumnElement[bool], fan_ids: Iterable[int]) -> None:
    """Lock parts of these fans in one order; over many machines a statement locks rows of one only."""
    in_order = sa.select(_part.c.id).where(these).order_by(_part.c.fan_id, _part.c.id).with_for_update()
    if not is_distributed(session):
        session.execute(in_order).all()
        return
    for bucket in sorted({ids.bucket_of(each) for each in fan_ids}):
        session.execute(in_order.where(_part.c.bucket == bucket)).all()


_KEPT = ("quantity", "state", "happened_at", "activity_id", "answer")


def _keep(session: Session, answers: Sequence[Answer], *, state: str) -> None:
    rows = [
        (
            each.accepted.quantity,
            state,
            each.happened_at,
            each.activity_id,
            None if each.accepted.kept is None else json.dumps(dict(each.accepted.kept)),
            each.tried.part_id,
            each.tried.bucket,
        )
        for each in answers
        if each.tried.state == TRYING
    ]
    bulk.update(session, _part, rows, keys=("id", "bucket"), sets=_KEPT)
