"""What is told of an activity: its outcome, and every verdict with its sentence.

Written by hand rather than dumped by the schemas: one answer may tell of a thousand activities.
"""

from typing import Any

from marshmallow import fields

from loyalty.activities.browse import Row
from loyalty.fields import Moment, WholeNumber
from loyalty.flows.earn import Outcome
from loyalty.web.api import sentences
from loyalty.web.api.schemas import Answer, Id, SentenceSchema


class VerdictSchema(Answer):
    """The answer of one rule."""

    rule = fields.String(metadata={"description": "The rule's slug."})
    revision = WholeNumber(metadata={"description": "Which revision of it judged."})
    points_class = fields.String(data_key="class", metadata={"enum": ["redeemable", "status_only", "measure_only"]})
    points = WholeNumber(minimum=0)
    reason = fields.String(metadata={"description": "A code: `awarded`, `cap_reached_day`, `other_network` ..."})
    sentence = fields.Nested(SentenceSchema)


class OutcomeSchema(Answer):
    """What became of an activity, as it is on record."""

    id = Id()
    outcome = fields.String(metadata={"enum": ["awarded", "refused", "measured", "withdrawn"]})
    reason = fields.String(metadata={"description": "The reason told first: that of the verdict nearest to an award."})
    sentence = fields.Nested(SentenceSchema)
    points = WholeNumber(minimum=0, metadata={"description": "Spendable points awarded."})
    status_points = WholeNumber(minimum=0, metadata={"description": "Points for rank only."})
    verdicts = fields.List(fields.Nested(VerdictSchema), metadata={"description": "One for each rule in force."})


class KeptActivitySchema(OutcomeSchema):
    """An activity on record."""

    network = fields.String()
    actor = fields.String()
    fan = Id(allow_none=True, description="Whose account it is; null as long as nobody linked it.")
    kind = fields.String()
    object = fields.String()
    external_id = fields.String(allow_none=True, metadata={"description": "The `id` it was sent with."})
    campaign = fields.String(allow_none=True)
    show = fields.String(allow_none=True)
    quantity = WholeNumber(minimum=0)
    words = WholeNumber(minimum=0, allow_none=True, metadata={"description": "How many were written."})
    source = fields.String(metadata={"description": "Who told us."})
    happened_at = Moment()
    recorded_at = Moment()


def told_outcome(outcome: Outcome) -> dict[str, Any]:
    """What became of a fact, as `OutcomeSchema` describes it."""
    return {
        "id": str(outcome.activity_id),
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "sentence": sentences.of_outcome(
            outcome.reason or "",
            outcome.verdicts,
            points=outcome.points,
            status_points=outcome.status_points,
        ),
        "points": outcome.points,
        "status_points": outcome.status_points,
        "verdicts": [told_verdict(each) for each in outcome.verdicts],
    }


def told_activity(row: Row) -> dict[str, Any]:
    """An activity on record, as `KeptActivitySchema` describes it."""
    return {
        "id": str(row.id),
        "network": row.network,
        "actor": row.actor,
        "fan": None if row.fan_id is None else str(row.fan_id),
        "kind": row.kind,
        "object": row.object,
        "external_id": row.external_id,
        "campaign": row.campaign,
        "show": row.show,
        "quantity": row.quantity,
        "words": row.words,
        "source": row.source,
        "happened_at": row.happened_at.isoformat(),
        "recorded_at": row.recorded_at.isoformat(),
        "outcome": row.outcome,
        "reason": row.reason,
        "sentence": sentences.of_outcome(row.reason, row.verdicts, points=row.points, status_points=row.status_points),
        "points": row.points,
        "status_points": row.status_points,
        "verdicts": [told_verdict(each) for each in row.verdicts],
    }


def told_verdict(kept: dict[str, Any]) -> dict[str, Any]:
    """A verdict as it is kept with its activity, as `VerdictSchema` describes it."""
    return {
        "rule": kept["rule"],
        "revision": kept["revision"],
        "class": kept["class"],
        "points": kept["points"],
        "reason": kept["reason"],
        "sentence": sentences.of_verdict(kept),
    }
