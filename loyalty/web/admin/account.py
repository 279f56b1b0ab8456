"""One's own account: the language, the sessions, the recovery codes."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from marshmallow import Schema
from sqlmodel import Session
from werkzeug import Response

from loyalty.access import sessions
from loyalty.flows.manage_staff import choose_language, end_sessions
from loyalty.staff.second_factor import recovery_codes_left
from loyalty.web import forms, language
from loyalty.web.admin.blueprint import pages
from loyalty.web.agents import browser_of
from loyalty.web.guards import caller, guard
from loyalty.web.services import current_services
from loyalty.web.staff_guard import any_staff, signed_in_staff


class LanguageSchema(Schema):
    """The language of the admin."""

    language = forms.language()


@pages.get("/account")
@guard(any_staff)
def account() -> str:
    """One's own account."""
    member = signed_in_staff()

    def steps(session: Session) -> dict[str, object]:
        return {
            "sessions": sessions.open_sessions(session, kind=sessions.STAFF, subject_id=member.account_id),
            "codes_left": recovery_codes_left(session, member.account_id),
        }

    return render_template("admin/account.html", browser_of=browser_of, **current_services().db.read(steps))


@pages.post("/account")
@guard(any_staff)
def save_account() -> Response:
    """Choose the language."""
    said = forms.read(LanguageSchema())
    choose_language(current_services().db, account_id=signed_in_staff().account_id, language=said["language"])
    language.forget()
    flash("saved")
    return redirect(url_for("admin.account"), 303)


@pages.post("/account/sessions/<id:session_id>/end")
@guard(any_staff)
def end_own_session(session_id: int) -> Response:
    """End one of one's own sessions."""
    end_sessions(
        current_services().db, account_id=signed_in_staff().account_id, session_id=session_id, actor=caller().actor
    )
    return redirect(url_for("admin.account"), 303)
