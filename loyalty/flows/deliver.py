"""What was kept is worked: read by its connector, earned and withdrawn, its outcomes noted beside it."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from loyalty import clock, registry
from loyalty.activities.fact import ActivityFact, WithdrawnFact
from loyalty.connector import Connector, Message, Reading, Unreadable
from loyalty.db import Database, Joined, Writer
from loyalty.errors import Busy, NotFound, Refused
from loyalty.fields import storable
from loyalty.flows.earn import Outcome, earn
from loyalty.flows.hear import hear
from loyalty.flows.link_code import hear_codes, link_heard
from loyalty.flows.piecemeal import in_pieces
from loyalty.flows.reverse import Withdrawn, withdraw
from loyalty.i18n import Words
from loyalty.intake import lease
from loyalty.intake.find import find_delivery
from loyalty.intake.sources import find_sources, id_of, name_of, stop_source
from loyalty.intake.tables import Delivery, Source
from loyalty.staff import audit

log = logging.getLogger("loyalty.deliver")

AT_ONCE = 100  # one transaction's worth
_LONGEST_PROBLEM = 1000


class NotSetAside(Refused):
    """Only a delivery that failed can be worked again; a worked one would change nothing."""

    code = "not_set_aside"
    status = 409
    words = Words(fr="Cette livraison n’est pas en échec : {state}.", en="This delivery has not failed: {state}.")


def deliver_due(db: Database, *, limit: int = 2000) -> int:
    """Work what is due, up to `limit` deliveries; nothing is left when fewer were worked.

    Those of one source share a transaction. When it fails each is worked by itself, so that a bad one spoils
    only itself.

    Returns:
        how many were taken up.
    """
    done = 0
    while done < limit:
        wanted = min(AT_ONCE, limit - done)
        claimed = db.write(lambda session: lease.claim(session, now=clock.now(), limit=wanted))  # noqa: B023
        for source, delivery_ids in db.read(lambda session: _by_source(session, claimed)):  # noqa: B023
            if len(delivery_ids) == 1 or not _try(db, source, delivery_ids):
                for delivery_id in delivery_ids:
                    _work_or_put_back(db, source, delivery_id)
        done += len(claimed)
        if len(claimed) < wanted:
            break
    if done:
        link_heard(db)
    return done


def replay_delivery(db: Writer, delivery_id: int, *, actor: str, reason: str | None = None) -> None:
    """Let a failed or dead delivery be worked again: by the worker, in a moment.

    Raises:
        NotFound
        NotSetAside
    """

    def steps(session: Session) -> None:
        delivery = find_delivery(session, delivery_id)
        if not lease.revive(session, delivery_id, now=clock.now()):
            raise NotSetAside(state=delivery.state)
        audit.record(
            session,
            actor=actor,
            action="delivery.replayed",
            subject=f"delivery:{delivery_id}",
            before={"state": delivery.state, "problem": delivery.problem},
            reason=reason,
        )

    db.write(steps)


def forget_bodies(
    db: Database,
    *,
    older_than: timedelta = timedelta(days=30),
    set_aside_for: timedelta = timedelta(days=90),
    at_once: int = 1000,
) -> int:
    """Empty what was worked long ago, or was set aside and nobody replayed: it holds what people wrote. Its key stays,
    so it is never worked twice.

    Returns:
        how many were emptied.
    """

    def steps(session: Session) -> int:
        now = clock.now()
        return lease.empty(session, worked_before=now - older_than, dead_before=now - set_aside_for, limit=at_once)

    return in_pieces(db, steps, at_once=at_once)


def _by_source(session: Session, delivery_ids: Sequence[int]) -> list[tuple[Source, list[int]]]:
    sources = {source.id: source for source in find_sources(session)}
    grouped: dict[int, list[int]] = {}
    for delivery_id, source_id in lease.sources_of(session, delivery_ids):
        grouped.setdefault(source_id, []).append(delivery_id)
    return [(sources[source_id], delivery_ids) for source_id, delivery_ids in sorted(grouped.items())]


def _try(db: Database, source: Source, delivery_ids: Sequence[int]) -> bool:
    try:
        db.write(lambda session: _work(session, source, delivery_ids))
    except Busy:
        raise  # nothing is wrong with them: the lease runs out and they are due again
    except Exception:
        log.exception("deliveries of %s failed together", name_of(source))
        return False
    return True


def _work_or_put_back(db: Database, source: Source, delivery_id: int) -> None:
    try:
        db.write(lambda session: _work(session, source, [delivery_id]))
    except Busy:
        raise
    except Exception as problem:  # a bug of a connector, or a refusal of the whole: it must not stop the others
        log.exception("delivery %s of %s failed", delivery_id, name_of(source))
        said = storable(str(problem) if isinstance(problem, Refused) else repr(problem), _LONGEST_PROBLEM)
        db.write(lambda session: lease.fail(session, delivery_id, problem=said, now=clock.now()))


def _work(session: Session, source: Source, delivery_ids: Sequence[int]) -> None:
    connector, options = _connector_of(source)
    readings: list[tuple[int, Reading]] = []
    for delivery in lease.take(session, delivery_ids, now=clock.now()):
        try:
            readings.append((delivery.id, connector.read(_message(delivery), options)))
        except Unreadable as problem:
            lease.bury(session, delivery.id, problem=storable(str(problem), _LONGEST_PROBLEM))
    name, here = name_of(source), Joined(session)
    facts = [fact for _, reading in readings for fact in reading.facts]
    withdrawals = [fact for _, reading in readings for fact in reading.withdrawn]
    heard = hear(session, facts)  # before earning: a fan's part in an animation is locked before the fan's points
    outcomes_of_all = earn(here, [*facts, *heard.facts], source=name) if facts else []
    heard.note(outcomes_of_all[len(facts) :])
    hear_codes(session, facts)
    earned = iter(outcomes_of_all[: len(facts)])
    taken_back = iter(withdraw(here, withdrawals, source=name) if withdrawals else ())
    for delivery_id, reading in readings:
        outcomes = [_earned(fact, next(earned)) for fact in reading.facts]
        outcomes += [_taken_back(fact, next(taken_back)) for fact in reading.withdrawn]
        outcomes += [_left_out(problem) for problem in reading.left_out]
        if reading.stop is not None:
            stop_source(session, id_of(source), because=storable(reading.stop, 200), now=clock.now())
            outcomes.append({"status": "source_stopped", "because": storable(reading.stop, 200)})
        lease.note(session, delivery_id, outcomes)


def _connector_of(source: Source) -> tuple[Connector, Any]:
    connector: Connector | None = registry.plugins("loyalty.connectors").get(source.connector)
    if connector is None:
        raise NotFound(what=f"connector {source.connector}")
    return connector, connector.options().load(source.options)


def _message(delivery: Delivery) -> Message:
    headers = {**delivery.headers, "content-type": delivery.content_type}
    return Message(headers=headers, body=delivery.body, received_at=delivery.received_at)


def _earned(fact: ActivityFact, outcome: Outcome) -> dict[str, Any]:
    noted: dict[str, Any] = {"status": outcome.status, "kind": fact.kind, "network": fact.network}
    if outcome.activity_id is not None:
        noted["activity_id"] = str(outcome.activity_id)
    if outcome.outcome is not None:
        noted |= {"outcome": outcome.outcome, "reason": outcome.reason, "points": outcome.points}
    if outcome.problem is not None:
        noted |= _said(outcome.problem)
    return noted


def _taken_back(fact: WithdrawnFact, withdrawn: Withdrawn) -> dict[str, Any]:
    return {"status": withdrawn.status, "withdraws": fact.act_key, "points": -withdrawn.points}


def _left_out(problem: Refused) -> dict[str, Any]:
    return {"status": "left_out", **_said(problem)}


def _said(problem: Refused) -> dict[str, Any]:
    return {"code": problem.code, "says": problem.words.both(problem.holes)}
