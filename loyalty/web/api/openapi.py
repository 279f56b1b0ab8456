"""How the API describes itself: every route says whom it lets in, what it takes, and every way it may refuse.

The document is made from what the code declares, so it cannot say something else than the code does.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar

import marshmallow as ma
from apispec.ext.marshmallow import MarshmallowPlugin, OpenAPIConverter
from flask import Flask, Request
from flask_smorest import Api, Blueprint
from flask_smorest.utils import prepare_response
from webargs.flaskparser import FlaskParser

from loyalty.errors import Busy, Invalid, Refused
from loyalty.flows.once import KeyMissing, KeyReused
from loyalty.intake.rate import TooManyAttempts
from loyalty.staff.keys import KeyExpired, KeyRevoked, NotAuthenticated
from loyalty.web import json_guard, problems
from loyalty.web.api.schemas import Answer, ProblemSchema
from loyalty.web.guards import DeviceRevoked, MissingScope, guard_of
from loyalty.web.guards import device as device_guard
from loyalty.web.json_guard import BadJson, WrongMediaType

View = TypeVar("View", bound=Callable[..., Any])
JSON = "application/json"

_KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Makes the request safe to repeat for 30 days: the same key with the same request changes nothing "
    "the second time and gets the first answer, with `Idempotency-Replayed: true`. A UUID will do.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"},
    "example": "5f0c9a52-6c0e-4c0e-9d0a-2f6d3f0b8a11",
}
_REPLAYED_HEADER = {
    "Idempotency-Replayed": {
        "description": "Present and `true` when this answer was given before.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}


class Parser(FlaskParser):
    """Reads arguments strictly: through the JSON guard, and with nothing we do not know."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": ma.RAISE, "headers": ma.EXCLUDE, "path": ma.RAISE}

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """The JSON of the body."""
        return json_guard.read(req)

    def handle_error(self, error: ma.ValidationError, req: Request, schema: ma.Schema, **_: Any) -> NoReturn:
        """A field that does not fit is a refusal like any other."""
        messages = error.messages
        raise Invalid(next(iter(messages.values())) if isinstance(messages, dict) else messages) from None


class Routes(Blueprint):
    """The routes of one kind of thing."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, f"{__package__}.{name}", url_prefix="/api/v1", description=description)
        self._prepare_doc_cbks.append(_describe)

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Serve a view at an address; the guard stands directly under it."""
        served = super().route(rule, **options)
        return lambda view: served(_declare("rule", rule)(view))

    def refuses(self, *refusals: type[Refused]) -> Callable[[View], View]:
        """Declare how the view may refuse, besides what its guard and its arguments already say."""
        return _declare("refusals", refusals)

    def takes(self, schemas: dict[str, Any], *, examples: dict[str, Any], description: str) -> Callable[[View], View]:
        """Declare the body of a view that reads it itself: a schema and an example for each media type."""
        content = {
            media_type: {"schema": schema, "example": examples[media_type]} for media_type, schema in schemas.items()
        }
        return _declare("body", {"required": True, "description": description, "content": content})

    def idempotent(self, view: View) -> View:
        """Declare that the view needs an Idempotency-Key, and answers through `idempotency.answer_once`."""
        return _declare("idempotent", True)(view)

    def _store_endpoint_docs(self, endpoint: str, obj: Any, *args: Any, **options: Any) -> None:
        super()._store_endpoint_docs(endpoint, obj, *args, **options)
        for method, doc in self._docs[endpoint].items():
            if method != "parameters":
                doc["view"] = _Described(endpoint, obj)


class _Described:
    """What is told of a view beside what flask-smorest tells; copied by reference."""

    def __init__(self, name: str, view: Any) -> None:
        self.name = name
        self.guard = guard_of(view)
        assert self.guard is not None, f"{name} names no guard"
        self.declared: dict[str, Any] = getattr(view, "_declared", {})

    def __deepcopy__(self, _: Any) -> _Described:
        return self


def _declare(name: str, value: Any) -> Callable[[View], View]:
    def decorator(view: View) -> View:
        view._declared = {**getattr(view, "_declared", {}), name: value}  # type: ignore[attr-defined]
        return view

    return decorator


