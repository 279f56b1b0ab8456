"""Taking part in what the station hosts: the question, and what became of the answer."""

from __future__ import annotations

from flask import render_template

from loyalty import clock
from loyalty.animations.refusals import AnimationNotFound
from loyalty.errors import Invalid, Refused
from loyalty.flows.animate import OnNow, open_animations
from loyalty.flows.answer import Taken, answer
from loyalty.rules.words import explain_outcome
from loyalty.web import forms
from loyalty.web.fan.blueprint import pages
from loyalty.web.guards import guard, signed_in_fan
from loyalty.web.language import spoken
from loyalty.web.services import current_services


@pages.get("/play/<slug>")
@guard("fan")
def play(slug: str) -> str:
    """One animation that is on."""
    return _page(_on_now(slug))


@pages.post("/play/<slug>")
@guard("fan")
def take_part(slug: str) -> tuple[str, int]:
    """Answer; the same answer again says that there is one already."""
    services, fan_id = current_services(), signed_in_fan().fan_id
    on_now = _on_now(slug)
    try:
        taken = answer(services.db, slug, fan_id=fan_id, said=forms.given())
    except (AnimationNotFound, Invalid):
        raise
    except Refused as refused:
        return _page(on_now, refused=refused.words.say(spoken(), time_zone=services.zone(), **refused.holes)), 200
    return _page(on_now, told=_told(taken)), 200


def _on_now(slug: str) -> OnNow:
    fan_id = signed_in_fan().fan_id
    for each in open_animations(current_services().db, clock.now(), fan_id=fan_id):
        if each.animation.slug == slug:
            return each
    raise AnimationNotFound(slug=slug)


def _told(taken: Taken) -> str:
    if taken.outcome is None:
        assert taken.waiting is not None, "an answer in review says so"
        return taken.waiting.say(spoken())
    outcome = taken.outcome
    return explain_outcome(
        outcome.reason or "",
        outcome.verdicts,
        spoken(),
        points=outcome.points,
        status_points=outcome.status_points,
        time_zone=current_services().zone(),
    )


def _page(on_now: OnNow, *, refused: str | None = None, told: str | None = None) -> str:
    words, holes = on_now.how
    return render_template(
        f"fan/animations/{on_now.animation.kind}.html",
        animation=on_now.animation,
        how=words.say(spoken(), time_zone=current_services().zone(), **holes),
        done=on_now.part is not None and on_now.part.state != "trying",
        refused=refused,
        told=told,
    )
