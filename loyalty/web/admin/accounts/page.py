"""The page of the accounts: what fans are owed first, then the months, then the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template
from sqlmodel import Session

from loyalty import clock
from loyalty.db import one_snapshot
from loyalty.ledger import closing, liability
from loyalty.ledger.breakage import Breakage, breakage, expected_points
from loyalty.ledger.liability import Outstanding
from loyalty.ledger.months import month_of
from loyalty.ledger.value import euros
from loyalty.programme.find import TheProgramme, Valuation, the_programme, valuation
from loyalty.web.admin.accounts import listing, plots
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.counted import SHORTLY, once_in
from loyalty.web.guards import guard
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What fans are owed, how it is valued, and what of it will likely be asked for."""

    known: Outstanding
    breakage: Breakage
    valued: Valuation

    def eur(self, points: int) -> Any:
        """So many points in euro; None: not valued."""
        return euros(points, self.valued.point_value)

    def expected(self, share: int) -> int:
        """The points that will be spent if such a share is not."""
        return expected_points(self.known.points, share)


def standing(session: Session, programme: TheProgramme) -> Standing:
    """All of it, of one moment."""
    one_snapshot(session)
    now, valued = clock.now(), valuation(session)
    return Standing(
        known=liability.outstanding(session, now=now, zone=programme.zone),
        breakage=breakage(session, now=now, zone=programme.zone, declared=valued.expected_breakage),
        valued=valued,
    )


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
    said = once_in(SHORTLY, db, ("standing", valued), lambda session: standing(session, programme))
    months = once_in(SHORTLY, db, ("months", last), lambda session: listing.months(session, programme.zone))
    this_month = month_of(clock.now(), programme.zone)
    return render_template(
        "admin/accounts/page.html",
        standing=said,
        by_age=plots.by_age(said.known),
        by_expiry=plots.by_expiry(said.known),
        months=months,
        this_month=this_month,
        last_month=this_month.later(-1),
        zone=programme.zone.key,
        today=clock.now().astimezone(programme.zone).date(),
        **more,
    )
