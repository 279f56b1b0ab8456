"""Where networks send to: `/hooks/<connector>/<source>`.

A message is verified over its raw bytes, kept and acknowledged; the worker (`loyalty worker`) works it within
a moment. No session, no form and no token of ours is involved: the sender's own signature is the guard.
"""

from flask import Blueprint, Response, make_response, request

from loyalty import clock
from loyalty.connector import Message
from loyalty.flows.receive import receive
from loyalty.web.guards import guard
from loyalty.web.services import current_services

hooks = Blueprint("hooks", __name__, url_prefix="/hooks")


@hooks.route("/<word:connector>/<slug:source>", methods=["GET", "POST"])
@guard("signature")
def take_in(connector: str, source: str) -> Response:
    """Take in one message, or answer a network that checks whether this address listens."""
    message = Message(
        method=request.method,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=request.args.to_dict(),
        body=request.get_data(cache=False),
        received_at=clock.now(),
    )
    services = current_services()
    receipt = receive(services.db, services.sealer, connector, source, message)
    response = make_response(receipt.answer.body, receipt.answer.status)
    response.content_type = receipt.answer.content_type
    return response
