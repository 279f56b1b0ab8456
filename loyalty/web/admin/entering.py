"""Getting in: an invitation becomes an account, a password and a code open a session, a code app is bound."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request, session, url_for
from markupsafe import Markup
from marshmallow import Schema, ValidationError, validates_schema
from werkzeug import Response as WerkzeugResponse

from loyalty.errors import Invalid, Refused
from loyalty.fields import Text
from loyalty.flows import staff_access
from loyalty.flows.staff_access import Attempt
from loyalty.staff import second_factor
from loyalty.staff.password import LONGEST, SHORTEST
from loyalty.vouchers import qr
from loyalty.web import field_errors, forms, staff_session
from loyalty.web.admin.blueprint import pages
from loyalty.web.guards import guard, network_address
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import NEXT, any_staff, door, entering, signed_in_staff

_SECRET = "second_factor"  # noqa: S105 - where the browser's own session keeps the secret until it is bound


class SignInSchema(Schema):
    """Who one is."""

    email = forms.email()
    password = Text(maximum=1_000, required=True)
    code = Text(maximum=40, load_default="")


class PasswordSchema(Schema):
    """A new password, twice."""

    password = Text(minimum=1, maximum=1_000, required=True)
    again = Text(minimum=1, maximum=1_000, required=True)

    @validates_schema(skip_on_field_errors=True)
    def _are_equal(self, given: dict[str, Any], **_: Any) -> None:
        if given["password"] != given["again"]:
            raise ValidationError("The two are not equal.", "again")


class CodeSchema(Schema):
    """What the app shows."""

    code = Text(maximum=40, load_default="")


@pages.get("/sign-in")
@guard(door)
def sign_in() -> WerkzeugResponse | str:
    """The form."""
    return redirect(url_for("admin.overview")) if staff_session.find() else render_template("admin/sign_in.html")


@pages.post("/sign-in")
@guard(door)
def enter() -> Any:
    """Sign in."""
    services = current_services()
    try:
        said = forms.read(SignInSchema())
        token = staff_access.sign_in(
            services.db,
            services.sealer,
            email=said["email"],
            given_password=said["password"],
            code=said["code"],
            attempt=_attempt(),
        )
    except Refused as refused:
        return _again("admin/sign_in.html", refused)
    where = session.get(NEXT)
    return staff_session.begin(make_response(redirect(where or url_for("admin.overview"), 303)), token)


@pages.post("/sign-out")
@guard(door)
def sign_out() -> Response:
    """End this session; nothing to do is no error."""
    token = staff_session.token()
    if token is not None:
        staff_access.sign_out(current_services().db, token)
    return staff_session.end(make_response(redirect(url_for("admin.sign_in"), 303)))


@pages.get("/join/<token>")
@guard(door)
def join(token: str) -> str:
    """What an invitation leads to: the form for a password; nothing is consumed."""
    given = staff_access.invitation(current_services().db, token)
    return render_template("admin/join.html", invitation=given, token=token, shortest=SHORTEST, longest=LONGEST)


@pages.post("/join/<token>")
@guard(door)
def accept(token: str) -> Any:
    """Make the account."""
    db = current_services().db
    given = staff_access.invitation(db, token)
    try:
        said = forms.read(PasswordSchema())
        new_token = staff_access.accept_invitation(
            db, token, chosen_password=said["password"], language=spoken(), attempt=_attempt()
        )
    except Refused as refused:
        known = {"invitation": given, "token": token, "shortest": SHORTEST, "longest": LONGEST}
        return _again("admin/join.html", refused, **known)
    return staff_session.begin(make_response(redirect(url_for("admin.bind_app"), 303)), new_token)


@pages.get("/second-factor")
@guard(entering)
def bind_app() -> WerkzeugResponse | str:
    """The QR code for the app, and the form for what it then shows."""
    return redirect(url_for("admin.account")) if signed_in_staff().has_second_factor else _bind_page()


@pages.post("/second-factor")
@guard(entering)
def bound() -> Any:
    """Bind the app, and show the recovery codes, this once."""
    services, member = current_services(), signed_in_staff()
    said = forms.read(CodeSchema())
    try:
        codes = staff_access.enrol_second_factor(
            services.db, services.sealer, member, secret=_kept_secret(), code=said["code"]
        )
    except Refused as refused:
        return _bind_page(refused=refused.say(spoken())), refused.status
    session.pop(_SECRET, None)
    return render_template("admin/recovery_codes.html", codes=codes)


@pages.post("/recovery-codes")
@guard(any_staff)
def renew_recovery_codes() -> str:
    """Ten other recovery codes, shown this once."""
    codes = staff_access.renew_recovery_codes(current_services().db, signed_in_staff())
    return render_template("admin/recovery_codes.html", codes=codes)


def _bind_page(refused: str | None = None) -> str:
    secret = _kept_secret()
    address = second_factor.address(secret, email=signed_in_staff().email, programme=current_services().look().name)
    picture = Markup(qr.svg(address, title="QR"))  # noqa: S704 - ours, and its title is no one's input
    return render_template("admin/second_factor.html", picture=picture, secret=secret, refused=refused)


def _kept_secret() -> str:
    """The secret that is being bound: sealed in the browser's own session, as it is nobody's yet."""
    sealer = current_services().sealer
    if _SECRET not in session:
        session[_SECRET] = sealer.seal([second_factor.new_secret()])
    (secret,) = sealer.open(session[_SECRET])
    return secret


def _attempt() -> Attempt:
    return Attempt(network_address=network_address(), agent=request.user_agent.string)


def _again(template: str, refused: Refused, **known: Any) -> tuple[str, int]:
    """The form again, with what is wrong with it; passwords are not sent back."""
    errors = field_errors.in_words(refused.errors, spoken()) if isinstance(refused, Invalid) else {}
    given = {name: value for name, value in forms.given().items() if name == "email"}
    said = None if errors else refused.say(spoken())
    return render_template(template, form=given, errors=errors, refused=said, **known), refused.status
