"""A rule's body made ready to judge: its tree becomes closures, its limits a frozen `Revision`."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from loyalty.errors import Invalid
from loyalty.rules.condition import Reason, Test
from loyalty.rules.evaluate import MEASURE_ONLY, Cap, Earn, Limits, Revision
from loyalty.rules.schema import loaded
from loyalty.rules.situation import Situation
from loyalty.rules.tree import ALL, ANY, Leaf, Node

log = logging.getLogger(__name__)

_NO_RULE = {"name": {"fr": "?", "en": "?"}, "class": MEASURE_ONLY}
_UNREADABLE = Reason("unreadable")
_PERIODS = {"per_day": "day", "per_week": "week", "ever": "ever"}
_MOST_REASONS = 3  # of the alternatives none of which held: a verdict is kept with every activity


def compile_revision(
    body: Any, *, revision_id: int, rule_id: int, slug: str, number: int, in_force_from: datetime
) -> Revision:
    """The revision, ready for `evaluate`.

    Args:
        body: as `schema.canonical` keeps it, or any valid draft.

    Raises:
        Invalid: the body is not one.
    """
    rule = loaded(body)
    return Revision(
        id=revision_id,
        rule_id=rule_id,
        slug=slug,
        number=number,
        enabled=rule["enabled"],
        points_class=rule["points_class"],
        test=compile_tree(rule["when"]),
        earn=Earn(**rule["earn"]),
        limits=_limits(rule["limits"]),
        starts_at=rule["starts_at"],
        ends_at=rule["ends_at"],
        priority=rule["priority"],
        stacking=rule["stacking"],
        pending_hours=rule.get("pending_hours"),
        in_force_from=in_force_from,
    )


def compile_kept(
    body: Any, *, revision_id: int, rule_id: int, slug: str, number: int, in_force_from: datetime
) -> Revision:
    """As `compile_revision`, for a body we kept. Never raises.

    A body that was valid once may name a condition that has been removed since. Activities must go on being
    recorded: such a revision earns nothing and says so.
    """
    compiled = partial(
        compile_revision,
        revision_id=revision_id,
        rule_id=rule_id,
        slug=slug,
        number=number,
        in_force_from=in_force_from,
    )
    try:
        return compiled(body)
    except Invalid as problem:
        log.error("revision %s of rule %s can no longer be read: %s", number, slug, problem)
        return replace(compiled(_NO_RULE), test=lambda situation: _UNREADABLE)


def compile_tree(node: Node) -> Test:
    """One closure for the whole tree: None when it holds, else why not."""
    if isinstance(node, Leaf):
        return node.condition.compile(node.parameters)
    tests = [compile_tree(each) for each in node.nodes]
    if node.word == ALL:
        return _all_of(tests)
    return _any_of(tests) if node.word == ANY else _none_of(tests)


def _all_of(tests: Sequence[Test]) -> Test:
    """The first reason that is missing."""
    if len(tests) == 1:
        return tests[0]

    def test(situation: Situation) -> Reason | None:
        for each in tests:
            reason = each(situation)
            if reason is not None:
                return reason
        return None

    return test


def _any_of(tests: Sequence[Test]) -> Test:
    """The reasons of the alternatives, together."""
    if len(tests) == 1:
        return tests[0]

    def test(situation: Situation) -> Reason | None:
        missed = []
        for each in tests:
            reason = each(situation)
            if reason is None:
                return None
            missed.append(reason)
        told = [{"reason": each.code, "holes": dict(each.holes)} for each in missed[:_MOST_REASONS]]
        return Reason("none_of_these", {"reasons": told}, elsewhere=all(each.elsewhere for each in missed))

    return test


def _none_of(tests: Sequence[Test]) -> Test:
    ruled_out = Reason("ruled_out")

    def test(situation: Situation) -> Reason | None:
        return ruled_out if any(each(situation) is None for each in tests) else None

    return test


def _limits(given: Mapping[str, Any]) -> Limits:
    caps = tuple(Cap(period=period, **given[name]) for name, period in _PERIODS.items() if name in given)
    return Limits(
        caps=caps,
        cooldown_seconds=given.get("cooldown_seconds", 0),
        budget_points=given.get("budget_points"),
    )
