"""What fans are owed as plots: by age, and by the month in which it expires."""

from __future__ import annotations

from itertools import pairwise

from flask_babel import gettext

from loyalty.ledger.breakage import expected_points
from loyalty.ledger.liability import AGES, Outstanding
from loyalty.web.admin.accounts.told import month_name
from loyalty.web.admin.charts import Plot, Series, stacked
from loyalty.web.looks import number


def ages() -> list[str]:
    """The names of the bands, the youngest first."""
    between = [gettext("%(first)s to %(last)s months", first=first, last=last) for first, last in pairwise(AGES)]
    return [
        gettext("under %(months)s months", months=AGES[0]),
        *between,
        gettext("over %(months)s months", months=AGES[-1]),
    ]


def by_age(known: Outstanding) -> Plot:
    """What is left in lots, the youngest first, then what is of no lot."""
    more = _of_no_lot(known)
    return stacked(
        "age",
        gettext("By age"),
        gettext("%(young)s were given less than %(months)s months ago.", young=number(known.ages[0]), months=AGES[0]),
        axis=gettext("Age"),
        labels=[*ages(), *(label for label, _ in more)],
        series=[Series(name=gettext("points"), values=[*known.ages, *(points for _, points in more)])],
    )


def by_expiry(known: Outstanding, share: int) -> Plot:
    """When it expires, the soonest first; above what will likely be spent, the share that will likely not."""
    labels = [gettext("never") if month is None else month_name(month) for month in known.expiring]
    spent = [expected_points(points, share) for points in known.expiring.values()]
    not_spent = [points - part for points, part in zip(known.expiring.values(), spent, strict=True)]
    return stacked(
        "expiry-month",
        gettext("By month of expiry"),
        gettext("At the end of each month its points expire, unless they are spent before."),
        axis=gettext("Expire at the end of"),
        labels=labels or ["–"],
        series=[
            Series(name=gettext("expected to be spent"), values=spent or [0]),
            Series(name=gettext("expected never to be spent"), values=not_spent or [0]),
        ],
    )


def _of_no_lot(known: Outstanding) -> list[tuple[str, int]]:
    found = [(gettext("not spendable yet"), known.waiting), (gettext("set aside"), known.set_aside)]
    return [(label, points) for label, points in found if points]
