"""When points expire: the station's policy, what it says of an instant, and that in words.

An end is the first instant at which the points are gone: midnight in the programme's zone, of a whole day and mostly of
a whole month, so that a holder has few lots.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from loyalty.clock import NEVER
from loyalty.errors import Invalid
from loyalty.fields import WholeNumber
from loyalty.i18n import Words, written_day

NEVER_KIND, ROLLING, FIXED, SLIDING = "never", "rolling", "fixed", "sliding"
MOST_MONTHS = 1_200
LEAST_NOTICE = timedelta(days=30)
_LEAP = 2000


@dataclass(frozen=True, slots=True)
class Never:
    """Points stay."""

    slides: ClassVar[bool] = False
    kind: ClassVar[str] = NEVER_KIND
    words: ClassVar[Words] = Words(fr="Vos {our_points} n’expirent jamais.", en="Your {our_points} never expire.")

    def end_of(self, earned_at: datetime, zone: ZoneInfo) -> datetime:
        """When points earned at an instant expire."""
        return NEVER


@dataclass(frozen=True, slots=True)
class Rolling:
    """Points last to the end of the month that comes `months` after the one in which they were earned."""

    slides: ClassVar[bool] = False
    kind: ClassVar[str] = ROLLING
    words: ClassVar[Words] = Words(
        fr="Vos {our_points} expirent {months:n} mois après le gain, à la fin du mois.",
        en="Your {our_points} expire {months:n} {months:month|months} after you earned them, at the end of the month.",
    )
    months: int

    def end_of(self, earned_at: datetime, zone: ZoneInfo) -> datetime:
        """When points earned at an instant expire."""
        local = earned_at.astimezone(zone)
        return _month_begins(local.year, local.month + self.months + 1, zone)


@dataclass(frozen=True, slots=True)
class Sliding(Rolling):
    """Points last as under `Rolling`, counted from the holder's latest gain: each gain takes the earlier ones along."""

    slides: ClassVar[bool] = True
    kind: ClassVar[str] = SLIDING
    words: ClassVar[Words] = Words(
        fr="Vos {our_points} expirent {months:n} mois après votre dernier gain, à la fin du mois : chaque nouveau gain "
        "les prolonge.",
        en="Your {our_points} expire {months:n} {months:month|months} after you last earned any, at the end of the "
        "month: earning again makes them last longer.",
    )


@dataclass(frozen=True, slots=True)
class Fixed:
    """Points last through the next `day` of `month` that leaves them `at_least_months`; 29 February is the 28th in
    other years."""

    slides: ClassVar[bool] = False
    kind: ClassVar[str] = FIXED
    words: ClassVar[Words] = Words(
        fr="Vos {our_points} expirent le {on}, et jamais moins de {months:n} mois après le gain : sinon, un an plus "
        "tard.",
        en="Your {our_points} expire on {on}, and never less than {months:n} {months:month|months} after you earned "
        "them: then it is a year later.",
    )
    words_at_once: ClassVar[Words] = Words(
        fr="Vos {our_points} expirent chaque année, le {on}.", en="All your {our_points} expire every year, on {on}."
    )
    month: int
    day: int
    at_least_months: int = 0

    def end_of(self, earned_at: datetime, zone: ZoneInfo) -> datetime:
        """When points earned at an instant expire."""
        lasts = _months_later(earned_at.astimezone(zone).date(), self.at_least_months)
        last = _day_of(lasts.year, self.month, self.day)
        if last < lasts:
            last = _day_of(lasts.year + 1, self.month, self.day)
        return first_instant(last + timedelta(days=1), zone)


Policy = Never | Rolling | Sliding | Fixed


def applied(policy: Policy, *, earned_at: datetime, expires_at: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    """When points that expire at an instant do once another policy is applied to them.

    Whatever it says, they are not made to expire within `LEAST_NOTICE`: fans are told before, and can spend them.
    """
    end = policy.end_of(earned_at, zone)
    if end >= expires_at:
        return end
    notice = first_instant((now.astimezone(zone) + LEAST_NOTICE).date() + timedelta(days=1), zone)
    return min(expires_at, max(end, notice))


class PolicySchema(Schema):
    """One policy, as it is kept and as it is asked for."""

    kind = fields.String(required=True, validate=validate.OneOf((NEVER_KIND, ROLLING, FIXED, SLIDING)))
    months = WholeNumber(minimum=1, maximum=MOST_MONTHS)
    month = WholeNumber(minimum=1, maximum=12)
    day = WholeNumber(minimum=1, maximum=31)
    at_least_months = WholeNumber(minimum=0, maximum=120)

    @validates_schema
    def _has_what_its_kind_needs(self, said: dict[str, Any], **_: Any) -> None:
        needs = {ROLLING: {"months"}, SLIDING: {"months"}, FIXED: {"month", "day"}}.get(said["kind"], set())
        may = needs | ({"at_least_months"} if said["kind"] == FIXED else set())
        wrong = {name: ["Missing data for required field."] for name in needs - said.keys()}
        wrong |= {name: ["Unknown field."] for name in said.keys() - may - {"kind"}}
        if not wrong and said["kind"] == FIXED and said["day"] > calendar.monthrange(_LEAP, said["month"])[1]:
            wrong["day"] = ["Must be a day of this month."]
        if wrong:
            raise ValidationError(wrong)


def read(said: Any) -> Policy:
    """A policy from its document.

    Raises:
        Invalid: with what is wrong, by field.
    """
    try:
        found: Mapping[str, Any] = PolicySchema().load(said)
    except ValidationError as problem:
        raise Invalid(problem.messages) from None
    return known(found)


def known(said: Mapping[str, Any]) -> Policy:
    """A policy from a document that was read before."""
    kinds: dict[str, type[Policy]] = {NEVER_KIND: Never, ROLLING: Rolling, SLIDING: Sliding, FIXED: Fixed}
    return kinds[said["kind"]](**{name: value for name, value in said.items() if name != "kind"})


def document(policy: Policy) -> dict[str, Any]:
    """A policy as it is kept."""
    return {"kind": policy.kind, **asdict(policy)}


def sentence(policy: Policy, language: str) -> str:
    """The rule as a fan reads it, in one sentence."""
    if isinstance(policy, Fixed):
        on = written_day(date(_LEAP, policy.month, policy.day), language, year=False)
        words = policy.words if policy.at_least_months else policy.words_at_once
        return words.say(language, on=on, months=policy.at_least_months)
    return policy.words.say(language, months=getattr(policy, "months", 0))


@lru_cache(maxsize=4096)
def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in a zone; where a clock skips midnight, when it skips it."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


@lru_cache(maxsize=4096)
def _month_begins(year: int, month: int, zone: ZoneInfo) -> datetime:
    return first_instant(date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1), zone)


def _months_later(day: date, months: int) -> date:
    """The same day so many months later; the last of its month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return _day_of(year, month + 1, day.day)


def _day_of(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
