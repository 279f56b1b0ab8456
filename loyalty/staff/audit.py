"""Who changed what, when, from where and why: one row for each thing staff, or a key of theirs, did."""

from collections.abc import Mapping
from typing import Any, Self

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import clock, ids
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


def find(
    session: Session,
    *,
    limit: int,
    below_id: int | None = None,
    subject: str | None = None,
    actor: str | None = None,
    action: str | None = None,
) -> list[AuditRecord]:
    """The latest records first, at most `limit`, all older than the record `below_id`."""
    chosen = select(AuditRecord).order_by(col(AuditRecord.id).desc()).limit(limit)
    if below_id is not None:
        chosen = chosen.where(col(AuditRecord.id) < below_id)
    if subject is not None:
        chosen = chosen.where(col(AuditRecord.subject) == subject)
    if actor is not None:
        chosen = chosen.where(col(AuditRecord.actor) == actor)
    if action is not None:
        chosen = chosen.where(col(AuditRecord.action) == action)
    return list(session.exec(chosen))
