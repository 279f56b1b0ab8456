"""The overview, and the part of it that is asked for anew every half minute."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import g, render_template
from flask_babel import gettext
from sqlmodel import Session

from loyalty import clock
from loyalty.animations import find
from loyalty.figures.count import ACTIVITIES, BY_HOUR, FANS, GIVEN, POINTS_SPENT, SCANS
from loyalty.figures.days import day_of
from loyalty.figures.find import figures_of
from loyalty.figures.usual import Beside, beside_usual
from loyalty.intake.find import backlog
from loyalty.ledger import sums, verifications
from loyalty.ledger.value import euros
from loyalty.programme.find import shows, the_programme, valuation
from loyalty.staff.roles import may
from loyalty.web.admin.animations.opening import quick
from loyalty.web.admin.animations.told import told
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.counted import LONG, SHORTLY, once_in
from loyalty.web.admin.overview.attention import OLD_PROOF, alerts
from loyalty.web.admin.overview.checklist import checklist
from loyalty.web.guards import guard
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff


@pages.get("/")
@guard(staff("overview:read"))
def overview() -> str:
    """The station at a glance."""
    db = current_services().db
    owed = once_in(LONG, db, ("owed",), _owed) if may(g.staff.role, "accounts:read") else None
    return render_template("admin/overview/page.html", owed=owed, **_live(), **db.read(_page))


@pages.get("/overview/live")
@guard(staff("overview:read"))
def overview_live() -> str:
    """The figures and the alerts."""
    return render_template("admin/overview/live.html", **_live())


def _owed(session: Session) -> tuple[int, Decimal | None]:
    """The points that fans have, and what they are worth in euro."""
    points = sum(sums.owed_to_fans(sums.balances_at(session, None)).values())
    return points, euros(points, valuation(session).point_value)


def _page(session: Session) -> dict[str, Any]:
    now, names = clock.now(), shows(session)
    latest = verifications.latest(session)
    steps = checklist(session)
    return {
        "steps": [] if all(each.done for each in steps) else steps,
        "quick": quick(session) if may(g.staff.role, "animations:write") else None,
        "to_come": [told(session, row, shows=names, now=now) for row in find.to_come(session, now)[:6]],
        "proof": latest,
        "proof_is_old": latest is not None and now - latest.finished_at > OLD_PROOF,
        "backlog": backlog(session),
        "now": now,
    }


def _live() -> dict[str, Any]:
    db, now = current_services().db, clock.now()

    def compared(session: Session) -> list[Beside]:
        (today,) = figures_of(session, [day_of(now, the_programme(session).zone)], now=now, measures=[BY_HOUR])
        return beside_usual(session, today, now=now)

    def asked(session: Session) -> list[Any]:
        return alerts(session, day_of(now, the_programme(session).zone), now)

    return {
        "beside": once_in(SHORTLY, db, ("beside",), compared),
        "names": {
            ACTIVITIES: gettext("Activities"),
            FANS: gettext("Fans who took part"),
            GIVEN: gettext("Points given"),
            POINTS_SPENT: gettext("Points spent"),
            SCANS: gettext("Scans"),
        },
        "alerts": db.read(asked),
        "counted_at": now,
    }
