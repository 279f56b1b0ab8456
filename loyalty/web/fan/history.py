"""How a balance came to be, and what became of every participation: each line with its why."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from sqlmodel import Session

from loyalty.activities import browse
from loyalty.fans import disputes
from loyalty.fans.identities import holder_ids_of_fan
from loyalty.fans.tables import Dispute
from loyalty.ledger import find as ledger
from loyalty.ledger import holds
from loyalty.ledger.tables import Hold
from loyalty.programme.points_policy import transfers
from loyalty.web.api.schemas import identifier
from loyalty.web.fan import told
from loyalty.web.fan.blueprint import pages
from loyalty.web.fan.told import Told
from loyalty.web.guards import guard, signed_in_fan
from loyalty.web.services import current_services

PAGE = 25
FILTERS = ("points", "gains", "spent", "activities", "refused")


@pages.get("/history")
@guard("fan")
def history() -> str:
    """A page of lines: `?show=` which, `?before=` older than which."""
    wanted = request.args.get("show", FILTERS[0])
    show = wanted if wanted in FILTERS else FILTERS[0]
    before = identifier(request.args.get("before", ""))
    fan_id = signed_in_fan().fan_id

    def steps(session: Session) -> tuple[list[Told], list[Dispute], list[Hold], bool]:
        aside = holds.open_of(session, fan_id) if before is None and show == FILTERS[0] else []
        giving = transfers(session).allowed
        return _found(session, fan_id, show, before), disputes.of_fan(session, fan_id), aside, giving

    found, asked, aside, giving = current_services().db.read(steps)
    shown, more = found[:PAGE], len(found) > PAGE
    return render_template(
        "fan/history.html",
        lines=shown,
        show=show,
        older=shown[-1].key if more else None,
        before=before,
        filters=FILTERS,
        giving=giving,
        aside=[(each, holds.left(each)) for each in aside],
        asked={(each.about, each.about_id): each for each in asked},
    )


def _found(session: Session, fan_id: int, show: str, before: int | None) -> list[Told]:
    page: dict[str, Any] = {"limit": PAGE + 1, "below_id": before}
    if show in ("activities", "refused"):
        outcome = "refused" if show == "refused" else None
        holders = holder_ids_of_fan(session, fan_id)
        return told.activities(session, browse.activities(session, holder_ids=holders, outcome=outcome, **page))
    sign = {"gains": 1, "spent": -1}.get(show, 0)
    return told.lines(session, ledger.lines(session, fan_id, sign=sign, **page), fan_id=fan_id)
