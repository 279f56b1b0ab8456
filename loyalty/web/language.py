"""Which of our languages a request asks for."""

from flask import has_request_context, request

from loyalty.i18n import LANGUAGES


def spoken() -> str:
    """The best match for the request's Accept-Language; French when it asks for none of ours."""
    if not has_request_context():
        return LANGUAGES[0]
    return request.accept_languages.best_match(LANGUAGES, default=LANGUAGES[0]) or LANGUAGES[0]
