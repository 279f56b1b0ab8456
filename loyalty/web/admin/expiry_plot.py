"""From the preview of another expiry to its plot: two bars a month, as things are and as they would be."""

from __future__ import annotations

from babel.dates import format_date
from flask_babel import gettext

from loyalty.flows.preview_expiry import Month, Preview
from loyalty.web.admin.charts import LABELS, Plot, Series, stacked
from loyalty.web.language import spoken
from loyalty.web.looks import number


def plot_of(preview: Preview) -> Plot:
    """When the points there are expire, before and after."""
    pairs = [(month, after) for month in preview.months for after in (False, True)]
    return stacked(
        "expiry",
        gettext("When the points there are expire"),
        gettext(
            "Of %(points)s points, %(sooner)s would expire sooner and %(later)s later.",
            points=number(preview.points),
            sooner=number(preview.points_sooner),
            later=number(preview.points_later),
        ),
        axis=gettext("Month"),
        labels=[named(month) for month, _ in pairs],
        short_labels=["" if after and len(pairs) <= LABELS else named(month, short=True) for month, after in pairs],
        series=[
            Series(name=gettext("as it is"), values=[0 if after else month.points_before for month, after in pairs]),
            Series(
                name=gettext("with this rule"), values=[month.points_after if after else 0 for month, after in pairs]
            ),
        ],
    )


def named(month: Month, *, short: bool = False) -> str:
    """novembre 2027, or nov. 27; never."""
    if month.first is None:
        return str(gettext("never"))
    return str(format_date(month.first, "MMM yy" if short else "MMMM y", locale=spoken()))
