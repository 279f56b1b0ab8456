"""Answers a write that needs an Idempotency-Key: the first time by doing it, afterwards as the first time."""

import json
from collections.abc import Callable
from typing import Any

from flask import Response, current_app, request

from loyalty.db import Joined
from loyalty.flows.once import fingerprint, once
from loyalty.web import json_guard
from loyalty.web.api.schemas import Answer
from loyalty.web.guards import caller
from loyalty.web.services import current_services


def answer_once(schema: Answer, run: Callable[[Joined], Any], *, status: int = 201) -> Response:
    """Run a flow once for the request's key, and answer with its result.

    Args:
        schema: writes the result down.
        run: the flow; it must do all its writing through what it is given.
        status: of the answer.

    Raises:
        KeyMissing, KeyReused: see `flows.once`.
    """
    body = json_guard.parse(request.get_data()) if request.get_data() else None
    answer = once(
        current_services().db,
        credential=str(caller().actor),
        key=request.headers.get("Idempotency-Key"),
        fingerprint=fingerprint(request.method, request.path, body),
        run=run,
        render=lambda result: (status, json.dumps(schema.dump(result))),
    )
    response: Response = current_app.response_class(answer.body, answer.status, mimetype="application/json")
    if answer.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response
