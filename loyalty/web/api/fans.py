"""Fans: who they are, what they have and why."""

from typing import Any

from flask import Response, jsonify
from sqlmodel import Session

from loyalty import clock
from loyalty.clock import NEVER
from loyalty.db import Joined
from loyalty.errors import Conflict, NotFound
from loyalty.fans.find import identity, linked_identities
from loyalty.fans.register import get_fan
from loyalty.flows.link import IdentityTaken, NotAnAccount, link, register
from loyalty.flows.unlink import unlink
from loyalty.ledger import find as ledger
from loyalty.tiers.find import tier_of
from loyalty.web.api.activities import listed
from loyalty.web.api.fan_schemas import (
    BalanceSchema,
    EntriesQuery,
    EntrySchema,
    FanSchema,
    FanWithAccountsSchema,
    KnownFanSchema,
    LinkedSchema,
)
from loyalty.web.api.idempotency import answer_once
from loyalty.web.api.openapi import Routes
from loyalty.web.api.outcomes import KeptActivitySchema
from loyalty.web.api.schemas import PageQuery, page, page_of
from loyalty.web.guards import caller, guard, scope
from loyalty.web.services import current_services

routes = Routes("fans", "Members of the programme, their network accounts, balances and entries.")


EXAMPLE = {"reference": "A-1042", "display_name": "Inès", "email": "ines@example.org", "language": "fr"}


@routes.route("/fans", methods=["POST"])
@guard(scope("fans:write"))
@routes.arguments(FanSchema, example=EXAMPLE)
@routes.response(201, KnownFanSchema)
@routes.refuses(Conflict)
@routes.idempotent
def register_fan(said: dict[str, Any]) -> Response:
    """Register a fan

    With an empty wallet; accounts linked later bring what they have earned.
    """
    actor = caller().actor

    def run(db: Joined) -> Any:
        return register(db, actor=actor, **said)

    return answer_once(KnownFanSchema(), run)


@routes.route("/fans/<id:fan_id>")
@guard(scope("fans:read"))
@routes.response(200, FanWithAccountsSchema)
@routes.refuses(NotFound)
def show_fan(fan_id: int) -> Any:
    """See a fan"""

    def steps(session: Session) -> dict[str, Any]:
        fan = get_fan(session, fan_id)
        return {
            **fan.model_dump(),
            "identities": linked_identities(session, fan_id),
            "tier": tier_of(session, fan_id),
        }

    return current_services().db.read(steps)


@routes.route("/fans/<id:fan_id>/balance")
@guard(scope("fans:read"))
@routes.response(200, BalanceSchema)
@routes.refuses(NotFound)
def show_balance(fan_id: int) -> Any:
    """See what a fan has"""

    def steps(session: Session) -> dict[str, Any]:
        get_fan(session, fan_id)
        return _balance(session, fan_id, fan_id)

    return current_services().db.read(steps)


@routes.route("/fans/<id:fan_id>/entries")
@guard(scope("fans:read"))
@routes.arguments(EntriesQuery, location="query")
@routes.response(200, page_of(EntrySchema))
@routes.refuses(NotFound)
def list_entries(query: dict[str, Any], fan_id: int) -> Any:
    """See how a fan's balance came to be, the latest first"""
    limit = query["limit"]

    def steps(session: Session) -> list[Any]:
        get_fan(session, fan_id)
        return ledger.entries(session, fan_id, limit=limit + 1, before=query["cursor"])

    found = page(current_services().db.read(steps), limit, lambda leg: f"{leg.id}.{leg.leg}")
    items = [{**leg._mapping, "change": ledger.change(leg), "expires_at": _expiry(leg)} for leg in found["items"]]
    return {**found, "items": items}


@routes.route("/fans/<id:fan_id>/activities")
@guard(scope("activities:read"))
@routes.arguments(PageQuery, location="query")
@routes.response(200, page_of(KeptActivitySchema))
@routes.refuses(NotFound)
def list_activities_of_fan(query: dict[str, Any], fan_id: int) -> Response:
    """See what a fan did, the latest recorded first"""
    current_services().db.read(lambda session: get_fan(session, fan_id))
    return jsonify(listed(query, fan_id))


@routes.route("/fans/<id:fan_id>/identities/<word:network>/<account:external_id>", methods=["PUT"])
@guard(scope("fans:write"))
@routes.response(200, LinkedSchema)
@routes.refuses(NotFound, IdentityTaken, NotAnAccount)
def link_identity(fan_id: int, network: str, external_id: str) -> Any:
    """Link a network account to a fan

    What the account has earned on its own becomes the fan's, with its expiries. Again changes nothing.
    """
    linked = link(
        current_services().db,
        fan_id=fan_id,
        network=network,
        external_id=external_id,
        actor=caller().actor,
    )
    return {
        "fan": fan_id,
        "network": network,
        "external_id": external_id,
        "points_moved": linked.points_moved,
    }


@routes.route("/fans/<id:fan_id>/identities/<word:network>/<account:external_id>", methods=["DELETE"])
@guard(scope("fans:write"))
@routes.response(204)
@routes.refuses(NotFound)
def unlink_identity(fan_id: int, network: str, external_id: str) -> Any:
    """Unlink a network account

    What it earned stays the fan's, with its activities; what it does next is its own, until it is linked again. Again:
    404, for it is no account of theirs any more.
    """
    unlink(current_services().db, fan_id=fan_id, network=network, external_id=external_id, actor=caller().actor)
    return "", 204


@routes.route("/identities/<word:network>/<account:external_id>/balance")
@guard(scope("fans:read"))
@routes.response(200, BalanceSchema)
@routes.refuses(NotFound)
def show_identity_balance(network: str, external_id: str) -> Any:
    """See what a network account has

    If a fan has linked it, what that fan has; else what it earned on its own.
    """

    def steps(session: Session) -> dict[str, Any]:
        known = identity(session, network, external_id)
        return _balance(session, known.holder_id, known.fan_id)

    return current_services().db.read(steps)


def _balance(session: Session, holder_id: int, fan_id: int | None) -> dict[str, Any]:
    has = ledger.balance(session, holder_id, now=clock.now())
    return {
        "fan": fan_id,
        "points": has.points,
        "held": has.held,
        "pending": has.pending,
        "waits": [{"points": each.points, "available_at": each.available_at} for each in has.waits],
        "status_points": has.status_points,
        "debt": has.debt,
        "lots": has.lots,
    }


def _expiry(leg: Any) -> Any:
    return None if leg.expires_at == NEVER else leg.expires_at
