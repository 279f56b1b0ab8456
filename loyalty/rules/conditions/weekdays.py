"""On which days of the week, in the programme's zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from babel.dates import get_day_names
from marshmallow import Schema, fields, post_load, validate

from loyalty.fields import WholeNumber
from loyalty.i18n import Words
from loyalty.rules.choices import ClockTime
from loyalty.rules.condition import Condition, Known, Question, Reason, Test
from loyalty.rules.conditions.hours import minute_of_day
from loyalty.rules.situation import Situation
from loyalty.rules.speech import either

_RANGE = Words(fr="du {first} au {last}", en="from {first} to {last}")
_ONE = Words(fr="le {day}", en="on {day}")


class _Parameters(Schema):
    days = fields.List(WholeNumber(minimum=1, maximum=7), required=True, validate=validate.Length(1, 7))
    day_begins = ClockTime(load_default="00:00")

    @post_load
    def _each_once(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**given, "days": sorted(set(given["days"]))}


class Weekdays(Condition):
    """The day is one of these, numbered as ISO 8601 does: 1 is Monday, 7 is Sunday.

    What happens before `day_begins` still belongs to the day before. It is midnight unless the rule says
    otherwise: a Friday show from 22:00 to 02:00 is `hours` 22:00 to 02:00 with `weekdays` 5 and `day_begins`
    05:00, and its last two hours, Saturday's on the calendar, are Friday's.
    """

    name = "weekdays"
    title = Words(fr="Jours de la semaine", en="Days of the week")
    schema = _Parameters
    reasons = {"other_weekday": Words(fr="Cette règle compte {when}.", en="This rule counts {when}.")}
    example = {"days": [5, 6], "day_begins": "05:00"}

    def compile(self, parameters: Mapping[str, Any]) -> Test:
        wanted = frozenset(parameters["days"])
        begins = minute_of_day(parameters["day_begins"])
        missed = Reason("other_weekday", {"days": parameters["days"]})

        def test(situation: Situation) -> Reason | None:
            local = situation.local
            day = local.isoweekday()
            if local.hour * 60 + local.minute < begins:
                day = day - 1 or 7
            return None if day in wanted else missed

        return test

    def sentence(self, parameters: Mapping[str, Any]) -> tuple[Words, Mapping[str, Any]]:
        return Words(fr="{when}", en="{when}"), {"days": parameters["days"]}

    def questions(self, known: Known) -> Mapping[str, Question]:
        french, english = (get_day_names("wide", locale=language) for language in ("fr", "en"))
        days = {day: Words(fr=french[day - 1], en=english[day - 1]) for day in range(1, 8)}
        return {
            "days": Question(Words(fr="les jours", en="the days"), days),
            "day_begins": Question(Words(fr="le jour commence à", en="the day begins at")),
        }

    def spoken(self, holes: Mapping[str, Any], language: str) -> Mapping[str, Any]:
        return {"when": _when(holes["days"], language)}


def _when(days: Sequence[int], language: str) -> str:
    names = get_day_names("wide", locale=language)
    first, last = days[0], days[-1]
    if len(days) > 2 and last - first == len(days) - 1:
        return _RANGE.say(language, first=names[first - 1], last=names[last - 1])
    return either((_ONE.say(language, day=names[day - 1]) for day in days), language)


plugin = Weekdays()
