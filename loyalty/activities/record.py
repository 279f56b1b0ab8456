"""Writes activities, each with its one outcome and the verdicts that led to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.activities.fact import KeyedFact
from loyalty.activities.tables import Activity, Verdicts
from loyalty.db import is_distributed
from loyalty.ids import bucket_of

_activity = Activity.__table__  # type: ignore[attr-defined]
_verdicts = Verdicts.__table__  # type: ignore[attr-defined]
_COLUMNS = (
    "id",
    "bucket",
    "holder_id",
    "identity_id",
    "act_key",
    "fingerprint",
    "source",
    "network",
    "kind",
    "object",
    "external_id",
    "campaign",
    "show",
    "quantity",
    "words",
    "text_digest",
    "happened_at",
    "recorded_at",
    "local_day",
    "outcome",
    "reason",
    "points",
    "status_points",
    "verdicts_digest",
)


class KeptVerdict(Protocol):
    """A verdict that knows how it is kept."""

    kept: dict[str, Any]
    text: str


@dataclass(slots=True, kw_only=True)
class Judged:
    """One fact with everything that was decided about it."""

    id: int
    act: KeyedFact
    holder_id: int
    identity_id: int
    words: int | None
    text_digest: str | None
    happened_at: datetime
    local_day: int
    outcome: str
    reason: str
    points: int
    status_points: int
    verdicts: Sequence[KeptVerdict]


def record(session: Session, judged: Sequence[Judged], *, source: str, recorded_at: datetime) -> None:
    """Keep these activities.

    Raises:
        sqlalchemy.exc.IntegrityError: an act is on record already.
    """
    rows = []
    digests: dict[str, str] = _Digests()
    for each in judged:
        fact = each.act.fact
        row = (
            each.id,
            bucket_of(each.holder_id),
            each.holder_id,
            each.identity_id,
            each.act.act_key,
            each.act.fingerprint,
            source,
            fact.network,
            fact.kind,
            fact.object,
            fact.external_id,
            fact.campaign,
            fact.show,
            fact.quantity,
            each.words,
            each.text_digest,
            each.happened_at,
            recorded_at,
            each.local_day,
            each.outcome,
            each.reason,
            each.points,
            each.status_points,
            digests["[" + ",".join([verdict.text for verdict in each.verdicts]) + "]"],
        )
        rows.append(row)
    _keep_verdicts(session, digests)
    bulk.insert(session, _activity, _COLUMNS, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAgain:
    """An activity that is on record, with all that is decided about it now."""

    id: int
    bucket: int
    outcome: str
    reason: str
    points: int
    status_points: int
    verdicts: Sequence[dict[str, Any]]


def record_again(session: Session, judged: Sequence[JudgedAgain]) -> None:
    """Keep new verdicts in the place of former ones."""
    digests: dict[str, str] = _Digests()
    rows = [
        (
            each.outcome,
            each.reason,
            each.points,
            each.status_points,
            digests[json.dumps(each.verdicts, ensure_ascii=False, separators=(",", ":"))],
            each.id,
            each.bucket,
        )
        for each in judged
    ]
    _keep_verdicts(session, digests)
    said = ("outcome", "reason", "points", "status_points", "verdicts_digest")
    bulk.update(session, _activity, rows, keys=("id", "bucket"), sets=said)


def _keep_verdicts(session: Session, digests: dict[str, str]) -> None:
    if is_distributed(session) and digests:  # a new one is written to every machine: most are there
        there = sa.select(_verdicts.c.digest).where(bulk.one_of(session, _verdicts.c.digest, digests.values()))
        known = set(session.execute(there).scalars())
        digests = {text: digest for text, digest in digests.items() if digest not in known}
    alike = sorted((digest, text) for text, digest in digests.items())  # one order, or two batches deadlock
    bulk.insert_missing(session, _verdicts, ("digest", "verdicts"), alike, keys=("digest",))


class _Digests(dict[str, str]):
    """The digest of each text asked for, made once."""

    def __missing__(self, text: str) -> str:
        self[text] = digest = hashlib.sha256(text.encode()).hexdigest()[:32]
        return digest


def mark_withdrawn(session: Session, activity_id: int, bucket: int) -> None:
    """The whole act is no more; what it had earned stays readable in its verdicts."""
    session.execute(
        sa.update(_activity)
        .where(_activity.c.id == activity_id, _activity.c.bucket == bucket)
        .values(outcome="withdrawn", reason="withdrawn")
    )
