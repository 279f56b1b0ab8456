"""A ladder, and where somebody stands on it."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.db import Database
from loyalty.flows.manage_tiers import add_tier
from loyalty.tiers.due import applied, unapplied
from loyalty.tiers.find import changes
from loyalty.tiers.tables import Tier, TierHolding
from tests.cast import ODILE

STATUS = {"class": "status_only"}


def ladder(db: Database, **thresholds: int) -> None:
    """Tiers by slug, with what each takes; as if everybody had been reviewed for them."""
    for slug, threshold in thresholds.items():
        names = {"name_fr": slug.title(), "name_en": slug.title()}
        add_tier(db, {"slug": slug, "threshold": threshold, **names}, actor=ODILE)
    db.write(lambda session: applied(session, unapplied(session)))


def tier_of(db: Database, holder_id: int) -> tuple[str | None, datetime | None]:
    """The slug of the tier a holder has now, and until when."""

    def steps(session: Session) -> tuple[str | None, datetime | None]:
        has = sa.select(Tier.slug, TierHolding.holds_until).outerjoin_from(TierHolding, Tier)
        row = session.execute(has.where(TierHolding.holder_id == holder_id)).one_or_none()
        return (row.slug, row.holds_until) if row else (None, None)

    return db.read(steps)


def history(db: Database, *holder_ids: int) -> list[tuple[str | None, str | None, str]]:
    """How the tiers of holders changed, the first change first: from, to, why."""
    rows = db.read(lambda session: changes(session, holder_ids, limit=100))
    return [(row.from_tier, row.to_tier, row.reason) for row in reversed(rows)]
