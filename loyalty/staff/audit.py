"""Who changed what, when, from where and why: one row for each thing staff, or a key of theirs, did."""

import operator
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Self

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import clock, ids
from loyalty.db import note_change
from loyalty.errors import NotFound
from loyalty.staff.tables import AuditRecord


class Actor(str):
    """Who acts, by name ("key:ab12cd34", "cli:odile", "job:expire"), from which network address."""

    __slots__ = ("address",)
    address: str | None

    def __new__(cls, name: str, address: str | None = None) -> Self:
        """An actor is its name wherever a name is asked for; `address` is None where there is no network."""
        actor = super().__new__(cls, name)
        actor.address = address
        return actor


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    subject: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
    address: str | None = None,
) -> None:
    """Write one record in the transaction of the change itself, so that neither exists without the other.

    Args:
        actor: who; an `Actor` brings its own address.
        action: what, past tense: "rule.revised", "stock.received".
        subject: to what, kind and name: "rule:morning-chat".
        before: what it was, as plain JSON; None where it was nothing.
        after: what it is now, as plain JSON; None where it is nothing any more.
        reason: why, in the words of whoever did it.
        address: the network address it came from, where there was one.
    """
    row = {
        "id": ids.new(),
        "at": clock.now(),
        "actor": str(actor),
        "action": action,
        "subject": subject,
        "before": before,
        "after": after,
        "reason": reason,
        "address": address or getattr(actor, "address", None),
    }
    # What is None is left out: a JSON column would keep it as the text "null".
    given = {name: value for name, value in row.items() if value is not None}
    session.execute(sa.insert(AuditRecord).values(given))
    note_change(session)


def find(
    session: Session,
    *,
    limit: int,
    below_id: int | None = None,
    subject: str | None = None,
    subjects: Collection[str] | None = None,
    actor: str | None = None,
    action: str | None = None,
    but_action: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[AuditRecord]:
    """The latest records first, at most `limit`, all older than the record `below_id`.

    Args:
        subjects: one of these.
        since, until: from the one on, before the other.
    """
    asked: list[tuple[Any, Any, Callable[[Any, Any], Any]]] = [
        (below_id, AuditRecord.id, operator.lt),
        (subject, AuditRecord.subject, operator.eq),
        (subjects, AuditRecord.subject, lambda column, among: column.in_(among)),
        (actor, AuditRecord.actor, operator.eq),
        (action, AuditRecord.action, operator.eq),
        (but_action, AuditRecord.action, operator.ne),
        (since, AuditRecord.at, operator.ge),
        (until, AuditRecord.at, operator.lt),
    ]
    wanted = [compare(col(column), given) for given, column, compare in asked if given is not None]
    return list(session.exec(select(AuditRecord).where(*wanted).order_by(col(AuditRecord.id).desc()).limit(limit)))


def get(session: Session, record_id: int) -> AuditRecord:
    """One record.

    Raises:
        NotFound
    """
    found = session.get(AuditRecord, record_id)
    if found is None:
        raise NotFound(what="record")
    return found


def said(session: Session, *, most: int = 200) -> tuple[list[str], list[str]]:
    """Every action there is a record of, after the staff and programs that did something; fans and phones are many."""
    crowds = sa.or_(col(AuditRecord.actor).startswith("fan:"), col(AuditRecord.actor).startswith("device:"))
    of_actors = sa.select(col(AuditRecord.actor)).where(sa.not_(crowds)).distinct()
    of_actions = sa.select(col(AuditRecord.action)).distinct()
    actors = session.execute(of_actors.order_by(col(AuditRecord.actor)).limit(most)).scalars()
    return list(actors), list(session.execute(of_actions.order_by(col(AuditRecord.action)).limit(most)).scalars())
