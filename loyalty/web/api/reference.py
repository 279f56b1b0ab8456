"""The OpenAPI document, and a page to read it that asks no other host for anything."""

from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, jsonify, make_response, render_template, send_from_directory

from loyalty.web.api.openapi import LoyaltyApi
from loyalty.web.guards import guard

_ASSETS = Path(str(files("flask_swagger_ui"))) / "dist"
_SERVED = frozenset({"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"})


def register(app: Flask, api: LoyaltyApi) -> None:
    """Serve the document of `api` and its page from `app`."""
    pages = Blueprint("reference", __name__, url_prefix="/api/v1", static_folder=None)

    @pages.get("/openapi.json")
    @guard("public")
    def document() -> Response:
        return _cached(jsonify(api.document()))

    @pages.get("/docs")
    @guard("public")
    def page() -> Response:
        return _cached(make_response(render_template("api/reference.html")))

    @pages.get("/docs/<name>")
    @guard("public")
    def asset(name: str) -> Response:
        if name not in _SERVED:
            abort(404)
        return _cached(send_from_directory(_ASSETS, name))

    app.register_blueprint(pages)


def _cached(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
