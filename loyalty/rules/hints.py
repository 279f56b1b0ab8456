"""What looks wrong about rules beside each other: two that pay the same twice, one that can never count again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from loyalty.errors import Invalid
from loyalty.fields import parse_moment
from loyalty.rules.evaluate import ADD, MEASURE_ONLY
from loyalty.rules.policy import findings, forbidden_networks

SAME, OVER, FORBIDDEN, UNREADABLE = "same", "over", "forbidden", "unreadable"
Hint = tuple[str, list[str]]  # what is wrong, and the rules or networks it is about


def hints(bodies: Mapping[str, Mapping[str, Any]], now: datetime) -> dict[str, list[Hint]]:
    """What looks wrong, by slug; nothing is said of a rule that is paused.

    Args:
        bodies: canonical, by slug.
    """
    live = {slug: body for slug, body in bodies.items() if body.get("enabled", True)}
    alike: dict[str, list[str]] = {}
    for slug, body in sorted(live.items()):
        adds_up = body.get("stacking", ADD) == ADD and "multiply_percent" not in body["earn"]
        if adds_up and not is_over(body, now) and body["class"] != MEASURE_ONLY:
            alike.setdefault(json.dumps([body["class"], body["when"]], sort_keys=True), []).append(slug)
    found: dict[str, list[Hint]] = {slug: [] for slug in bodies}
    for slugs in alike.values():
        for slug in slugs if len(slugs) > 1 else ():
            found[slug].append((SAME, [each for each in slugs if each != slug]))
    for slug, body in live.items():
        if is_over(body, now):
            found[slug].append((OVER, []))
        try:
            forbidden = forbidden_networks(findings(body))
        except Invalid:  # it names a condition that is no more
            found[slug].append((UNREADABLE, []))
        else:
            found[slug] += [(FORBIDDEN, forbidden)] if forbidden else []
    return found


def is_over(body: Mapping[str, Any], now: datetime) -> bool:
    """Whether the window of a rule has ended."""
    return body.get("to") is not None and parse_moment(body["to"]) <= now
