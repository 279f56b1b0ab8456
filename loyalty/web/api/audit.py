"""Who changed what."""

from typing import Any

from marshmallow import fields

from loyalty.fields import Moment, Text
from loyalty.staff import audit
from loyalty.web.api.openapi import Routes
from loyalty.web.api.schemas import Answer, Id, PageQuery, page, page_of
from loyalty.web.guards import guard, scope
from loyalty.web.services import current_services

routes = Routes("audit", "Who changed what, when, from where and why. Nothing here can be changed.")


class AuditRecordSchema(Answer):
    """One thing somebody did."""

    id = Id()
    at = Moment()
    actor = fields.String(metadata={"example": "key:ab12cd34"})
    action = fields.String(metadata={"example": "rule.revised"})
    subject = fields.String(metadata={"example": "rule:morning-chat"})
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)
    reason = fields.String(allow_none=True)
    address = fields.String(allow_none=True, metadata={"description": "Of the network."})


class AuditQuery(PageQuery):
    """Which records."""

    subject = Text(minimum=1, load_default=None, metadata={"description": "Only of this: `rule:morning-chat`."})
    actor = Text(minimum=1, load_default=None, metadata={"description": "Only by them: `key:ab12cd34`."})
    action = Text(minimum=1, load_default=None, metadata={"description": "Only this: `rule.revised`."})


@routes.route("/audit")
@guard(scope("audit:read"))
@routes.arguments(AuditQuery, location="query")
@routes.response(200, page_of(AuditRecordSchema))
def list_audit_records(query: dict[str, Any]) -> Any:
    """See who changed what, the latest first"""
    limit, cursor = query.pop("limit"), query.pop("cursor")
    rows = current_services().db.read(lambda session: audit.find(session, limit=limit + 1, below_id=cursor, **query))
    return page(rows, limit, lambda record: record.id)
