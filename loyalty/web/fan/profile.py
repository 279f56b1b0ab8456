"""Who a fan is here, and the way out: name, language, networks, devices, export, erasure."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, current_app, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from marshmallow import Schema
from sqlmodel import Session

from loyalty import clock
from loyalty.access import sessions
from loyalty.errors import Invalid
from loyalty.fans import consents
from loyalty.fans.find import linked_identities
from loyalty.fans.register import get_fan
from loyalty.fields import Text
from loyalty.flows import stay
from loyalty.flows.erase import erase_fan
from loyalty.flows.export import export_fan
from loyalty.flows.manage_fan import change_profile
from loyalty.flows.seal import statement_of
from loyalty.ledger import find as ledger
from loyalty.vouchers import find as vouchers
from loyalty.web import fan_session, forms, language
from loyalty.web.fan import wording
from loyalty.web.fan.blueprint import pages
from loyalty.web.fan.networks import offered
from loyalty.web.guards import caller, guard, signed_in_fan
from loyalty.web.services import current_services


class ProfileSchema(Schema):
    """What a fan may change alone."""

    display_name = Text(minimum=1, maximum=60, required=True)
    language = forms.language()
    newsletter = forms.Box()


class EraseSchema(Schema):
    """The word that says one means it."""

    word = Text(maximum=40, load_default="")


@pages.get("/profile")
@guard("fan")
def profile() -> str:
    """Everything a fan may see and change about themselves."""
    return _page()


@pages.post("/profile")
@guard("fan")
def save() -> Any:
    """Change it."""
    try:
        said = forms.read(ProfileSchema())
    except Invalid as refused:
        return _page(form=forms.given(), errors=refused.errors), refused.status
    change_profile(
        current_services().db,
        fan_id=signed_in_fan().fan_id,
        display_name=said["display_name"].strip(),
        language=said["language"],
        newsletter=said["newsletter"],
    )
    language.forget()
    flash("saved")
    return redirect(url_for("fan.profile"), 303)


@pages.post("/sign-out")
@guard("visitor")
def sign_out() -> Response:
    """End this session; nothing to do is no error."""
    token = fan_session.token()
    if token is not None:
        stay.sign_out(current_services().db, token)
    return fan_session.end(make_response(redirect(url_for("fan.home"), 303)))


@pages.post("/sign-out-everywhere")
@guard("fan")
def sign_out_everywhere() -> Response:
    """End every session of this fan."""
    stay.sign_out_everywhere(current_services().db, signed_in_fan().fan_id)
    return fan_session.end(make_response(redirect(url_for("fan.home"), 303)))


@pages.get("/profile/statement.json")
@guard("fan")
def statement() -> Response:
    """Every entry of a fan, each with what proves it to others: see `ledger/proof.py`."""
    said = statement_of(current_services().db, signed_in_fan().fan_id)
    response = make_response(json.dumps(said))
    response.content_type = "application/json"
    response.headers["Content-Disposition"] = 'attachment; filename="statement.json"'
    return response


@pages.get("/profile/export.json")
@guard("fan")
def export() -> Response:
    """Everything that is kept about a fan (GDPR, articles 15 and 20)."""
    kept = export_fan(current_services().db, signed_in_fan().fan_id)
    said = json.dumps(kept, ensure_ascii=False, indent=2, default=str)
    response = current_app.response_class(said, mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="loyalty-{clock.now():%Y-%m-%d}.json"'
    return response


@pages.get("/profile/erase")
@guard("fan")
def erase() -> str:
    """What an erasure takes, before it is asked for."""
    return _erase_page()


@pages.post("/profile/erase")
@guard("fan")
def confirm_erase() -> Any:
    """Erase this fan, if the word was typed."""
    if forms.read(EraseSchema())["word"].strip().casefold() != _word().casefold():
        return _erase_page(wrong=True), 422
    erase_fan(current_services().db, fan_id=signed_in_fan().fan_id, actor=caller().actor)
    return fan_session.end(make_response(render_template("fan/erased.html", fan=None)))


def _page(**known: Any) -> str:
    fan_id = signed_in_fan().fan_id

    def steps(session: Session) -> dict[str, Any]:
        fan = get_fan(session, fan_id)
        return {
            "email": fan.email,
            "form": {
                "display_name": fan.display_name or "",
                "language": fan.language,
                "newsletter": "on" if consents.has_given(session, fan_id, consents.NEWSLETTER) else "",
            },
            "identities": linked_identities(session, fan_id),
            "offered": offered(session),
            "sessions": sessions.open_sessions(session, kind=sessions.FAN, subject_id=fan_id),
        }

    read = {**current_services().db.read(steps), "this_session": signed_in_fan().session_id, "network": wording.network}
    return render_template("fan/profile.html", **{**read, **known})


def _erase_page(*, wrong: bool = False) -> str:
    fan_id = signed_in_fan().fan_id

    def steps(session: Session) -> tuple[int, int]:
        now = clock.now()
        return (
            ledger.balance(session, fan_id, now=now).points,
            vouchers.how_many_open(session, fan_id, now=now),
        )

    points, waiting = current_services().db.read(steps)
    return render_template("fan/erase.html", points=points, waiting=waiting, word=_word(), wrong=wrong)


def _word() -> str:
    return str(gettext("ERASE"))
