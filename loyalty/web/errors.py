"""Whatever goes wrong in a request: a problem document under the API and the hooks, a page elsewhere."""

import logging
import secrets

from flask import Flask, Response, g, make_response, render_template, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException

from loyalty.errors import Refused
from loyalty.web import problems
from loyalty.web.language import FOR_PROGRAMS, spoken
from loyalty.web.services import current_services

log = logging.getLogger("loyalty.web")
# Not reached, restarted under us, out of disk or of connections: nobody's request is wrong.
_OF_THE_DATABASE = (OperationalError, InterfaceError, PoolExhausted)


def register(app: Flask) -> None:
    """Let every refusal, every HTTP error and every bug of `app` be answered here."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http)
    for fault in _OF_THE_DATABASE:
        app.register_error_handler(fault, _unavailable)
    app.register_error_handler(Exception, _broken)


def request_id() -> str:
    """The identifier of the current request: in its log line, and in what its sender is told."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    identifier: str = g.request_id
    return identifier


def _refused(refused: Refused) -> Response:
    g.refused = refused.code
    language = spoken()
    if request.path.startswith(FOR_PROGRAMS):
        public_url = current_services().settings.public_url
        body = problems.document(refused, language, public_url=public_url, request_id=request_id())
        response = make_response(body, refused.status)
        response.content_type = problems.MEDIA_TYPE
    elif isinstance(refused, problems.UnknownHost):  # under a name that is not ours no page has an address
        response = make_response(refused.say(language), refused.status)
        response.content_type = "text/plain; charset=utf-8"
    else:
        said = {"refused": refused, "language": language, "request_id": request_id()}
        response = make_response(
            render_template(getattr(refused, "template", "errors/error.html"), **said), refused.status
        )
    response.headers["Content-Language"] = language
    response.vary.add("Accept-Language")
    retry_after = getattr(refused, "retry_after_seconds", None)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    challenge = getattr(refused, "challenge", None)
    if refused.status == 401 or challenge:
        response.headers["WWW-Authenticate"] = challenge or 'Bearer realm="loyalty"'
    return response


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:  # a redirect is an exception too
        return make_response(error.get_response())
    response = _refused(problems.from_http(error))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _unavailable(error: Exception) -> Response:
    log.error("the database failed", exc_info=error, extra={"fields": {"request_id": request_id()}})
    return _refused(problems.Unavailable())


def _broken(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error, extra={"fields": {"request_id": request_id()}})
    return _refused(problems.Broken(request_id=request_id()))
