"""From figures to plots: what stands on which, in words and in the language of the reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from babel.dates import format_date
from flask_babel import gettext, ngettext

from loyalty.clock import NEVER
from loyalty.figures.count import (
    ACTIVITIES,
    ALL,
    FANS,
    GIVEN,
    GONE,
    OWED,
    POINTS_SPENT,
    RETURNED,
    STATUS_GIVEN,
    STATUS_TAKEN_BACK,
    TAKEN_BACK,
)
from loyalty.figures.find import Counted
from loyalty.figures.origin import NAMES, ORIGINS
from loyalty.figures.run_out import RunOut
from loyalty.web.admin.charts import Plot, Range, Series, ranges, stacked
from loyalty.web.fan import wording
from loyalty.web.language import spoken
from loyalty.web.looks import local, number

_MOST_NETWORKS = 5  # the others stand together
_HORIZON = 90  # days of the plot of stock

Days = Sequence[Counted]
Marks = Mapping[int, str]


def points(days: Days, marks: Marks) -> Plot:
    """Points given and given back above zero; spent, expired and taken back below."""
    series = [
        _series(gettext("given"), days, (GIVEN,)),
        _series(gettext("given back"), days, (RETURNED,)),
        _series(gettext("spent"), days, (POINTS_SPENT,), sign=-1),
        _series(gettext("expired"), days, (GONE,), sign=-1),
        _series(gettext("taken back"), days, (TAKEN_BACK, OWED), sign=-1),
    ]
    says = gettext(
        "%(given)s given, %(spent)s spent, %(expired)s expired, %(taken)s taken back.",
        given=number(_total(series[0])),
        spent=number(-_total(series[2])),
        expired=number(-_total(series[3])),
        taken=number(-_total(series[4])),
    )
    return _by_day("points", gettext("Points by day"), says, days, series, marks)


def status(days: Days, marks: Marks) -> Plot:
    """Status points given and taken back."""
    series = [
        _series(gettext("given"), days, (STATUS_GIVEN,)),
        _series(gettext("taken back"), days, (STATUS_TAKEN_BACK,), sign=-1),
    ]
    says = gettext("%(given)s status points given.", given=number(_total(series[0])))
    return _by_day("status", gettext("Status points by day"), says, days, series, marks)


def networks(days: Days, marks: Marks) -> Plot:
    """Activities by network, those that bring most first."""
    by_network = _sliced(days, 0)
    most = sorted(by_network, key=lambda each: (-sum(value or 0 for value in by_network[each]), each))
    series = [
        Series(name=wording.network(each, spoken()) or gettext("the station’s pages"), values=by_network[each])
        for each in most[:_MOST_NETWORKS]
    ]
    rest = [by_network[each] for each in most[_MOST_NETWORKS:]]
    if rest:
        series.append(
            Series(name=gettext("others"), values=[sum(v or 0 for v in row) for row in zip(*rest, strict=True)])
        )
    return _by_day("networks", gettext("Activities by network"), _most_of(series), days, series, marks)


def origins(days: Days, marks: Marks) -> Plot:
    """Activities on air, on the station's pages and elsewhere."""
    by_origin = _sliced(days, 1)
    series = [Series(name=NAMES[each].say(spoken()), values=by_origin.get(each, _sums(days, ()))) for each in ORIGINS]
    return _by_day("origins", gettext("On air, on our pages, elsewhere"), _most_of(series), days, series, marks)


def fans(days: Days, marks: Marks) -> Plot:
    """Fans, each once a day."""
    series = [Series(name=gettext("fans"), values=[_known(each, each.sum(FANS, key=ALL)) for each in days])]
    known = [value for value in series[0].values if value is not None]
    says = gettext("Between %(least)s and %(most)s fans a day, each counted once a day.",
                   least=number(min(known, default=0)), most=number(max(known, default=0)))  # fmt: skip
    return _by_day("fans", gettext("Fans who took part, by day"), says, days, series, marks)


