"""A question about one line of the history: asked once, answered by a person."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from marshmallow import Schema
from sqlmodel import Session

from loyalty.activities import browse
from loyalty.errors import Invalid, NotFound, Refused
from loyalty.fans import disputes
from loyalty.fans.tables import Dispute
from loyalty.fields import Text
from loyalty.flows.contest import contest as ask_about
from loyalty.flows.contest import refuse_not_theirs
from loyalty.ledger import find as ledger
from loyalty.web import forms
from loyalty.web.fan import told
from loyalty.web.fan.blueprint import pages
from loyalty.web.fan.told import Told
from loyalty.web.guards import guard, signed_in_fan
from loyalty.web.language import spoken
from loyalty.web.services import current_services

LONGEST = 1000
_LINE = "/history/<any(activity, entry):about>/<id:about_id>"


class QuestionSchema(Schema):
    """What a fan asks."""

    text = Text(minimum=1, maximum=LONGEST, required=True)


@pages.get(_LINE)
@guard("fan")
def question(about: str, about_id: int) -> str:
    """One line with its why, and what was asked about it."""
    return _page(about, about_id)


@pages.post(_LINE)
@guard("fan")
def contest(about: str, about_id: int) -> Any:
    """Ask about it."""
    try:
        text = forms.read(QuestionSchema())["text"].strip()
        ask_about(current_services().db, fan_id=signed_in_fan().fan_id, about=about, about_id=about_id, text=text)
    except NotFound:
        raise
    except Invalid as refused:
        return _page(about, about_id, form=forms.given(), errors=refused.errors), refused.status
    except Refused as refused:
        return _page(about, about_id, form=forms.given(), refused=refused.say(spoken())), refused.status
    return redirect(url_for("fan.question", about=about, about_id=about_id), 303)


def _page(about: str, about_id: int, **known: Any) -> str:
    line, asked = current_services().db.read(lambda session: _read(session, about, about_id))
    return render_template("fan/question.html", line=line, asked=asked, longest=LONGEST, **known)


def _read(session: Session, about: str, about_id: int) -> tuple[Told, Dispute | None]:
    fan_id = signed_in_fan().fan_id
    refuse_not_theirs(session, fan_id=fan_id, about=about, about_id=about_id)
    if about == disputes.ENTRY:
        entry = ledger.line(session, fan_id, about_id)
        assert entry is not None, "it is theirs"
        (line,) = told.lines(session, [entry], fan_id=fan_id)
    else:
        (line,) = told.activities(session, [browse.activity(session, about_id)])
    return line, disputes.about(session, fan_id=fan_id, about=line.about, about_id=line.about_id)
