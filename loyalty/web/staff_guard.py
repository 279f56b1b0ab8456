"""Which of the staff may call a view: signed in, with a second factor, of a role that may do this."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from flask import g, request, session

from loyalty import clock
from loyalty.errors import Refused
from loyalty.flows import staff_access
from loyalty.flows.staff_access import StaffMember, WrongCode
from loyalty.i18n import Words
from loyalty.intake.rate import TooManyAttempts
from loyalty.staff.audit import Actor
from loyalty.staff.roles import PERMISSIONS, may
from loyalty.web import forms, staff_session
from loyalty.web.guards import Caller, Guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services

NEXT = "staff_next"
FRESH = timedelta(minutes=10)  # how long ago who asks for something grave may have shown who they are
_SAFE = ("GET", "HEAD")


class StaffSignInNeeded(Refused):
    """This page is for staff who are signed in, and nobody is, or not any more."""

    code = "staff_sign_in_needed"
    status = 401
    challenge = "Cookie"
    words = Words(
        fr="Connectez-vous pour continuer. Sans activité pendant une demi-heure, la session se ferme.",
        en="Sign in to go on. After half an hour without activity the session ends.",
    )


class SecondFactorNeeded(Refused):
    """Until they have a second factor, nothing but its enrolment is open to them."""

    code = "second_factor_needed"
    status = 403
    words = Words(
        fr="Il reste à relier votre application de codes : sans second facteur, rien n’est accessible.",
        en="One step is left: bind your code app. Without a second factor nothing is open.",
    )


class NotForYourRole(Refused):
    """The account is right, but its role may not do this."""

    code = "not_for_your_role"
    status = 403
    words = Words(
        fr="Votre rôle ne permet pas cela. Un administrateur peut le changer.",
        en="Your role does not allow this. An administrator can change it.",
    )


class ProofNeeded(Refused):
    """Something grave was asked for: the second factor is asked for once more."""

    code = "proof_needed"
    status = 403
    template: ClassVar[str] = "admin/prove.html"
    words = Words(
        fr="Avant cela, montrez encore une fois que c’est bien vous.",
        en="Before that, show once more that it is you.",
    )

    def __init__(self, why: str | None = None) -> None:
        super().__init__()
        self.why = why


def signed_in_staff() -> StaffMember:
    """Who of the staff sent the current request; only where the guard asked for one."""
    member = g.get("staff")
    assert isinstance(member, StaffMember), "the guard lets nobody else pass"
    return member


def staff(permission: str, *, fresh: bool = False, is_at_it: bool = True) -> Guard:
    """Somebody whose role has this permission.

    Args:
        fresh: whether a change asks for the second factor again, when it was shown over ten minutes ago.
        is_at_it: False for a part that a page asks for by itself: a screen left alone keeps no session open.
    """
    assert permission in PERMISSIONS, f"{permission!r} is not a permission"

    def admit() -> Caller:
        admitted, member = _enrolled(is_at_it=is_at_it)
        if not may(member.role, permission):
            raise NotForYourRole
        if fresh and request.method not in _SAFE and member.proved_at + FRESH <= clock.now():
            _ask_for_proof(member)
        return admitted

    return Guard(f"staff:{permission}", admit)


def _entering(*, is_at_it: bool = True) -> Caller:
    member = staff_session.find(is_at_it=is_at_it)
    if member is None:
        if staff_session.token() is None and request.method == "GET":
            session[NEXT] = request.full_path.rstrip("?")  # ours by construction: no address ever says where to go
        raise StaffSignInNeeded
    return Caller(member.actor(request.remote_addr))


def _anyone() -> Caller:
    member = staff_session.find()
    return Caller(member.actor(request.remote_addr) if member else Actor("anonymous", request.remote_addr))


def _enrolled(*, is_at_it: bool = True) -> tuple[Caller, StaffMember]:
    admitted = _entering(is_at_it=is_at_it)
    member = signed_in_staff()
    if not member.has_second_factor:
        raise SecondFactorNeeded
    return admitted, member


def _ask_for_proof(member: StaffMember) -> None:
    code = request.form.get(forms.PROOF)
    if code is None:
        raise ProofNeeded
    services = current_services()
    try:
        staff_access.prove(services.db, services.sealer, member, code=code)
    except (WrongCode, TooManyAttempts) as refused:
        raise ProofNeeded(refused.say(spoken())) from None


any_staff = Guard("staff", lambda: _enrolled()[0])  # whatever their role
entering = Guard("staff entering", _entering)  # signed in, maybe without a second factor yet
door = Guard("staff door", _anyone)  # anybody, and who it is if signed in
