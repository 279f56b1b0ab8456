"""Tiers: the ladder, where a fan stands on it, and how that came to be."""

from typing import Any

from marshmallow import fields
from sqlmodel import Session

from loyalty import clock
from loyalty.errors import NotFound
from loyalty.fans.identities import holder_ids_of_fan
from loyalty.fans.register import get_fan
from loyalty.fields import Moment, WholeNumber
from loyalty.programme.find import the_programme
from loyalty.tiers import find
from loyalty.tiers.decide import REASONS
from loyalty.web.api.openapi import Routes
from loyalty.web.api.schemas import Answer
from loyalty.web.guards import guard, scope
from loyalty.web.services import current_services

routes = Routes("tiers", "The ladder of status points, and who stands where on it.")
_MOST_CHANGES = 1_000  # of one fan: a few a year


class TierOnLadderSchema(Answer):
    """One step of the ladder."""

    slug = fields.String()
    name_fr = fields.String()
    name_en = fields.String()
    perks_fr = fields.String(metadata={"description": "What it brings, in French."})
    perks_en = fields.String(metadata={"description": "In English."})
    threshold = WholeNumber(minimum=1, metadata={"description": "The status points to earn within a year."})


class LadderSchema(Answer):
    """Every tier that can be reached."""

    items = fields.List(fields.Nested(TierOnLadderSchema), metadata={"description": "The lowest first."})


class ChangeSchema(Answer):
    """A fan's tier became another, or holds longer."""

    from_tier = fields.String(allow_none=True, metadata={"description": "Its slug; null: none."})
    to_tier = fields.String(allow_none=True, metadata={"description": "Its slug; null: none."})
    reason = fields.String(metadata={"enum": list(REASONS)})
    points = WholeNumber(minimum=0, metadata={"description": "The status points earned within the year it is by."})
    year_ends_at = Moment(metadata={"description": "The end of that year, that instant not included."})
    holds_until = Moment(allow_none=True)
    at = Moment()


class FanTierSchema(Answer):
    """Where a fan stands."""

    tier = fields.String(allow_none=True, metadata={"description": "Its slug; null: on no step yet."})
    holds_until = Moment(
        allow_none=True, metadata={"description": "Until when it is promised, that instant not included."}
    )
    points = WholeNumber(minimum=0, metadata={"description": "Status points earned this year."})
    year_ends_at = Moment(metadata={"description": "When this year ends, that instant not included."})
    next_tier = fields.String(allow_none=True, metadata={"description": "The one above; null: there is none."})
    to_next = WholeNumber(minimum=0, metadata={"description": "Still to earn this year for it; 0: there is none."})
    to_keep = WholeNumber(
        minimum=0, metadata={"description": "Still to earn this year to keep the tier beyond its date; 0: nothing."}
    )
    changes = fields.List(fields.Nested(ChangeSchema), metadata={"description": "The latest first."})


@routes.route("/tiers")
@guard(scope("rewards:read"))
@routes.response(200, LadderSchema)
def show_ladder() -> Any:
    """See the ladder

    Who earns a tier's threshold of status points within a year has it until the end of the next.
    """
    return {"items": current_services().db.read(find.open_ladder)}


@routes.route("/fans/<id:fan_id>/tier")
@guard(scope("fans:read"))
@routes.response(200, FanTierSchema)
@routes.refuses(NotFound)
def show_tier(fan_id: int) -> Any:
    """See a fan's tier, what is next, and how it came to be"""

    def steps(session: Session) -> dict[str, Any]:
        get_fan(session, fan_id)
        stands = find.standing(session, fan_id, programme=the_programme(session), now=clock.now())
        return {
            "tier": stands.tier.slug if stands.tier else None,
            "holds_until": stands.holds_until,
            "points": stands.points,
            "year_ends_at": stands.year_ends_at,
            "next_tier": stands.next.slug if stands.next else None,
            "to_next": stands.to_next,
            "to_keep": stands.to_keep,
            "changes": find.changes(session, holder_ids_of_fan(session, fan_id), limit=_MOST_CHANGES),
        }

    return current_services().db.read(steps)
