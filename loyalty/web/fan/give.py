"""A fan gives points to another: by the code the other one shows, with a look at the name before it is done."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, session, url_for
from flask_babel import gettext
from marshmallow import Schema
from sqlmodel import Session

from loyalty import clock, ids
from loyalty.db import Joined
from loyalty.errors import Invalid, NotFound, Refused
from loyalty.fans import give_codes
from loyalty.fans.link_codes import spell
from loyalty.fields import Text
from loyalty.flows import transfer as flow
from loyalty.flows.once import fingerprint, once
from loyalty.ledger import find as ledger
from loyalty.ledger.post import NotEnoughPoints
from loyalty.programme.points_policy import Transfers, transfers
from loyalty.web import field_errors, forms
from loyalty.web.fan.blueprint import pages
from loyalty.web.guards import guard, signed_in_fan
from loyalty.web.language import spoken
from loyalty.web.services import current_services

_SHOWN = "give"  # in the cookie: the number of the code this browser was shown, and the code itself


class WantedSchema(Schema):
    """How many, to whom."""

    code = Text(minimum=1, maximum=40, required=True)
    amount = forms.Number(minimum=1, maximum=10**9, required=True)


class ConfirmedSchema(WantedSchema):
    """The same, and the number the page gave this gift: the same form twice is one gift."""

    gift = Text(minimum=1, maximum=100, required=True, pattern="[A-Za-z0-9_-]+")


@pages.get("/give")
@guard("fan")
def give() -> str:
    """What is needed to give, and to be given."""
    return _page()


@pages.post("/give")
@guard("fan")
def give_look() -> Any:
    """Whom the code is of, before anything happens."""
    try:
        said = forms.read(WantedSchema())
        rules, has = _rules_and_balance()
        if said["amount"] < rules.smallest:
            raise flow.TransferTooSmall(smallest=rules.smallest)
        if said["amount"] > has:
            raise NotEnoughPoints(balance=has, cost=said["amount"], missing=said["amount"] - has)
        receiver = flow.receiver_of(current_services().db, sender_id=signed_in_fan().fan_id, typed=said["code"])
    except Refused as refused:
        return _refused(refused)
    return render_template(
        "fan/give_confirm.html", receiver=receiver, said=said, left=has - said["amount"], gift=ids.secret(128)
    )


@pages.post("/give/confirm")
@guard("fan")
def give_confirm() -> Any:
    """Do it."""
    fan_id, db = signed_in_fan().fan_id, current_services().db
    try:
        said = forms.read(ConfirmedSchema())

        def run(joined: Joined) -> flow.Given:
            find = partial(flow.find_receiver, sender_id=fan_id, typed=said["code"])
            return flow.transfer(joined, sender_id=fan_id, receiver_id=joined.read(find).fan_id, amount=said["amount"])

        with flow.guessing(db, fan_id):
            once(
                db,
                credential=f"fan:{fan_id}",
                key=said["gift"],
                fingerprint=fingerprint("POST", "/give", [said["code"], said["amount"]]),
                run=run,
                render=lambda given: (201, json.dumps({"id": str(given.id)})),
            )
    except Refused as refused:
        return _refused(refused)
    flash(gettext("Given. It stands in your history, and in theirs."))
    return redirect(url_for("fan.give"), 303)


@pages.post("/give/code")
@guard("fan")
def give_code() -> Any:
    """Make a code to be given points by."""
    try:
        code_id, code = flow.show_give_code(current_services().db, signed_in_fan().fan_id)
    except flow.TransfersNotAllowed:
        raise NotFound(what="give") from None
    except Refused as refused:
        return _refused(refused)
    session[_SHOWN] = [code_id, code]
    return redirect(url_for("fan.give", _anchor="receive"), 303)


def _refused(refused: Refused) -> tuple[str, int]:
    errors = field_errors.in_words(refused.errors, spoken()) if isinstance(refused, Invalid) else {}
    return _page(form=forms.given(), errors=errors, refused=None if errors else refused.say(spoken())), refused.status


def _rules_and_balance() -> tuple[Transfers, int]:
    fan_id = signed_in_fan().fan_id

    def steps(read: Session) -> tuple[Transfers, int]:
        return transfers(read), ledger.balance(read, fan_id, now=clock.now()).points

    rules, has = current_services().db.read(steps)
    if not rules.allowed:
        raise NotFound(what="give")
    return rules, has


def _page(**known: Any) -> str:
    rules, has = _rules_and_balance()
    code_id, code = session.get(_SHOWN) or (None, "")
    until = None
    if code_id is not None:
        fan_id = signed_in_fan().fan_id
        until = current_services().db.read(lambda read: give_codes.live_until(read, code_id, fan_id))
    return render_template(
        "fan/give.html", rules=rules, balance=has, code=spell(code) if until else None, until=until, **known
    )
