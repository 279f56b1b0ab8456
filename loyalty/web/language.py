"""Which of our languages a request is answered in."""

from contextvars import ContextVar

from flask import Flask, g, has_request_context, request, session

from loyalty.i18n import LANGUAGES

FOR_PROGRAMS = ("/api/", "/hooks/")
FOR_ONE_PAGE = ("admin.rewards_preview",)  # there the language is a part of what is looked at
_CHOSEN = "language"
_settled: ContextVar[str | None] = ContextVar("settled_language", default=None)


def register(app: Flask) -> None:
    """Let every request to `app` find out anew which language it is answered in."""
    app.before_request(_unsettle)
    app.teardown_request(_unsettle)


def spoken() -> str:
    """The language chosen on the page, else their own, else the browser's; French when it asks for none of ours."""
    return _settled.get() or _wished()


def settle() -> None:
    """Stay with the language as it is known by now: a page asks for it dozens of times."""
    _settled.set(_wished())


def _unsettle(_error: BaseException | None = None) -> None:
    _settled.set(None)


def _wished() -> str:
    if not has_request_context():
        return LANGUAGES[0]
    if not request.path.startswith(FOR_PROGRAMS):
        for wish in (request.args.get("lang"), session.get(_CHOSEN), g.get("own_language")):
            if wish in LANGUAGES:
                return str(wish)
    return request.accept_languages.best_match(LANGUAGES, default=LANGUAGES[0]) or LANGUAGES[0]


def remember() -> None:
    """Keep the language that the address asks for, in this browser."""
    wish = request.args.get("lang")
    asked_for_good = request.endpoint not in FOR_ONE_PAGE and not request.path.startswith(FOR_PROGRAMS)
    if wish in LANGUAGES and asked_for_good and session.get(_CHOSEN) != wish:
        session[_CHOSEN] = wish


def forget() -> None:
    """Go back to the own language of who is signed in."""
    session.pop(_CHOSEN, None)
    _settled.set(None)
