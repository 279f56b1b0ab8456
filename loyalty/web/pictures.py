"""Pictures: each under an address of its content, which browsers keep for a year; and the one a form sends."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, request, url_for

from loyalty.errors import Invalid, Refused
from loyalty.pictures import find
from loyalty.pictures.find import Shown
from loyalty.pictures.make import MOST_BYTES, Made, Shape, make
from loyalty.web.guards import guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services

_YEAR = 31_536_000
pages = Blueprint("pictures", __name__)


@pages.get("/pictures/<id:picture_id>-<digest>.webp")
@guard("public")
def show(picture_id: int, digest: str) -> Response:
    """A picture."""
    return _answer(picture_id, digest)


@pages.get("/pictures/small/<id:picture_id>-<digest>.webp")
@guard("public")
def show_small(picture_id: int, digest: str) -> Response:
    """The same, small."""
    return _answer(picture_id, digest, small=True)


def register(app: Flask) -> None:
    """Serve pictures from `app`, and tell templates where each is."""
    app.register_blueprint(pages)
    app.add_template_global(address, "picture_address")


def address(picture: Shown, *, small: bool = False) -> str:
    """Where a picture is."""
    endpoint = "pictures.show_small" if small else "pictures.show"
    return url_for(endpoint, picture_id=picture.id, digest=picture.digest)


def uploaded(name: str, shape: Shape) -> Made | None:
    """The picture that the form sends under a name; None if none was chosen.

    Raises:
        Invalid: it is none that we take; with why, by the field.
    """
    sent = request.files.get(name)
    if sent is None or not sent.filename:
        return None
    try:
        return make(sent.stream.read(MOST_BYTES + 1), shape)
    except Refused as refused:
        raise Invalid({name: [refused.say(spoken())]}) from None


def _answer(picture_id: int, digest: str, *, small: bool = False) -> Response:
    found = current_services().db.read(lambda session: find.body(session, picture_id, digest, small=small))
    body, media_type = found
    response = Response(body, content_type=media_type)
    response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
