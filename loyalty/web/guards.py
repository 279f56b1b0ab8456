"""Who may call a view: every one names its guard, and nothing is served that names none."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from flask import Flask, current_app, g, request

from loyalty.errors import Refused
from loyalty.flows import limit, manage_keys, manage_partners
from loyalty.i18n import Words
from loyalty.partners.devices import DeviceInHand
from loyalty.staff.audit import Actor
from loyalty.staff.keys import MARK, NotAuthenticated
from loyalty.staff.scopes import SCOPES
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


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent the current request.

    Attributes:
        actor: for the audit trail, with the network address.
        device: the enrolled device, where one speaks.
    """

    actor: Actor
    device: DeviceInHand | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """What a view asks of its callers.

    Attributes:
        name: "public", "signature", "device", or the scope of an API key.
        admit: finds out who calls; raises a refusal for who may not.
        security: the same in the words of OpenAPI.
    """

    name: str
    admit: Callable[[], Caller] = field(repr=False, compare=False)
    security: Sequence[dict[str, list[str]]] = ()


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


public = Guard("public", _anybody)
signature = Guard("signature", _anybody)  # the view verifies the sender's own signature over the raw body
device = Guard("device", _device, ({"device": []},))
_BY_NAME = {"public": public, "signature": signature}


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


def guard(needed: Guard | Literal["public", "signature"]) -> Callable[[View], View]:
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
    g.caller = needed.admit()


def _bearer() -> str | None:
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer":
        return None
    return authorization.token


def _count_failure(token: str | None) -> None:
    if token is not None:
        limit.count_failure(current_services().db, limit.CREDENTIALS, network_address())