def outstanding(days: Days, left: Sequence[int | None], marks: Marks) -> Plot:
    """What all fans together could spend when each day ended."""
    series = [Series(name=gettext("points outstanding"), values=left)]
    says = gettext("%(points)s outstanding now.", points=number(left[-1] or 0))
    return _by_day("outstanding", gettext("Points outstanding, at the end of each day"), says, days, series, marks)


def expiry(expiring: Iterable[tuple[datetime, int]]) -> Plot:
    """When what is outstanding expires."""
    found = list(expiring)
    labels = [
        gettext("never") if at == NEVER else str(format_date(local(at), "d MMM y", locale=spoken())) for at, _ in found
    ]
    says = (
        gettext("The next to expire: %(points)s on %(day)s.", points=number(found[0][1]), day=labels[0])
        if (found and found[0][0] != NEVER)
        else gettext("Nothing expires.")
    )
    return stacked(
        "expiry",
        gettext("Points outstanding, by the day they expire"),
        says,
        axis=gettext("Expires on"),
        labels=labels or ["–"],
        series=[Series(name=gettext("points"), values=[amount for _, amount in found] or [0])],
    )


def stock(found: Sequence[RunOut]) -> Plot:
    """How long the stock of each reward lasts."""
    lines = [
        Range(
            name=each.reward.name_fr if spoken() == "fr" else each.reward.name_en,
            words=_lasts(each),
            first=each.soonest,
            middle=each.median,
            last=each.latest,
        )
        for each in found
    ]
    soon = [each for each in found if each.order_now]
    says = ngettext(
        "%(count)s reward may run out before new stock would come.",
        "%(count)s rewards may run out before new stock would come.",
        len(soon),
        count=number(len(soon)),
    )
    return ranges(
        "stock", gettext("When each reward will be gone"), says, lines=lines, most=_HORIZON, day_name=gettext("days")
    )


def _lasts(each: RunOut) -> str:
    if each.soonest is None or each.latest is None or each.median is None:
        return str(gettext("nothing left") if not each.left else gettext("nothing was taken these two weeks"))
    return str(
        gettext(
            "about %(median)s days, most likely between %(first)s and %(last)s",
            median=number(each.median),
            first=number(each.soonest),
            last=number(each.latest),
        )
    )


def _by_day(name: str, title: str, says: str, days: Days, series: Sequence[Series], marks: Marks) -> Plot:
    return stacked(
        name,
        title,
        says,
        axis=gettext("Day"),
        labels=[str(format_date(each.day.date, "EEE d MMM y", locale=spoken())) for each in days],
        short_labels=[str(format_date(each.day.date, "d MMM", locale=spoken())) for each in days],
        series=series,
        marks=marks,
    )


def _series(name: str, days: Days, measures: Sequence[str], *, sign: int = 1) -> Series:
    return Series(name=name, values=[_known(each, sign * sum(map(each.sum, measures))) for each in days])


def _sums(days: Days, measures: Sequence[str]) -> list[int | None]:
    return [_known(each, sum(map(each.sum, measures))) for each in days]


def _sliced(days: Days, part: int) -> dict[str, list[int | None]]:
    """Activities by one part of their key: 0 is the network, 1 the origin."""
    found: dict[str, list[int | None]] = {}
    for at, each in enumerate(days):
        for key, amount in each.parts(ACTIVITIES).items():
            row = found.setdefault(key.split(":")[part], [_known(every, 0) for every in days])
            row[at] = (row[at] or 0) + amount
    return found


def _known(each: Counted, amount: int) -> int | None:
    return amount if each.known else None


def _total(series: Series) -> int:
    return sum(value or 0 for value in series.values)


def _most_of(series: Sequence[Series]) -> str:
    total = sum(map(_total, series))
    if not total:
        return str(gettext("Nothing came in."))
    first = max(series, key=_total)
    share = f"{round(100 * _total(first) / total)}\N{NO-BREAK SPACE}%"
    return str(
        gettext("%(count)s in all; most of it %(name)s: %(share)s.", count=number(total), name=first.name, share=share)
    )
