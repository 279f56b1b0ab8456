"""Deliveries as they are kept: what came, what became of it, what waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty.errors import NotFound
from loyalty.intake.tables import Delivery

STATES = ("kept", "worked", "failed", "dead")


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits, and since when; how much waits for a person."""

    waiting: int
    oldest_received_at: datetime | None
    dead: int


def find_delivery(session: Session, delivery_id: int) -> Delivery:
    """One delivery.

    Raises:
        NotFound
    """
    delivery = session.get(Delivery, delivery_id)
    if delivery is None:
        raise NotFound(what=f"delivery {delivery_id}")
    return delivery


def find_deliveries(
    session: Session,
    *,
    limit: int,
    below_id: int | None = None,
    source_id: int | None = None,
    state: str | None = None,
) -> list[Delivery]:
    """The latest deliveries first, at most `limit`, all older than the delivery `below_id`."""
    chosen = select(Delivery).order_by(col(Delivery.id).desc()).limit(limit)
    if below_id is not None:
        chosen = chosen.where(col(Delivery.id) < below_id)
    if source_id is not None:
        chosen = chosen.where(Delivery.source_id == source_id)
    if state is not None:
        chosen = chosen.where(Delivery.state == state)
    return list(session.exec(chosen))


def backlog(session: Session) -> Backlog:
    """What waits to be worked: for monitoring."""
    waits = col(Delivery.state).in_(("kept", "failed"))
    waiting, oldest = session.execute(sa.select(sa.func.count(), sa.func.min(Delivery.received_at)).where(waits)).one()
    dead = session.execute(sa.select(sa.func.count()).where(col(Delivery.state) == "dead")).scalar_one()
    return Backlog(waiting=waiting, oldest_received_at=oldest, dead=dead)


@dataclass(frozen=True, slots=True)
class Health:
    """How a source does: when it last delivered, and how much of it failed or waits for a person."""

    last_received_at: datetime | None
    failed: int
    dead: int


def health(session: Session, source_ids: Iterable[int]) -> dict[int, Health]:
    """How each of these sources does."""
    counted = (
        sa.select(col(Delivery.source_id), col(Delivery.state), sa.func.count())
        .where(col(Delivery.state).in_(("failed", "dead")))
        .group_by(col(Delivery.source_id), col(Delivery.state))
    )
    failures = {(source_id, state): count for source_id, state, count in session.execute(counted)}
    found = {}
    for source_id in source_ids:
        latest = (
            select(Delivery.received_at)
            .where(Delivery.source_id == source_id)
            .order_by(col(Delivery.id).desc())
            .limit(1)
        )
        failed, dead = (failures.get((source_id, state), 0) for state in ("failed", "dead"))
        found[source_id] = Health(session.exec(latest).first(), failed, dead)
    return found
