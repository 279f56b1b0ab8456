"""The few pages everybody may see: what an error code means, and the files the pages are made of."""

import inspect
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, render_template, send_from_directory, url_for
from werkzeug import Response as WerkzeugResponse

from loyalty.web import problems
from loyalty.web.guards import guard
from loyalty.web.language import spoken

pages = Blueprint("pages", __name__)
_STATIC = Path(__file__).with_name("static")


@pages.get("/")
@guard("public")
def home() -> WerkzeugResponse:
    """The way in, as long as there are no other pages."""
    return redirect(url_for("reference.page"))


@pages.get("/static/<path:name>")
@guard("public")
def static(name: str) -> Response:
    """A file of ours."""
    response = send_from_directory(_STATIC, name)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@pages.get("/problems/<code>")
@guard("public")
def problem(code: str) -> str:
    """What the `type` of a problem document leads to."""
    refused = problems.known().get(code)
    if refused is None:
        abort(404)
    return render_template(
        "errors/problem.html",
        refused=refused,
        title=problems.title(code),
        phrase=problems.phrase(refused.status),
        meaning=inspect.cleandoc(refused.__doc__ or "").split("\n\n")[0],
        language=spoken(),
    )
