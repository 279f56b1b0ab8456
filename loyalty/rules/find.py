"""Rules and their revisions as they are kept, and all of them compiled, ready to judge."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.errors import NotFound
from loyalty.rules import issued
from loyalty.rules.compile import compile_kept
from loyalty.rules.difference import difference
from loyalty.rules.evaluate import Revision
from loyalty.rules.schema import in_order
from loyalty.rules.tables import Rule, RuleRevision

_rule = Rule.__table__  # type: ignore[attr-defined]
_revision = RuleRevision.__table__  # type: ignore[attr-defined]

History = dict[int, list[Revision]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRevision:
    """One revision as it was written; `difference` is what it changed in the one before."""

    number: int
    body: dict[str, Any]
    difference: list[str]
    in_force_from: datetime
    created_at: datetime
    created_by: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRule:
    """A rule and all its revisions, oldest first; `points_issued`: to all fans, less what was reversed."""

    slug: str
    created_at: datetime
    points_issued: int
    revisions: tuple[KeptRevision, ...]

    @property
    def latest(self) -> KeptRevision:
        """The last that was written; it may not be in force yet."""
        return self.revisions[-1]

    def scheduled(self, at: datetime) -> list[KeptRevision]:
        """The revisions that are still to come into force, as none written since takes their place."""
        waiting: list[KeptRevision] = []
        for each in self.revisions:
            waiting = [other for other in waiting if other.in_force_from < each.in_force_from]
            waiting += [each] if each.in_force_from > at else []
        return waiting

    def in_force(self, at: datetime) -> KeptRevision | None:
        """The revision that judges what happens at an instant, if the rule was there already."""
        return next((each for each in reversed(self.revisions) if each.in_force_from <= at), None)


def kept_rules(session: Session) -> list[KeptRule]:
    """Every rule, by slug."""
    return list(_kept_rules(session))


def kept_rule(session: Session, slug: str) -> KeptRule:
    """One rule.

    Raises:
        NotFound: there is none of that slug.
    """
    found = rule_if_any(session, slug)
    if found is None:
        raise NotFound(what=f"rule {slug}")
    return found


def rule_if_any(session: Session, slug: str) -> KeptRule | None:
    """One rule, or None."""
    return next(_kept_rules(session, slug), None)


def _kept_rules(session: Session, slug: str | None = None) -> Iterator[KeptRule]:
    chosen = sa.select(_rule.c.id, _rule.c.slug, _rule.c.created_at).order_by(_rule.c.slug)
    written = sa.select(_revision).order_by(_revision.c.rule_id, _revision.c.number)
    if slug is not None:
        chosen = chosen.where(_rule.c.slug == slug)
        written = written.where(_revision.c.rule_id.in_(sa.select(_rule.c.id).where(_rule.c.slug == slug)))
    revisions: dict[int, list[KeptRevision]] = {}
    for row in session.execute(written):
        earlier = revisions.setdefault(row.rule_id, [])
        earlier.append(
            KeptRevision(
                number=row.number,
                body=in_order(row.body),
                difference=difference(earlier[-1].body if earlier else None, row.body),
                in_force_from=row.in_force_from,
                created_at=row.created_at,
                created_by=row.created_by,
                reason=row.reason,
            )
        )
    rules = session.execute(chosen).all()
    given = issued.of_rules(session, [row.id for row in rules])
    for row in rules:
        yield KeptRule(
            slug=row.slug,
            created_at=row.created_at,
            points_issued=given[row.id],
            revisions=tuple(revisions[row.id]),
        )


@dataclass(frozen=True, slots=True)
class InForce:
    """What a rule says; `text` is the body as JSON: what follows from it can be remembered by it."""

    body: dict[str, Any]
    text: str


def in_force(session: Session, at: datetime) -> list[InForce]:
    """What each rule says at an instant, by slug; not to be changed by the caller."""
    latest: dict[str, InForce] = {}
    for slug, since, said in _remembered(session, _said, _all_said):
        if since <= at:
            latest[slug] = said
    return list(latest.values())


def current_history(session: Session) -> History:
    """All revisions of all rules, compiled, by rule id, oldest first; not to be changed by the caller."""
    return _remembered(session, _histories, rule_history)


# By connection pool: two databases of one process do not share rules, nor does one that was disposed of.
_Kept = WeakKeyDictionary[sa.Pool, tuple[Any, T]]
_histories: _Kept[History] = WeakKeyDictionary()
_said: _Kept[list[tuple[str, datetime, InForce]]] = WeakKeyDictionary()
_STATE = (
    sa.select(
        _revision.c.id, _revision.c.created_at, sa.select(sa.func.count()).select_from(_revision).scalar_subquery()
    )
    .order_by(_revision.c.id.desc())
    .limit(1)
)


def _remembered(session: Session, kept: _Kept[T], read: Callable[[Session], T]) -> T:
    """What was read before, as long as it is so.

    Revisions are immutable, so what follows from them is kept in the process and one small query tells whether any
    was added since. It looks at their number too: a transaction with a lower identifier may commit later.
    """
    row = session.execute(_STATE).one_or_none()
    state = None if row is None else tuple(row)
    pool = session.get_bind().engine.pool
    known = kept.get(pool)
    if known is None or known[0] != state:
        known = kept[pool] = (state, read(session))
    return known[1]


def _all_said(session: Session) -> list[tuple[str, datetime, InForce]]:
    rows = session.execute(
        sa.select(_rule.c.slug, _revision.c.in_force_from, _revision.c.body)
        .join(_rule, _rule.c.id == _revision.c.rule_id)
        .order_by(_rule.c.slug, _revision.c.number)
    )
    return [(slug, since, InForce(body, json.dumps(body, sort_keys=True))) for slug, since, body in rows]


def rule_history(session: Session) -> History:
    """As `current_history`, read and compiled anew."""
    rows = session.execute(
        sa.select(
            _revision.c.id.label("revision_id"),
            _revision.c.rule_id,
            _rule.c.slug,
            _revision.c.number,
            _revision.c.body,
            _revision.c.in_force_from,
        )
        .join(_rule, _rule.c.id == _revision.c.rule_id)
        .order_by(_revision.c.rule_id, _revision.c.number)
    )
    history: History = {}
    for row in rows:
        history.setdefault(row.rule_id, []).append(compile_kept(**row._mapping))
    return history
