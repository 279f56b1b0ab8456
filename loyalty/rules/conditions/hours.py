"""Between which hours, on the clock of the programme's zone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, validates_schema

from loyalty.i18n import Words
from loyalty.rules.choices import ClockTime
from loyalty.rules.condition import Condition, Known, Question, Reason, Test
from loyalty.rules.situation import Situation


class _Parameters(Schema):
    starts = ClockTime(data_key="from", required=True)
    ends = ClockTime(data_key="to", required=True)

    @validates_schema(skip_on_field_errors=True)
    def _lasts(self, given: Mapping[str, Any], **_: Any) -> None:
        if given["starts"] == given["ends"]:
            raise ValidationError("from and to are the same: leave the condition out for the whole day.")


class Hours(Condition):
    """The clock shows `from` or later, and not yet `to`; from 22:00 to 02:00 goes on after midnight.

    It is the clock on the wall that counts: the hour that daylight saving repeats counts twice, the one it
    leaves out never comes. Hours know no date: which weekday 01:00 belongs to is said in `weekdays`.
    """

    name = "hours"
    title = Words(fr="Heures", en="Hours")
    schema = _Parameters
    reasons = {
        "outside_hours": Words(
            fr="Cette règle compte de {starts} à {ends}.", en="This rule counts from {starts} to {ends}."
        )
    }
    example = {"from": "22:00", "to": "02:00"}

    def compile(self, parameters: Mapping[str, Any]) -> Test:
        starts, ends = minute_of_day(parameters["starts"]), minute_of_day(parameters["ends"])
        over_midnight = ends < starts
        missed = Reason("outside_hours", {"starts": parameters["starts"], "ends": parameters["ends"]})

        def test(situation: Situation) -> Reason | None:
            now = situation.local.hour * 60 + situation.local.minute
            inside = (now >= starts or now < ends) if over_midnight else starts <= now < ends
            return None if inside else missed

        return test

    def sentence(self, parameters: Mapping[str, Any]) -> tuple[Words, Mapping[str, Any]]:
        return Words(fr="de {starts} à {ends}", en="from {starts} to {ends}"), parameters

    def questions(self, known: Known) -> Mapping[str, Question]:
        return {"from": Question(Words(fr="de", en="from")), "to": Question(Words(fr="à", en="to"))}


def minute_of_day(clock_time: str) -> int:
    """Minutes since midnight of "06:30"."""
    return int(clock_time[:2]) * 60 + int(clock_time[3:])


plugin = Hours()
