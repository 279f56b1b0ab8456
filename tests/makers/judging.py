"""Activities, revisions and standings made for judging, without a database."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from loyalty.rules.compile import compile_revision
from loyalty.rules.evaluate import Revision, Tally, Verdict
from loyalty.rules.periods import period_key
from loyalty.rules.situation import Situation

PARIS = ZoneInfo("Europe/Paris")
NAMED = {"name": {"fr": "Règle", "en": "Rule"}}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def situation(at: datetime | None = None, *, zone: ZoneInfo = PARIS, **facts: Any) -> Situation:
    """A chat message on Twitch, on Monday 23 November 2026 at 08:00 in Paris unless said otherwise."""
    happened_at = at or datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    whole: dict[str, Any] = {
        "network": "twitch",
        "kind": "live_chat",
        "object": "channel:lumiere",
        "campaign": None,
        "show": None,
        "quantity": 1,
        "words": 5,
        "text_digest": None,
        "linked": True,
        **facts,
    }
    return Situation(happened_at=happened_at, local=happened_at.astimezone(zone), **whole)


def paris(*when: int, fold: int = 0) -> datetime:
    """An instant, from what the clock in Paris shows; `fold` 1 is the second time it shows it."""
    return datetime(*when, tzinfo=PARIS, fold=fold).astimezone(UTC)  # type: ignore[arg-type, misc]


def body(**parts: Any) -> dict[str, Any]:
    """A rule that gives ten points for everything, unless said otherwise."""
    return {**NAMED, "class": "redeemable", "earn": {"fixed": 10}, **parts}


def revision(number: int = 1, *, in_force_from: datetime = LONG_AGO, **parts: Any) -> Revision:
    """The first revision of a rule of its own, compiled."""
    return compile_revision(
        body(**parts),
        revision_id=number,
        rule_id=number,
        slug=f"rule-{number:03}",
        number=1,
        in_force_from=in_force_from,
    )


class Book:
    """What one fan got of each rule, and everybody, kept in memory: the plain model of `BatchStanding`."""

    def __init__(self, issued: Mapping[int, int] | None = None) -> None:
        self.given: dict[tuple[int, str], Tally] = {}
        self.spent = dict(issued or {})
        self.moments: dict[int, list[datetime]] = {}

    def tally(self, rule_id: int, period: str) -> Tally:
        """What the rule gave the fan in the period."""
        return self.given.get((rule_id, period), Tally())

    def nearest(self, rule_id: int, at: datetime) -> datetime | None:
        """When the award nearest to an instant was."""
        return min(self.moments.get(rule_id, []), key=lambda each: abs(each - at), default=None)

    def issued(self, rule_id: int) -> int:
        """What the rule gave everybody."""
        return self.spent.get(rule_id, 0)

    def note(self, told: Situation, verdicts: list[Verdict]) -> int:
        """Count the awards; returns their points."""
        for verdict in verdicts:
            if not verdict.awarded:
                continue
            rule_id = verdict.revision.rule_id
            self.spent[rule_id] = self.issued(rule_id) + verdict.points
            for period in ("day", "week", "ever"):
                before = self.tally(rule_id, period_key(period, told))
                self.given[rule_id, period_key(period, told)] = Tally(before.points + verdict.points, before.times + 1)
            self.moments.setdefault(rule_id, []).append(told.happened_at)
        return sum(verdict.points for verdict in verdicts)
