"""Senders of messages, and what became of what they delivered."""

from typing import Any

from marshmallow import Schema, fields, validate
from sqlmodel import Session

from loyalty.errors import Conflict, NotFound
from loyalty.fields import Moment, Text, WholeNumber
from loyalty.flows import deliver, manage_sources
from loyalty.flows.deliver import NotSetAside
from loyalty.flows.manage_sources import BadSecret, BadSlug
from loyalty.intake.find import STATES, find_deliveries, find_delivery
from loyalty.intake.tables import Delivery, Source
from loyalty.web.api.openapi import Routes
from loyalty.web.api.schemas import Answer, Id, PageQuery, page, page_of
from loyalty.web.guards import caller, guard, scope
from loyalty.web.services import current_services

routes = Routes("sources", "Networks that send us messages, and the messages they delivered.")


class SourceSchema(Schema):
    """A new sender."""

    connector = Text(
        minimum=1,
        maximum=60,
        required=True,
        metadata={"description": "How its messages are trusted and read.", "enum": sorted(manage_sources.connectors())},
    )
    slug = Text(
        minimum=1,
        maximum=63,
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        required=True,
        metadata={"description": "Ends its address: /hooks/<connector>/<slug>."},
    )
    secret = Text(
        minimum=1,
        maximum=500,
        load_default=None,
        metadata={"description": "As the network gave it; without it one is made, where it is ours to make."},
    )
    options = fields.Dict(keys=Text(maximum=60), load_default=dict, metadata={"description": "Of the connector."})


class KnownSourceSchema(Answer):
    """A sender. Its secrets are never shown."""

    connector = fields.String()
    slug = fields.String()
    path = fields.String(metadata={"description": "Where it sends to, on this installation."})
    options = fields.Dict(keys=fields.String())
    created_at = Moment()
    stopped_at = Moment(allow_none=True)
    stopped_because = fields.String(allow_none=True)


class NewSourceSchema(Answer):
    """Where the network must send to, and the secret it must sign with."""

    path = fields.String()
    url = fields.String()
    secret = fields.String(metadata={"description": "Shown this once."})


class KeptDeliverySchema(Answer):
    """One message as it was kept."""

    id = Id()
    source = fields.String(metadata={"description": "<connector>/<slug>."})
    state = fields.String(
        metadata={
            "enum": list(STATES),
            "description": "`kept` and `failed` will be worked, `worked` was, `dead` waits for a person.",
        }
    )
    received_at = Moment()
    content_type = fields.String()
    size_bytes = WholeNumber(minimum=0, metadata={"description": "Of the body; 0 once it was emptied."})
    attempts = WholeNumber(minimum=0)
    due_at = Moment()
    worked_at = Moment(allow_none=True)
    problem = fields.String(allow_none=True)
    outcomes = fields.List(
        fields.Dict(keys=fields.String()),
        allow_none=True,
        metadata={"description": "What became of each thing it told; null until it was worked."},
    )


class DeliveriesQuery(PageQuery):
    """Which deliveries."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class ReplaySchema(Schema):
    """Why a delivery is worked again."""

    reason = Text(minimum=1, maximum=500, load_default=None, metadata={"description": "Why."})


@routes.route("/sources")
@guard(scope("sources:read"))
@routes.arguments(PageQuery, location="query")
@routes.response(200, page_of(KnownSourceSchema))
def list_sources(query: dict[str, Any]) -> Any:
    """See every sender, in the order they came"""
    limit, cursor = query["limit"], query["cursor"] or 0
    rows = [each for each in manage_sources.list_sources(current_services().db) if (each.id or 0) > cursor]
    rows.sort(key=lambda each: each.id or 0)
    found = page(rows[: limit + 1], limit, lambda source: source.id)
    items = [{**each.model_dump(), "path": f"/hooks/{each.connector}/{each.slug}"} for each in found["items"]]
    return {**found, "items": items}


@routes.route("/sources", methods=["POST"])
@guard(scope("sources:write"))
@routes.arguments(SourceSchema, example={"connector": "webhook", "slug": "quiz-du-matin"})
@routes.response(201, NewSourceSchema)
@routes.refuses(NotFound, Conflict, BadSlug, BadSecret)
def create_source(said: dict[str, Any]) -> Any:
    """Configure a sender

    Its slug makes the request safe to repeat: the second time answers 409.
    """
    services = current_services()
    new = manage_sources.add_source(services.db, services.sealer, **said, actor=caller().actor)
    return {"path": new.path, "url": f"{services.settings.public_url}{new.path}", "secret": new.secret}


@routes.route("/deliveries")
@guard(scope("deliveries:read"))
@routes.arguments(DeliveriesQuery, location="query")
@routes.response(200, page_of(KeptDeliverySchema))
def list_deliveries(query: dict[str, Any]) -> Any:
    """See what senders delivered, the latest first"""
    limit = query["limit"]

    def steps(session: Session) -> dict[str, Any]:
        rows = find_deliveries(session, limit=limit + 1, below_id=query["cursor"], state=query["state"])
        found = page(rows, limit, lambda delivery: delivery.id)
        return {**found, "items": [_shown(session, each) for each in found["items"]]}

    return current_services().db.read(steps)


@routes.route("/deliveries/<id:delivery_id>/replay", methods=["POST"])
@guard(scope("deliveries:write"))
@routes.arguments(ReplaySchema, example={"reason": "Le connecteur est corrigé."})
@routes.response(202, KeptDeliverySchema, description="The worker takes it up in a moment.")
@routes.refuses(NotFound, NotSetAside)
def replay_delivery(said: dict[str, Any], delivery_id: int) -> Any:
    """Work a delivery again

    One that failed, or that waits for a person. What it told before and was recorded is not recorded twice.
    """
    db = current_services().db
    deliver.replay_delivery(db, delivery_id, actor=caller().actor, reason=said["reason"])
    return db.read(lambda session: _shown(session, find_delivery(session, delivery_id)))


def _shown(session: Session, delivery: Delivery) -> dict[str, Any]:
    source = session.get_one(Source, delivery.source_id)  # few sources: the session remembers them
    return {
        **delivery.model_dump(exclude={"body", "headers"}),
        "source": f"{source.connector}/{source.slug}",
        "size_bytes": len(delivery.body),
    }
