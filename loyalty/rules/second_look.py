"""What an act gains when it is judged again, after room was made under a cap that had been full."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loyalty.rules.evaluate import Revision, Verdict

_CAP = "cap_reached_"
Kept = Mapping[str, Any]  # a verdict as it is kept


@dataclass(frozen=True, slots=True)
class Room:
    """A rule gave less on a local day than before."""

    rule_id: int
    local_day: int


@dataclass(frozen=True, slots=True)
class Gain:
    """One rule gives more than it did: what it says now, and the points it gave before."""

    verdict: Verdict
    had: int


def periods_of(revisions: Iterable[Revision]) -> set[str]:
    """The periods for which any of these has a cap."""
    return {cap.period for each in revisions for cap in each.limits.caps}


def waits_for(kept: Sequence[Kept], slugs: Collection[str]) -> bool:
    """Whether a cap of one of these rules kept an act from points."""
    return any(each["rule"] in slugs and _capped(each) for each in kept)


def gains(kept: Sequence[Kept], now: Sequence[Verdict]) -> list[Gain]:
    """What is gained, rule by rule, each under the very revision that judged it first.

    Nothing when a rule would give less than it did, as where rules exclude each other: what was given stays given.
    """
    was = {(each["rule"], each["revision"]): int(each["points"]) for each in kept}
    said = {(each.revision.slug, each.revision.number): each for each in now}
    if any(points and (key not in said or said[key].points < points) for key, points in was.items()):
        return []
    return [Gain(each, was[key]) for key, each in said.items() if key in was and each.points > was[key]]


def merged(kept: Sequence[Kept], gained: Sequence[Gain]) -> list[dict[str, Any]]:
    """The verdicts as they are kept from now on."""
    new = {each.verdict.revision.slug: each.verdict.kept for each in gained}
    return [dict(new.get(each["rule"], each)) for each in kept]


def _capped(kept: Kept) -> bool:
    return str(kept.get("holes", {}).get("because", kept["reason"])).startswith(_CAP)
