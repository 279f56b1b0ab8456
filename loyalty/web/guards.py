"""Who may call a view: every one names its guard, and nothing is served that names none."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from flask import Flask, current_app, g, request, session
from flask_wtf.csrf import CSRFProtect

from loyalty.errors import Refused
from loyalty.flows import limit, manage_keys, manage_partners
from loyalty.flows.stay import SignedIn
from loyalty.i18n import Words
from loyalty.partners.devices import DeviceInHand
from loyalty.staff.audit import Actor
from loyalty.staff.keys import MARK, NotAuthenticated
from loyalty.staff.scopes import SCOPES
from loyalty.web import fan_session, language, uploads
from loyalty.web.services import current_services

View = TypeVar("View", bound=Callable[..., Any])


class MissingScope(Refused):
    """The key is right, but it may not do this."""

    code = "missing_scope"
    status = 403
    words = Words(
        fr="Cette clé n’a pas le droit « {scope} ».",
        en="This key does not have the scope “{scope}”.",
    )

    def __init__(self, scope: str) -> None:
        super().__init__(scope=scope)
        self.challenge = f'Bearer realm="loyalty", error="insufficient_scope", scope="{scope}"'


class DeviceRevoked(Refused):
    """The credential is no enrolled device's, or not any more."""

    code = "device_revoked"
    status = 401
    words = Words(
        fr="Cet appareil n’est pas associé, ou ne l’est plus.",
        en="This device is not enrolled, or no longer is.",
    )


class SignInNeeded(Refused):
    """This page is for fans who are signed in, and nobody is, or not any more."""

    code = "sign_in_needed"
    status = 401
    challenge = "Cookie"  # RFC 9110 asks for a challenge; browsers ignore one they do not know
    words = Words(fr="Connectez-vous pour voir cette page.", en="Sign in to see this page.")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent the current request.

    Attributes:
        actor: for the audit trail, with the network address.
        device: the enrolled device, where one speaks.
        fan: who is signed in on the pages, where somebody is.
    """

    actor: Actor
    device: DeviceInHand | None = None
    fan: SignedIn | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """What a view asks of its callers.

    Attributes:
        name: "public", "signature", "device", "visitor", "fan", or the scope of an API key.
        admit: finds out who calls; raises a refusal for who may not.
        security: the same in the words of OpenAPI.
    """

    name: str
    admit: Callable[[], Caller] = field(repr=False, compare=False)
    security: Sequence[dict[str, list[str]]] = ()


_forgery = CSRFProtect()


def signed_in_fan() -> SignedIn:
    """The fan who sent the current request; only where the guard asked for one."""
    fan = caller().fan
    assert fan is not None, "the guard lets nobody else pass"
    return fan


def caller() -> Caller:
    """Who sent the current request, as its guard found out."""
    admitted: Caller = g.caller
    return admitted


def _anybody() -> Caller:
    return Caller(Actor("anonymous", request.remote_addr))


def _device() -> Caller:
    token = _bearer()
    found = None if token is None else manage_partners.authenticate(current_services().db, token)
    if found is None:
        _count_failure(token)
        raise DeviceRevoked
    return Caller(Actor(f"device:{found.id}", request.remote_addr), found)


def _visitor() -> Caller:
    fan = fan_session.find()
    return Caller(Actor(f"fan:{fan.fan_id}" if fan else "anonymous", request.remote_addr), fan=fan)


def _fan() -> Caller:
    visitor = _visitor()
    if visitor.fan is None:
        if fan_session.token() is None and request.method == "GET":
            session["next"] = request.full_path.rstrip("?")  # ours by construction: no address ever says where to go
        raise SignInNeeded
    return visitor


public = Guard("public", _anybody)
visitor = Guard("visitor", _visitor)  # anybody, and who it is if signed in
fan = Guard("fan", _fan)
signature = Guard("signature", _anybody)  # the view verifies the sender's own signature over the raw body
device = Guard("device", _device, ({"device": []},))
_BY_NAME = {"public": public, "signature": signature, "visitor": visitor, "fan": fan}


def scope(name: str) -> Guard:
    """An API key with this scope."""
    assert name in SCOPES, f"{name!r} is not a scope"

    def admit() -> Caller:
        token = _bearer()
        try:
            if token is None or not token.startswith(f"{MARK}_"):
                raise NotAuthenticated
            key = manage_keys.check_key(current_services().db, token)
        except Refused:
            _count_failure(token)
            raise
        if name not in key.scopes:
            raise MissingScope(name)
        return Caller(Actor(f"key:{key.prefix}", request.remote_addr))

    return Guard(name, admit, ({"key": [name]},))


def guard(needed: Guard | Literal["public", "signature", "visitor", "fan"]) -> Callable[[View], View]:
    """Declare what a view asks of its callers; put it directly under the route."""

    def declare(view: View) -> View:
        view.guard = _BY_NAME[needed] if isinstance(needed, str) else needed  # type: ignore[attr-defined]
        return view

    return declare


def guard_of(view: Any) -> Guard | None:
    """The guard a view declared."""
    return getattr(view, "guard", None)


def register(app: Flask) -> None:
    """Let every request to `app` pass its view's guard; the last thing done to an app, once it has all its views.

    Raises:
        AssertionError: a view names no guard.
    """
    undeclared = sorted(name for name, view in app.view_functions.items() if guard_of(view) is None)
    assert not undeclared, f"these views name no guard: {undeclared}"
    _forgery.init_app(app)
    app.before_request(_admit)


def network_address() -> str:
    """Where the request came from, as limits count it: IPv6 by /64, the least that one subscriber is given."""
    address = request.remote_addr or "unknown"
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))


def _admit() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return  # no such address, or not for this method: the router's answer follows
    needed = guard_of(view)
    assert needed is not None, "checked when the application was made"
    uploads.make_room(view)  # before anything reads the form
    if not request.path.startswith(language.FOR_PROGRAMS):
        _forgery.protect()  # what reads no cookie needs no protection against forged forms
        language.remember()
    g.caller = needed.admit()
    language.settle()


def _bearer() -> str | None:
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer":
        return None
    return authorization.token


def _count_failure(token: str | None) -> None:
    if token is not None:
        limit.count_failure(current_services().db, limit.CREDENTIALS, network_address())
