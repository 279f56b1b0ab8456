"""Getting in: an address, then the code or the link that was e-mailed to it, then for somebody new a short form."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request, session, url_for
from marshmallow import Schema, ValidationError, validates
from werkzeug import Response as WerkzeugResponse

from loyalty import clock
from loyalty.errors import Conflict, Invalid, Refused
from loyalty.fans.age import latest_birth_year
from loyalty.fields import Text
from loyalty.flows import limit
from loyalty.flows import sign_in as flow
from loyalty.flows.sign_in import GUESSES, Asked, Entered
from loyalty.i18n import Words
from loyalty.web import fan_session, forms
from loyalty.web.fan.blueprint import pages
from loyalty.web.guards import guard, network_address
from loyalty.web.language import spoken
from loyalty.web.services import current_services

_ASKED, _NEXT = "sign_in", "next"


class MailNotSetUp(Refused):
    """This installation has no mail server, so nobody can be sent a code."""

    code = "mail_not_set_up"
    status = 503
    words = Words(
        fr="L’envoi de courriels n’est pas encore réglé ici : personne ne peut se connecter pour l’instant.",
        en="E-mail is not set up here yet: nobody can sign in for now.",
    )


class AskSchema(Schema):
    """Where to send a code."""

    email = forms.email()


class CodeSchema(Schema):
    """The code that was sent."""

    code = Text(maximum=40, load_default="")


class JoinSchema(Schema):
    """What somebody new tells us; the boxes say what was agreed to."""

    display_name = Text(minimum=1, maximum=60, required=True)
    birth_year = Text(pattern=r"(19|20)[0-9]{2}", maximum=4, required=True)
    agrees = forms.Box()
    newsletter = forms.Box()

    @validates("agrees")
    def _has_agreed(self, agrees: bool, **_: Any) -> None:
        if not agrees:
            raise ValidationError("Must be ticked.")


@pages.get("/sign-in")
@guard("visitor")
def sign_in() -> WerkzeugResponse | str:
    """The form for the address."""
    return redirect(url_for("fan.home")) if fan_session.find() else render_template("fan/sign_in.html")


@pages.post("/sign-in")
@guard("visitor")
def ask() -> Any:
    """Send a code; the answer is the same whether the address is known or not."""
    settings = current_services().settings
    try:
        said = forms.read(AskSchema())
        if not settings.mail_url and not settings.demo:
            raise MailNotSetUp
        asked = flow.ask(
            current_services().db,
            email=said["email"],
            language=spoken(),
            network_address=network_address(),
            public_url=settings.public_url,
            secret_key=settings.secret_key,
        )
    except Refused as refused:
        return _again("fan/sign_in.html", refused)
    _keep(asked)
    return redirect(url_for("fan.code"), 303)


@pages.get("/sign-in/code")
@guard("visitor")
def code() -> WerkzeugResponse | str:
    """The form for the code."""
    return redirect(url_for("fan.sign_in")) if _kept() is None else render_template("fan/code.html")


@pages.post("/sign-in/code")
@guard("visitor")
def type_code() -> Any:
    """Get in by the code."""
    asked = _kept()
    if asked is None:
        return redirect(url_for("fan.sign_in"), 303)
    said = forms.read(CodeSchema())
    try:
        entered = _counted(
            lambda: flow.type_code(
                current_services().db,
                asked,
                code=said["code"],
                secret_key=current_services().settings.secret_key,
                agent=request.user_agent.string,
            )
        )
    except Refused as refused:
        return _again("fan/code.html", refused)
    return _enter(entered)


@pages.get("/sign-in/link/<link>")
@guard("visitor")
def link(link: str) -> str:
    """What a link opens: a button, and elsewhere than in the browser that asked, the form for the code."""
    asked = _kept()
    needs_code = flow.needs_code(current_services().db, link=link, browser=asked.browser if asked else None)
    return render_template("fan/link.html", link=link, needs_code=needs_code)


@pages.post("/sign-in/link/<link>")
@guard("visitor")
def follow(link: str) -> Any:
    """Get in by the link."""
    asked, services = _kept(), current_services()
    said = forms.read(CodeSchema())
    try:
        entered = _counted(
            lambda: flow.follow(
                services.db,
                link=link,
                browser=asked.browser if asked else None,
                code=said["code"],
                secret_key=services.settings.secret_key,
                agent=request.user_agent.string,
            )
        )
    except flow.WrongSignInCode as refused:
        return _again("fan/link.html", refused, link=link, needs_code=True)
    return _enter(entered)


@pages.get("/sign-in/join")
@guard("visitor")
def join() -> WerkzeugResponse | str:
    """The form for somebody new."""
    return redirect(url_for("fan.sign_in")) if _kept() is None else render_template("fan/join.html", **_years())


@pages.post("/sign-in/join")
@guard("visitor")
def become_fan() -> Any:
    """Become a fan."""
    asked = _kept()
    if asked is None:
        return redirect(url_for("fan.sign_in"), 303)
    try:
        said = forms.read(JoinSchema())
        token = flow.join(
            current_services().db,
            asked,
            display_name=said["display_name"].strip(),
            birth_year=int(said["birth_year"]),
            newsletter=said["newsletter"],
            language=spoken(),
            agent=request.user_agent.string,
        )
    except Conflict:  # another window was faster
        return redirect(url_for("fan.sign_in"), 303)
    except Refused as refused:
        return _again("fan/join.html", refused, **_years())
    return _enter(Entered(token=token))


def _counted(enter: Any) -> Entered:
    """Get in, unless this network address guessed too often."""
    db = current_services().db
    limit.refuse_flood(db, GUESSES, network_address())
    try:
        entered: Entered = enter()
    except flow.WrongSignInCode:
        limit.count_failure(db, GUESSES, network_address())
        raise
    return entered


def _enter(entered: Entered) -> Response | WerkzeugResponse:
    if entered.to_finish is not None:
        _keep(entered.to_finish)
        return redirect(url_for("fan.join"), 303)
    assert entered.token is not None
    where = session.get(_NEXT)
    return fan_session.begin(make_response(redirect(where or url_for("fan.home"), 303)), entered.token)


def _again(template: str, refused: Refused, **known: Any) -> tuple[str, int]:
    """The form again, with what was typed and what is wrong with it."""
    errors = refused.errors if isinstance(refused, Invalid) else {}
    said = None if errors else refused.say(spoken())
    return render_template(template, form=forms.given(), errors=errors, refused=said, **known), refused.status


def _keep(asked: Asked) -> None:
    session[_ASKED] = [asked.sign_in_id, asked.browser]


def _kept() -> Asked | None:
    kept = session.get(_ASKED)
    return None if kept is None else Asked(sign_in_id=kept[0], browser=kept[1])


def _years() -> dict[str, Any]:
    return {"latest_year": latest_birth_year(clock.now())}
