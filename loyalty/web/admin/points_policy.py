"""The points policy: how far points are taken back, whether fans give them to each other, how long which ones wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from marshmallow import Schema, fields, validate
from sqlmodel import Session
from werkzeug import Response

from loyalty.errors import Invalid
from loyalty.fields import Text
from loyalty.flows.change_programme import change_programme, change_waiting
from loyalty.programme.points_policy import DEBT, DEBT_POLICIES, NONE, WITHIN_BALANCE
from loyalty.programme.tables import Programme
from loyalty.rules.conditions.network import NAMES, OURS
from loyalty.web import field_errors, forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.fan import wording
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

LONGEST_WAIT = 2_160  # hours: ninety days
_WHICH = r"(kind|network):[a-z0-9_.-]{1,60}"


class DebtSchema(Schema):
    """How far points are taken back."""

    debt_policy = fields.String(required=True, validate=validate.OneOf(DEBT_POLICIES))
    reason = Text(minimum=1, maximum=500, required=True)


class TransfersSchema(Schema):
    """Whether fans give points to each other."""

    transfers_allowed = forms.Box()
    transfer_smallest = forms.Number(minimum=1, maximum=10**9, required=True)
    transfer_most_per_day = forms.Number(minimum=1, maximum=10**9, required=True)
    reason = Text(minimum=1, maximum=500, required=True)


class WaitSchema(Schema):
    """Which points wait, and how long."""

    which = Text(maximum=70, pattern=_WHICH, required=True)
    hours = forms.Number(minimum=1, maximum=LONGEST_WAIT, required=True)
    reason = Text(minimum=1, maximum=500, required=True)


class NoWaitSchema(Schema):
    """Which points need not wait any more."""

    which = Text(maximum=70, pattern=_WHICH, required=True)
    reason = Text(minimum=1, maximum=500, required=True)


@pages.get("/programme/points")
@guard(staff("programme:read"))
def programme_points() -> str:
    """What is decided."""
    return _page()


@pages.post("/programme/points/debt")
@guard(staff("programme:write", fresh=True))
def programme_points_debt() -> Any:
    """Decide how far points are taken back, from the next reversal on."""
    return _act("debt", DebtSchema(), _change)


@pages.post("/programme/points/transfers")
@guard(staff("programme:write", fresh=True))
def programme_points_transfers() -> Any:
    """Decide whether fans may give points."""

    def save(said: dict[str, Any]) -> None:
        if said["transfer_smallest"] > said["transfer_most_per_day"]:
            raise Invalid({"transfer_most_per_day": [gettext("Not less than the smallest.")]})
        _change(said)

    return _act("transfers", TransfersSchema(), save)


@pages.post("/programme/points/waits")
@guard(staff("programme:write", fresh=True))
def programme_points_wait() -> Any:
    """Have some points wait, or longer, or shorter; those that wait already keep their time."""
    return _act("wait", WaitSchema(), _change_waiting)


@pages.post("/programme/points/waits/remove")
@guard(staff("programme:write", fresh=True))
def programme_points_no_wait() -> Any:
    """Let such points wait no more."""
    return _act("no-wait", NoWaitSchema(), _change_waiting)


def _change(said: dict[str, Any]) -> None:
    change_programme(current_services().db, said, reason=said.pop("reason"), actor=caller().actor)


def _change_waiting(said: dict[str, Any]) -> None:
    change_waiting(current_services().db, said["which"], said.get("hours"), reason=said["reason"], actor=caller().actor)


def _act(act: str, schema: Schema, save: Callable[[dict[str, Any]], None]) -> tuple[str, int] | Response:
    try:
        save(forms.read(schema))
    except Invalid as refused:
        errors = field_errors.in_words(refused.errors, spoken())
        return _page(act=act, errors=errors, form=forms.given()), refused.status
    flash("saved")
    return redirect(url_for("admin.programme_points"), 303)


def _page(act: str | None = None, **known: Any) -> str:
    kept = current_services().db.read(lambda session: _kept(session))
    waits = sorted((_called(which), which, hours) for which, hours in kept.pending_hours.items())
    return render_template(
        "admin/points_policy.html",
        kept=kept,
        waits=waits,
        policies=_policies(),
        choices=_choices(),
        longest=LONGEST_WAIT,
        act=act,
        **known,
    )


def _kept(session: Session) -> Programme:
    return session.get_one(Programme, 1)


def _policies() -> list[tuple[str, str, str]]:
    return [
        (
            DEBT,
            gettext("All that was earned by it"),
            gettext("What was spent already is owed: the next points earned pay it first."),
        ),
        (
            WITHIN_BALANCE,
            gettext("What the fan has left"),
            gettext("What was spent already is forgiven, for good."),
        ),
        (
            NONE,
            gettext("Only what is still pending"),
            gettext("What could be spent already stays with the fan, and goes on filling the caps."),
        ),
    ]


def _choices() -> list[tuple[str, list[tuple[str, str]]]]:
    kinds = sorted((words.say(spoken()), f"kind:{code}") for code, words in wording.KINDS.items())
    networks = sorted((wording.network(code, spoken()) or current_services().look().name, f"network:{code}")
                      for code in (*NAMES, *OURS))  # fmt: skip
    return [
        (gettext("Activities"), [(which, said) for said, which in kinds]),
        (gettext("Networks"), [(which, said) for said, which in networks]),
    ]


def _called(which: str) -> str:
    of, _, code = which.partition(":")
    if of == "kind":
        return wording.KINDS[code].say(spoken()) if code in wording.KINDS else code
    return wording.network(code, spoken()) or current_services().look().name
