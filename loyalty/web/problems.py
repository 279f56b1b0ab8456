"""A refusal as a problem document (RFC 9457): a stable code for programs, a sentence for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from http import HTTPStatus
from typing import Any

from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from loyalty.errors import Invalid, Refused
from loyalty.i18n import LANGUAGES, Words

MEDIA_TYPE = "application/problem+json"
_LONGEST_DETAIL = 500  # a body may be wrong in a thousand places: `errors` has them all
_OURS = frozenset({"type", "title", "status", "detail", "code", "errors", "request_id", "summary"})


class NoSuchPlace(Refused):
    """No address like this exists here."""

    code = "no_such_address"
    status = 404
    words = Words(fr="Il n’y a rien à cette adresse.", en="There is nothing at this address.")


class WrongMethod(Refused):
    """The address exists, but not for this method."""

    code = "method_not_allowed"
    status = 405
    words = Words(fr="Cette adresse ignore cette méthode.", en="This address does not know that method.")


class TooLarge(Refused):
    """The body is larger than this installation reads."""

    code = "body_too_large"
    status = 413
    words = Words(fr="Le contenu envoyé est trop gros.", en="What was sent is too large.")


class UnknownHost(Refused):
    """The request came for a host name that this installation does not answer to."""

    code = "unknown_host"
    status = 400
    words = Words(
        fr="Cette installation ne répond pas à ce nom d’hôte (réglages LOYALTY_PUBLIC_URL et LOYALTY_TRUSTED_HOSTS).",
        en="This installation does not answer to that host name (see LOYALTY_PUBLIC_URL and LOYALTY_TRUSTED_HOSTS).",
    )


class BadRequest(Refused):
    """The request cannot be understood at all."""

    code = "bad_request"
    status = 400
    words = Words(fr="La requête est incompréhensible.", en="The request cannot be understood.")


class FormTooOld(Refused):
    """The form did not come from this browser's own page, or that page is from before it signed in or out."""

    code = "form_too_old"
    status = 400
    words = Words(
        fr="Ce formulaire n’est plus valable : rechargez la page et recommencez. Rien n’a été changé.",
        en="This form is no longer good: reload the page and try again. Nothing was changed.",
    )


class Unavailable(Refused):
    """The database cannot be reached, or its disk is full; what was acknowledged before is safe."""

    code = "unavailable"
    status = 503
    retry_after_seconds = 5
    words = Words(
        fr="Service momentanément indisponible. Réessayez dans un instant.",
        en="Unavailable for the moment. Please try again shortly.",
    )


class Broken(Refused):
    """We failed; the identifier of the request finds the reason in the log."""

    code = "internal_error"
    status = 500
    words = Words(
        fr="Une erreur est survenue de notre côté. Donnez-nous l’identifiant {request_id} si elle persiste.",
        en="Something went wrong on our side. Give us the identifier {request_id} if it persists.",
    )


_STANDARD: dict[int, type[Refused]] = {404: NoSuchPlace, 405: WrongMethod, 413: TooLarge}


def from_http(error: HTTPException) -> Refused:
    """The refusal that an HTTP error of the framework amounts to."""
    if isinstance(error, SecurityError):
        return UnknownHost()
    if isinstance(error, CSRFError):
        return FormTooOld()
    return _STANDARD.get(error.code or 500, BadRequest)()


def document(refused: Refused, language: str, *, public_url: str = "", request_id: str | None = None) -> Any:
    """The problem document, ready for JSON.

    Args:
        language: of `detail`.
        public_url: of this installation; `type` is an address under it that explains the code.
        request_id: left out when None, as for one item of a batch.
    """
    problem: dict[str, Any] = {
        "type": f"{public_url}/problems/{refused.code}",
        "title": title(refused.code),
        "status": refused.status,
        "code": refused.code,
        "detail": _short(refused.say(language)),
    }
    if isinstance(refused, Invalid):
        problem["errors"] = refused.errors
    if request_id is not None:
        problem["request_id"] = request_id
    extensions = {name: value for name, value in refused.holes.items() if name not in _OURS and not _said(name)}
    return {**problem, **json.loads(json.dumps(extensions, default=_plain))}


def title(code: str) -> str:
    """The code as words: it does not change from one occurrence to the next."""
    return code.replace("_", " ").capitalize()


def known() -> dict[str, type[Refused]]:
    """Every refusal that the loaded modules know, by code."""
    return {refused.code: refused for refused in sorted(below(Refused), key=lambda each: each.code)}


def phrase(status: int) -> str:
    """What HTTP calls a status."""
    return HTTPStatus(status).phrase


def below(base: type[Refused]) -> Iterator[type[Refused]]:
    """Every refusal derived from `base` that is loaded."""
    for refused in base.__subclasses__():
        yield refused
        yield from below(refused)


def _short(detail: str) -> str:
    return detail if len(detail) <= _LONGEST_DETAIL else detail[: _LONGEST_DETAIL - 1].rstrip() + "…"


def _said(name: str) -> bool:
    """Whether a hole is a piece of the sentence, in one language: `detail` has it."""
    return name.endswith(tuple(f"_{language}" for language in LANGUAGES))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
