"""The page of the accounts: what fans are owed first, then the months, then the files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template
from sqlmodel import Session

from loyalty import clock
from loyalty.db import Database, one_snapshot
from loyalty.ledger import closing, liability
from loyalty.ledger.breakage import Breakage, breakage, expected_points
from loyalty.ledger.liability import Outstanding
from loyalty.ledger.months import month_of
from loyalty.ledger.value import euros
from loyalty.programme.find import TheProgramme, Valuation, the_programme, valuation
from loyalty.web.admin.accounts import listing, plots
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.counted import LONG, SHORTLY, once_in
from loyalty.web.guards import guard
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What fans are owed, how it is valued, and what of it will likely be asked for."""

    at: datetime
    known: Outstanding
    breakage: Breakage
    valued: Valuation

    def eur(self, points: int) -> Any:
        """So many points in euro; None: not valued."""
        return euros(points, self.valued.point_value)

    def expected(self, share: int) -> int:
        """The points that will be spent if such a share is not."""
        return expected_points(self.known.points, share)

    def part(self, points: int) -> int:
        """How many of so many points will likely be spent."""
        return expected_points(points, self.breakage.expected)


def standing(db: Database, zone: ZoneInfo, valued: Valuation) -> Standing:
    """All of it: the whole journal is read for it, so for some minutes not again."""
    now = clock.now()

    def owed(session: Session) -> tuple[datetime, Outstanding]:
        one_snapshot(session)
        return now, liability.outstanding(session, now=now, zone=zone)

    def lost(session: Session) -> Breakage:
        return breakage(session, now=now, zone=zone, declared=valued.expected_breakage)

    at, known = once_in(LONG, db, ("outstanding",), owed)
    share = once_in(LONG, db, ("breakage", valued.expected_breakage), lost)
    return Standing(at=at, known=known, breakage=share, valued=valued)


@pages.get("/accounts")
@guard(staff("accounts:read"))
def accounts() -> str:
    """What fans are owed, the months, the files."""
    return show()


def show(**more: Any) -> str:
    """The page, with what is wrong in one of its forms."""
    db = current_services().db

    def steps(session: Session) -> tuple[TheProgramme, Valuation, str]:
        last = closing.latest(session)
        return the_programme(session), valuation(session), last.hash if last else closing.FIRST

    programme, valued, last = db.read(steps)
    said = standing(db, programme.zone, valued)
    months = once_in(SHORTLY, db, ("months", last), lambda session: listing.months(session, programme.zone))
    this_month = month_of(clock.now(), programme.zone)
    return render_template(
        "admin/accounts/page.html",
        standing=said,
        by_age=plots.by_age(said.known),
        by_expiry=plots.by_expiry(said.known, said.breakage.expected),
        months=months,
        this_month=this_month,
        last_month=this_month.later(-1),
        zone=programme.zone.key,
        today=clock.now().astimezone(programme.zone).date(),
        **more,
    )
