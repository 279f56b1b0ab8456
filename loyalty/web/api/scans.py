"""A partner's device reads vouchers: to look, to use, to take a use back."""

from typing import Any

from flask import Response, current_app, jsonify, request
from marshmallow import fields

from loyalty.fields import Moment, WholeNumber
from loyalty.flows import scan
from loyalty.intake.rate import TooManyAttempts
from loyalty.partners.devices import DeviceInHand
from loyalty.vouchers.reasons import ANNULLED, OK, REASONS
from loyalty.vouchers.refusals import NonceReused, ScanNotAUse, ScanNotFound, TooLateToAnnul
from loyalty.vouchers.schema import AnnulSchema, ReadingSchema, ScanSchema
from loyalty.web.api.openapi import Routes
from loyalty.web.api.schemas import Answer, Id, SentenceSchema
from loyalty.web.guards import caller, device, guard
from loyalty.web.services import current_services

routes = Routes("scans", "Partners' devices read vouchers. Every attempt is kept, refused ones too.")


class RewardShownSchema(Answer):
    """What is to be handed out."""

    slug = fields.String()
    name_fr = fields.String()
    name_en = fields.String()


class FirstUseSchema(Answer):
    """When and where a voucher was first used."""

    at = fields.String(metadata={"format": "date-time", "description": "In the programme's time zone."})
    place = fields.String()
    device = fields.String()


class VerdictOfScanSchema(Answer):
    """Whether the reward may be handed out, and if not, why."""

    ok = fields.Boolean()
    reason = fields.String(metadata={"enum": [OK, ANNULLED, *REASONS], "description": "`ok`, or why not."})
    sentence = fields.Nested(SentenceSchema, attribute="words")
    reward = fields.Nested(
        RewardShownSchema, allow_none=True, metadata={"description": "null unless this partner may know."}
    )
    uses = WholeNumber(allow_none=True, metadata={"description": "Of the voucher, this one included."})
    max_uses = WholeNumber(allow_none=True)
    not_after = fields.String(allow_none=True, metadata={"format": "date-time"})
    first_use = fields.Nested(
        FirstUseSchema, allow_none=True, metadata={"description": "If it was used already: when and where."}
    )
    annulled_at = fields.String(
        allow_none=True, metadata={"format": "date-time", "description": "When this use was taken back."}
    )


class KeptScanSchema(VerdictOfScanSchema):
    """The verdict of a scan that is on record."""

    id = Id(attribute="scan_id")


class AnnulledSchema(Answer):
    """A scan that no longer counts."""

    id = Id(attribute="scan_id")
    nonce = fields.String()
    reward = fields.Nested(RewardShownSchema, allow_none=True)
    annulled_at = Moment()
    explanation = fields.String()


class BundleSchema(Answer):
    """What a device needs to verify codes by itself."""

    server_time = Moment()
    scope = WholeNumber(metadata={"description": "The partner's number, which a code must carry."})
    keys = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Ed25519 public keys in base64, by the number in the code."},
    )
    refused = fields.Dict(
        keys=fields.String(metadata={"enum": ["cancelled", "superseded", "blocked"]}),
        values=fields.List(fields.String()),
        metadata={"description": "Codes to refuse, by reason: the 8 bytes that tell them, in hexadecimal."},
    )


EXAMPLE = {
    "token": "HTTPS://CLUB.EXAMPLE/V/CFZ2QEQX4ZQ7J6GQAAAAAAIAAAAAGAAAAZ...",
    "nonce": "5f0c9a52-6c0e-4c0e-9d0a-2f6d3f0b8a11",
}
_KEPT = KeptScanSchema()


@routes.route("/vouchers/inspect", methods=["POST"])
@guard(device)
@routes.arguments(ReadingSchema, example={"code": "0T6CK-9QX2D-M8RW"})
@routes.response(200, VerdictOfScanSchema)
@routes.refuses(TooManyAttempts)
def inspect_voucher(said: dict[str, Any]) -> Any:
    """Look at a voucher

    What a use would answer now: the step before goods are handed out. Nothing changes.
    """
    services = current_services()
    return scan.inspect(services.db, services.voucher_keys, device=_device(), text=said["text"])


@routes.route("/scans", methods=["POST"])
@guard(device)
@routes.arguments(ScanSchema, example=EXAMPLE)
@routes.response(201, KeptScanSchema, description="Used now. `ok` is true unless it was taken back since.")
@routes.alt_response(200, schema=KeptScanSchema, description="Not used: `reason` says why.", success=True)
@routes.refuses(NonceReused, TooManyAttempts)
def use_voucher(said: dict[str, Any]) -> tuple[Response, int]:
    """Use a voucher

    Once for each nonce: the same nonce with the same code gets the same answer. Every business refusal is an answer
    of its own, with 200 and a reason.
    """
    services = current_services()
    verdict = scan.use(services.db, services.voucher_keys, device=_device(), **said)
    return jsonify(_KEPT.dump(verdict)), 201 if verdict.reason == OK else 200


@routes.route("/scans/<account:nonce>/annul", methods=["POST"])
@guard(device)
@routes.arguments(AnnulSchema, example={"explanation": "Mauvais client."})
@routes.response(200, AnnulledSchema)
@routes.refuses(ScanNotFound, ScanNotAUse, TooLateToAnnul)
def annul_scan(said: dict[str, Any], nonce: str) -> Any:
    """Take a use back

    By the same device, within 15 minutes. The use goes back to the voucher. Again answers the same.
    """
    db = current_services().db
    return scan.annul(db, device=_device(), nonce=nonce, explanation=said["explanation"])


@routes.route(
    "/scanner/bundle",
    parameters=[
        {
            "name": "If-None-Match",
            "in": "header",
            "description": "The ETag of the bundle the device has.",
            "schema": {"type": "string"},
        }
    ],
)
@guard(device)
@routes.response(200, BundleSchema, headers={"ETag": {"schema": {"type": "string"}}})
@routes.alt_response(304, description="It has not changed.", success=True)
def show_bundle() -> Response:
    """Get what is needed to verify codes offline

    The public keys, and the codes to refuse although their signature is good.
    """
    services = current_services()
    bundle = scan.bundle(services.db, services.voucher_keys, device=_device())
    response: Response = jsonify(BundleSchema().dump(bundle))
    response.set_etag(bundle.etag)
    response.headers["Cache-Control"] = "private, no-cache"
    return current_app.make_response(response.make_conditional(request))


def _device() -> DeviceInHand:
    found = caller().device
    assert found is not None, "the guard let a device in"
    return found
