"""What fans ask about a line of their history: read, answered, and made good with points where it is right."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from marshmallow import Schema, fields, validate
from sqlmodel import Session

from loyalty import ids
from loyalty.activities import browse
from loyalty.errors import Invalid, Refused
from loyalty.fans import disputes
from loyalty.fans.identities import fan_ids_merged_into
from loyalty.fans.tables import Dispute, Fan
from loyalty.fields import BIGGEST, Text
from loyalty.flows.adjust import MOST
from loyalty.flows.make_amends import Amends, answer_with_amends
from loyalty.ledger import find as ledger
from loyalty.programme.find import approval_thresholds
from loyalty.web import forms
from loyalty.web.admin import tables, wording
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.phrases import PHRASES
from loyalty.web.api.schemas import identifier
from loyalty.web.fan import told
from loyalty.web.fan.told import Told
from loyalty.web.guards import caller, guard
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

OPEN, ANSWERED = "open", "answered"
_LONGEST = 2_000


class AnswerSchema(Schema):
    """What is answered, and what is given with it."""

    phrase = fields.String(load_default="", validate=validate.OneOf(("", *PHRASES)))
    answer = Text(maximum=_LONGEST, lines=True, load_default="")
    amount = forms.Number(minimum=1, maximum=MOST, load_default=None)
    nonce = forms.Number(minimum=1, maximum=BIGGEST, required=True)


@pages.get("/questions")
@guard(staff("fans:read"))
def questions() -> str:
    """Those that wait, whoever asked first comes first; or those that were answered."""
    show = ANSWERED if request.args.get("show") == ANSWERED else OPEN
    before = identifier(request.args.get("before", ""))

    def steps(session: Session) -> dict[str, Any]:
        if show == OPEN:
            found = disputes.open_ones(session, limit=tables.PAGE + 1, above_id=before or 0)
        else:
            found = disputes.answered_ones(session, limit=tables.PAGE + 1, below_id=before)
        shown = found[: tables.PAGE]
        return {
            "rows": [_row(session, each) for each in shown],
            "next_key": shown[-1].id if len(found) > tables.PAGE else None,
            "open_count": disputes.how_many_open(session),
        }

    return render_template("admin/questions/list.html", show=show, **current_services().db.read(steps))


@pages.get("/questions/<id:dispute_id>")
@guard(staff("fans:read"))
def questions_one(dispute_id: int) -> str:
    """One question with the line it is about."""
    return _page(dispute_id)


@pages.post("/questions/<id:dispute_id>")
@guard(staff("fans:write", fresh=True))
def questions_answer(dispute_id: int) -> Any:
    """Answer it, with or without points."""
    try:
        said = forms.read(AnswerSchema())
        adjusted = answer_with_amends(
            current_services().db,
            dispute_id,
            answer=_answer(dispute_id, said),
            amends=_amends(dispute_id, said),
            actor=caller().actor,
        )
    except Refused as refused:
        return _page(dispute_id, **forms.refilled(refused)), refused.status
    waits = adjusted is not None and adjusted.waits
    flash(gettext("Answered; the points wait for a second person to agree.") if waits else gettext("Answered."))
    return redirect(url_for("admin.questions"), 303)


def _answer(dispute_id: int, said: dict[str, Any]) -> str:
    """The chosen phrase in the fan's language, then one's own words."""

    def language(session: Session) -> str:
        return session.get_one(Fan, disputes.get(session, dispute_id).fan_id).language

    phrase = PHRASES[said["phrase"]].say(current_services().db.read(language)) if said["phrase"] else ""
    answer = "\n\n".join(part for part in (phrase, said["answer"].strip()) if part)
    if not answer:
        raise Invalid({"answer": ["Must not be blank."]})
    return answer


def _amends(dispute_id: int, said: dict[str, Any]) -> Amends | None:
    if said["amount"] is None:
        return None
    reason = gettext("With the answer to the question %(number)s", number=dispute_id)
    return Amends(amount=said["amount"], reason=reason, key=said["nonce"])


def _row(session: Session, asked: Dispute) -> dict[str, Any]:
    fan = session.get_one(Fan, asked.fan_id)
    return {
        "asked": asked,
        "fan": fan,
        "name": fan.display_name or fan.email or fan.reference or str(fan.id),
        "line": _line(session, asked),
        "answered_by": None if asked.answered_by is None else wording.actor(asked.answered_by),
    }


def _line(session: Session, asked: Dispute) -> Told | None:
    """What it is about; an entry may be of a fan that was merged into this one."""
    if asked.about == disputes.ACTIVITY:
        return told.activities(session, [browse.activity(session, asked.about_id)])[0]
    for holder_id in (asked.fan_id, *fan_ids_merged_into(session, asked.fan_id)):
        entry = ledger.line(session, holder_id, asked.about_id)
        if entry is not None:
            return told.lines(session, [entry], fan_id=asked.fan_id)[0]
    return None


def _page(dispute_id: int, **known: Any) -> str:
    def steps(session: Session) -> dict[str, Any]:
        row = _row(session, disputes.get(session, dispute_id))
        return {**row, "threshold": approval_thresholds(session).points}

    read = current_services().db.read(steps)
    phrases = [("", gettext("None, my own words"))]
    phrases += [(code, words.say(read["fan"].language)) for code, words in PHRASES.items()]
    form = {"phrases": phrases, "longest": _LONGEST, "nonce": ids.new()}
    return render_template("admin/questions/one.html", **{**read, **form, **known})