def _describe(doc: dict[str, Any], doc_info: dict[str, Any], *, spec: Any, **_: Any) -> dict[str, Any]:
    view: _Described = doc_info["view"]
    doc["operationId"] = view.name
    assert view.guard is not None
    doc["security"] = list(view.guard.security)
    if "body" in view.declared:
        doc["requestBody"] = deepcopy(view.declared["body"])  # apispec resolves the schemas in place
    if view.declared.get("idempotent"):
        doc.setdefault("parameters", []).append(_KEY_HEADER)
        for status, response in doc["responses"].items():
            if str(status).startswith("2"):
                response.setdefault("headers", {}).update(_REPLAYED_HEADER)
    by_status: dict[int, list[type[Refused]]] = defaultdict(list)
    for refused in _refusals(view, doc):
        by_status[refused.status].append(refused)
    for status, refusals in sorted(by_status.items()):
        doc["responses"][status] = _problem(status, refusals, spec)
    doc["responses"]["default"] = "problem"
    return doc


def _refusals(view: _Described, doc: dict[str, Any]) -> Iterable[type[Refused]]:
    """Every way an operation may refuse, each once, in the order it would happen."""
    assert view.guard is not None
    refusals: list[type[Refused]] = []
    if view.guard is device_guard:
        refusals += [DeviceRevoked, TooManyAttempts]
    elif view.guard.security:
        refusals += [NotAuthenticated, KeyExpired, KeyRevoked, TooManyAttempts, MissingScope]
    if "<" in view.declared["rule"]:
        refusals += [problems.NoSuchPlace]
    if "requestBody" in doc:
        refusals += [problems.TooLarge, WrongMediaType, BadJson, Invalid]
    elif doc.get("parameters"):
        refusals += [Invalid]
    if view.declared.get("idempotent"):
        refusals += [KeyMissing, KeyReused]
    refusals += [*view.declared.get("refusals", ()), Busy, problems.Unavailable]
    return dict.fromkeys(refusals)


def _problem(status: int, refusals: list[type[Refused]], spec: Any) -> str:
    """The name of the component that describes these refusals; many operations share one."""
    codes = [each.code for each in refusals]
    name = f"{status}-{'-'.join(codes)}"
    if name not in spec.components.responses:
        said = [f"- `{each.code}`: {inspect.cleandoc(each.__doc__ or '').splitlines()[0]}" for each in refusals]
        schema = {"allOf": [ProblemSchema, {"properties": {"code": {"enum": codes}}}]}
        response: dict[str, Any] = {
            "description": "\n".join([HTTPStatus(status).phrase, "", *said]),
            "content": {problems.MEDIA_TYPE: {"schema": schema}},
        }
        if status in (429, 503):
            response["headers"] = _RETRY_AFTER
        spec.components.response(name, response)
    return name


class _Converter(OpenAPIConverter):
    """Schemas described with their docstring; in an answer, every member is always there."""

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        described: dict[str, Any] = super().schema2jsonschema(schema)
        described.setdefault("description", inspect.cleandoc(type(schema).__doc__ or "").partition("\n\n")[0])
        if isinstance(schema, Answer):
            described["required"] = sorted(described["properties"])
            described.pop("additionalProperties", None)  # we may tell more one day
        return described

    def _field2parameter(self, field: Any, *, name: str, location: str) -> dict[str, Any]:
        parameter: dict[str, Any] = super()._field2parameter(field, name=name, location=location)
        schema = parameter["schema"]
        if isinstance(schema.get("type"), list):  # there is no null in a query: it is left out
            schema["type"] = schema["type"][0]
            schema.pop("default", None)
        return parameter


class _MarshmallowPlugin(MarshmallowPlugin):
    Converter = _Converter


class LoyaltyApi(Api):
    """The API of an application: its routes, and the document that describes them."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask, **spec: Any) -> None:
        super().__init__(app, spec_kwargs={**spec, "marshmallow_plugin": _MarshmallowPlugin()})

    def document(self) -> dict[str, Any]:
        """The OpenAPI document."""
        described: dict[str, Any] = self.spec.to_dict()
        return described

    def _register_error_handlers(self) -> None:
        """Ours are in web/errors.py."""

    def _register_etag_headers(self) -> None:
        """Ours stand with their operations."""

    def _register_pagination_header(self) -> None:
        """We page by cursor: see `schemas.page`."""

    def _register_responses(self) -> None:
        response: dict[str, Any] = {"description": "Any other refusal or failure.", "schema": ProblemSchema}
        prepare_response(response, self.spec, problems.MEDIA_TYPE)
        self.spec.components.response("problem", response)
        for status in HTTPStatus:  # the names flask-smorest refers to; replaced by `_describe`
            self.spec.components.response(status.name, {"description": status.phrase}, lazy=True)

    def _register_doc_blueprint(self) -> None:
        """Ours is web/api/reference.py."""
