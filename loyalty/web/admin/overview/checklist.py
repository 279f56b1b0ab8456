"""What an empty installation still needs before a fan can walk the whole way, ticked from what is there."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext
from sqlmodel import Session

from loyalty.activities.tables import Activity
from loyalty.intake.tables import Source
from loyalty.partners.tables import Device, Partner
from loyalty.rewards.tables import Reward
from loyalty.rules.tables import Rule
from loyalty.vouchers.tables import Scan
from loyalty.web.admin.links import link


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `address` is where it is taken, None where the reader cannot."""

    words: str
    done: bool
    address: str | None


def checklist(session: Session) -> list[Step]:
    """Source, rule, reward, partner, test scan."""

    def there(*tables: type) -> bool:
        return all(session.execute(sa.select(sa.exists(sa.select(table)))).scalar_one() for table in tables)

    return [
        Step(
            gettext("A source that tells what fans do"),
            there(Source) or there(Activity),
            link("admin.deliveries", "deliveries:read"),
        ),
        Step(gettext("A rule that says what it earns"), there(Rule), link("admin.rules", "rules:write")),
        Step(gettext("A reward to spend points on"), there(Reward), link("admin.rewards", "rewards:write")),
        Step(
            gettext("A partner who hands it out, with a device"),
            there(Partner, Device),
            link("admin.partners", "partners:write"),
        ),
        Step(gettext("A first scan, as a test"), there(Scan), link("admin.partners", "partners:read")),
    ]
