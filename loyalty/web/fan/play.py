"""Taking part in what the station hosts: the question, and what became of the answer."""

from __future__ import annotations

from flask import render_template

from loyalty.animations.refusals import AnimationNotFound
from loyalty.animations.tables import TRYING, Animation
from loyalty.errors import Invalid, Refused
from loyalty.flows.animate import OnNow
from loyalty.flows.answer import Taken, answer
from loyalty.rules.words import explain_outcome
from loyalty.web import forms
from loyalty.web.fan import facts
from loyalty.web.fan.blueprint import pages
from loyalty.web.guards import guard, signed_in_fan
from loyalty.web.language import spoken
from loyalty.web.services import current_services


@pages.get("/play/<slug>")
@guard("fan")
def play(slug: str) -> str:
    """One animation that is on."""
    on_now = _on_now(slug)
    return _page(on_now.animation, on_now)


@pages.post("/play/<slug>")
@guard("fan")
def take_part(slug: str) -> tuple[str, int]:
    """Answer; the same answer again says that there is one already."""
    services, fan_id = current_services(), signed_in_fan().fan_id
    try:
        taken = answer(services.db, slug, fan_id=fan_id, said=forms.given())
    except (AnimationNotFound, Invalid):
        raise
    except Refused as refused:
        said = refused.words.say(spoken(), time_zone=services.zone(), **refused.holes)
        on_now = _on_now(slug)
        return _page(on_now.animation, on_now, refused=said), 200
    return _page(taken.animation, told=_told(taken)), 200


def _on_now(slug: str) -> OnNow:
    fan_id = signed_in_fan().fan_id
    for each in facts.on_now(fan_id):
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


def _page(
    animation: Animation, on_now: OnNow | None = None, *, refused: str | None = None, told: str | None = None
) -> str:
    """The question, unless `told` answers it."""
    how = None
    if on_now is not None:
        words, holes = on_now.how
        how = words.say(spoken(), time_zone=current_services().zone(), **holes)
    return render_template(
        f"fan/animations/{animation.kind}.html",
        animation=animation,
        how=how,
        done=on_now is not None and on_now.part is not None and on_now.part.state != TRYING,
        refused=refused,
        told=told,
    )
