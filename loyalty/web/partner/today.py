"""What this device read today, how it came out, and the way to take a use back."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from flask import flash, redirect, url_for
from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from werkzeug import Response

from loyalty import clock
from loyalty.errors import Invalid, Refused
from loyalty.fields import Text
from loyalty.flows import scan as flow
from loyalty.i18n import Words
from loyalty.vouchers import counter
from loyalty.vouchers.refusals import ScanNotAUse, TooLateToAnnul
from loyalty.web import forms
from loyalty.web.device_guard import device_in_hand, enrolled
from loyalty.web.guards import guard
from loyalty.web.language import spoken
from loyalty.web.partner.blueprint import page, pages
from loyalty.web.services import current_services

_MOST = 200
OTHER = "other"
REASONS = {
    "not_handed": Words(fr="Rien n’a été remis", en="Nothing was handed over"),
    "wrong_voucher": Words(fr="Mauvais bon scanné", en="The wrong voucher was scanned"),
    "changed_mind": Words(fr="La personne a changé d’avis", en="The person changed their mind"),
}


class UndoSchema(Schema):
    """Why a use is taken back: a reason from the list, or one in one's own words."""

    because = fields.String(required=True, validate=validate.OneOf([*REASONS, OTHER]))
    words = Text(maximum=300, load_default="")

    @validates_schema(skip_on_field_errors=True)
    def _says_why(self, given: dict[str, str], **_: Any) -> None:
        if given["because"] == OTHER and not given["words"].strip():
            raise ValidationError("Must not be blank.", "words")


@pages.get("/today")
@guard(enrolled)
def today() -> str:
    """Today's scans, the latest first, with their counts."""
    device_id, since = device_in_hand().id, _midnight()
    counts = current_services().db.read(lambda session: counter.count(session, device_id, since=since))
    return page("partner/today.html", read=latest(_MOST), counts=counts, most=_MOST)


@pages.get("/latest")
@guard(enrolled)
def latest_scans() -> str:
    """The last scans alone, for a scanner that shows them beside its camera."""
    return page("partner/latest.html", read=latest(4))


@pages.get("/undo/<id:scan_id>")
@guard(enrolled)
def undo(scan_id: int) -> str:
    """Why is it taken back?"""
    return _form(scan_id)


@pages.post("/undo/<id:scan_id>")
@guard(enrolled)
def undone(scan_id: int) -> Any:
    """Take a use back."""
    try:
        said = forms.read(UndoSchema())
        explanation = said["words"].strip() if said["because"] == OTHER else REASONS[said["because"]].say(spoken())
        read = _scan(scan_id)
        flow.annul(current_services().db, device=device_in_hand(), nonce=read.nonce, explanation=explanation)
    except (Invalid, TooLateToAnnul, ScanNotAUse) as refused:
        return _form(scan_id, refused), refused.status
    flash("undone")
    return _to_today()


def latest(most: int) -> list[counter.Read]:
    """Today's last scans of this device."""
    device_id, since = device_in_hand().id, _midnight()
    return current_services().db.read(lambda session: counter.scans(session, device_id, since=since, limit=most))


def _form(scan_id: int, refused: Refused | None = None) -> str:
    read = _scan(scan_id)
    return page(
        "partner/undo.html",
        scan=read,
        open=read.can_be_undone(clock.now()),
        until=counter.undo_until(read.at),
        reasons={name: words.say(spoken()) for name, words in REASONS.items()},
        form=forms.given(),
        errors=refused.errors if isinstance(refused, Invalid) else {},
        refused=None if refused is None or isinstance(refused, Invalid) else refused.say(spoken()),
    )


def _scan(scan_id: int) -> counter.Read:
    device_id = device_in_hand().id
    return current_services().db.read(lambda session: counter.scan(session, scan_id, device_id=device_id))


def _midnight() -> datetime:
    zone = current_services().zone()
    return datetime.combine(clock.now().astimezone(zone), time(), zone).astimezone(UTC)


def _to_today() -> Response:
    return redirect(url_for("partner.today"), 303)
