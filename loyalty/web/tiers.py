"""A fan's tier in words: which, until when, and how it came to be; for the fan's pages and the admin's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.fans.identities import holder_ids_of_fan
from loyalty.i18n import Words
from loyalty.programme.find import the_programme
from loyalty.tiers import decide, find
from loyalty.web.language import spoken

_CHANGES_SHOWN = 20
REASONS = {
    decide.REACHED: Words(fr="Atteint par le statut gagné.", en="Reached by the status earned."),
    decide.KEPT: Words(fr="Gardé un an de plus.", en="Kept for another year."),
    decide.ENDED: Words(
        fr="La date est passée, avec moins de statut dans l’année.", en="Its date passed, with less status that year."
    ),
    decide.WITHDRAWN: Words(fr="Ce qui l’avait atteint a été repris.", en="What had reached it was taken back."),
    decide.MERGED: Words(fr="Comptes réunis : le meilleur des deux.", en="Accounts merged: the better of both."),
    decide.LADDER: Words(fr="Les seuils ont changé.", en="The thresholds were changed."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One line of the history; `to` and `until` are None where no tier was left.

    Attributes:
        look: "gain" or "loss".
    """

    to: str | None
    until: datetime | None
    why: str
    at: datetime
    look: str


def of_fan(session: Session, fan_id: int) -> dict[str, Any]:
    """What a page shows of a fan's tier; instants that are not included any more become the last day before."""
    stands = find.standing(session, fan_id, programme=the_programme(session), now=clock.now())
    return {
        "stands": stands,
        "holds_until": last_day(stands.holds_until),
        "year_ends": last_day(stands.year_ends_at),
        "ladder": find.open_ladder(session),
        "tier_changes": history(session, fan_id),
    }


def history(session: Session, fan_id: int) -> list[Changed]:
    """How a fan's tier came to be, the latest change first."""
    tiers = {each.slug: each for each in find.every_tier(session)}
    said = []
    for row in find.changes(session, holder_ids_of_fan(session, fan_id), limit=_CHANGES_SHOWN):
        if row.holder_id != fan_id and row.to_tier is None:
            continue  # given up by an account that became this fan's
        before, after = tiers.get(row.from_tier), tiers.get(row.to_tier)
        lost = after is None or (before is not None and row.reason in (decide.ENDED, decide.WITHDRAWN))
        said.append(
            Changed(
                to=name_of(after) if after else None,
                until=last_day(row.holds_until),
                why=REASONS[row.reason].say(spoken()),
                at=row.at,
                look="loss" if lost else "gain",
            )
        )
    return said


def name_of(tier: Any) -> str:
    """A tier's name in the reader's language."""
    return str(tier.name_fr if spoken() == "fr" else tier.name_en)


def last_day(ends_at: datetime | None) -> datetime | None:
    """An instant of the last day before something ends."""
    return ends_at and ends_at - timedelta(seconds=1)
