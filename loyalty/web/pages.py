"""The few pages everybody may see: what an error code means, and the files the pages are made of."""

import inspect
import re

from flask import Blueprint, Response, abort, render_template

from loyalty.i18n import LANGUAGES
from loyalty.programme.colour import palette
from loyalty.web import assets, problems
from loyalty.web.guards import guard
from loyalty.web.language import spoken

_HOLE = re.compile(r"\{(\w+)[^}]*\}")  # how a value is written is of no use to who reads its name
pages = Blueprint("pages", __name__)


@pages.get("/static/<path:name>")
@guard("public")
def static(name: str) -> Response:
    """A file pages are made of."""
    return assets.answer(name)


@pages.get("/brand/<colour>.css")
@guard("public")
def brand(colour: str) -> Response:
    """The colours that follow from the station's own, whose digits the address gives."""
    if not re.fullmatch("[0-9a-f]{6}", colour):
        abort(404)
    body = render_template("parts/brand.css", palette=palette(f"#{colour}"))
    return assets.sent(assets.made(body.encode(), "text/css; charset=utf-8"), exact=True)


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
        meaning=inspect.cleandoc(refused.__doc__ or "").split("\n\n")[0].replace("`", ""),
        sentences={each: _HOLE.sub(r"{\1}", getattr(refused.words, each)) for each in LANGUAGES},
        language=spoken(),
    )
