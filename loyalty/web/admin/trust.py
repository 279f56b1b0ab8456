"""Why the books can be believed: the last proof, the last seal, the last backup, and how to check from outside."""

from __future__ import annotations

import json

from flask import Response, render_template
from sqlmodel import Session

from loyalty import clock
from loyalty.flows.backup import last_backup
from loyalty.flows.seal import checkpoints
from loyalty.flows.verify import INVARIANTS, LATEST
from loyalty.ledger import checkpoint, seal, verifications
from loyalty.web.admin.blueprint import pages
from loyalty.web.guards import guard
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff


@pages.get("/trust")
@guard(staff("overview:read"))
def trust() -> str:
    """The state of the proofs."""

    def steps(session: Session) -> dict[str, object]:
        return {
            "verification": verifications.latest(session),
            "sealed": checkpoint.latest(session),
            "unsealed": seal.how_many_unsealed(session),
            "backup": last_backup(session),
        }

    known = current_services().db.read(steps)
    return render_template("admin/trust.html", **known, invariants=INVARIANTS, latest=LATEST, now=clock.now())


@pages.get("/trust/checkpoints.jsonl")
@guard(staff("overview:read"))
def trust_checkpoints() -> Response:
    """All checkpoints, to be kept elsewhere or published."""
    lines = [json.dumps(each.as_json()) for each in checkpoints(current_services().db)]
    response = Response("".join(f"{line}\n" for line in lines), content_type="application/jsonl; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="checkpoints.jsonl"'
    return response
