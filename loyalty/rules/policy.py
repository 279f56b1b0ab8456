"""Which rules the networks do not let a station make: what may be rewarded, where, and with what.

A rule is asked about every act it could pay. One that names its networks is asked about those; one that names none
applies everywhere, so it is asked about every network on which its kinds happen, and has to leave out those that
forbid it, or to give no points. A rule on hold pays nothing and is not asked: pausing is always possible. Nor is a
multiplier: it only adds to what other rules, asked themselves, have given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from loyalty.activities.fact import KINDS
from loyalty.errors import Refused
from loyalty.i18n import Words
from loyalty.rules.conditions.network import NAMES
from loyalty.rules.evaluate import MEASURE_ONLY
from loyalty.rules.policy_table import ALLOWED, FORBIDDEN, GREY, LINES, Line
from loyalty.rules.schema import loaded
from loyalty.rules.situation import Situation
from loyalty.rules.tree import ALL, ANY, NONE, Leaf, Node, leaves

STALE = timedelta(days=183)
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
_WORST = (FORBIDDEN, GREY, ALLOWED)


class ForbiddenByNetwork(Refused):
    """The terms of a network do not allow these points for this act."""

    code = "forbidden_by_network"
    words = Words(
        fr="Les conditions de {networks:list} interdisent de récompenser cela avec ces points. Laissez ce réseau de "
        "côté, ou comptez sans donner de points.",
        en="The terms of {networks:list} forbid rewarding this with these points. Leave that network out, or count "
        "without giving points.",
    )


class ReasonNeeded(Refused):
    """The terms of a network leave it open: somebody answers for it in writing."""

    code = "reason_needed"
    words = Words(
        fr="Les conditions de {networks:list} ne tranchent pas : écrivez pourquoi cette règle est permise.",
        en="The terms of {networks:list} leave it open: write down why this rule is allowed.",
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """What the terms of one network say about acts a rule would pay."""

    network: str
    kinds: tuple[str, ...]
    line: Line

    @property
    def verdict(self) -> str:
        """Forbidden, grey or allowed."""
        return self.line.verdict

    def is_stale(self, today: date) -> bool:
        """Whether the text is so old, or of so unknown a day, that it wants reading again."""
        return self.line.dated is None or today - self.line.dated > STALE


def findings(body: Any) -> list[Finding]:
    """What the networks say about a rule, the worst first.

    Args:
        body: of the rule.

    Raises:
        Invalid: the body is not one.
    """
    rule = loaded(body)
    if not rule["enabled"] or rule["points_class"] == MEASURE_ONLY or "multiply_percent" in rule["earn"]:
        return []
    tree, points_class = rule["when"], rule["points_class"]
    named = names_networks(tree)
    found = []
    for line in LINES:
        if line.verdict == FORBIDDEN and points_class not in line.refuses:
            continue
        for network in line.networks:
            kinds = tuple(_kinds(line, tree, network, named=named))
            if kinds:
                found.append(Finding(network, kinds, line))
    return sorted(found, key=lambda each: (_WORST.index(each.verdict), each.network))


def forbidden_networks(found: Sequence[Finding]) -> list[str]:
    """The networks that forbid it, each once."""
    return sorted({each.network for each in found if each.verdict == FORBIDDEN})


def names_networks(tree: Node) -> bool:
    """Whether the rule says on which networks it counts."""
    return bool(_named(tree))


def enforce(body: Any, *, reason: str | None) -> None:
    """Refuse what a network forbids, and what it leaves open as long as nobody says why it is allowed.

    Raises:
        Invalid: the body is not one.
        ForbiddenByNetwork, ReasonNeeded
    """
    found = findings(body)
    forbidden = forbidden_networks(found)
    if forbidden:
        raise ForbiddenByNetwork(networks=[NAMES.get(each, each) for each in forbidden])
    grey = sorted({each.network for each in found if each.verdict == GREY})
    if grey and not (reason and reason.strip()):
        raise ReasonNeeded(networks=[NAMES.get(each, each) for each in grey])


def _kinds(line: Line, tree: Node, network: str, *, named: bool) -> Iterator[str]:
    """The kinds of a line that the rule would pay on a network."""
    asked = dict.fromkeys(line.kinds)
    if line.others and named:
        asked |= dict.fromkeys([*KINDS, *_kinds_named(tree)])
    for kind in asked:
        if _may_hold(tree, network, kind) is not False:
            yield kind


def _may_hold(node: Node, network: str, kind: str) -> bool | None:
    """Whether a tree holds for acts of a kind on a network: yes, no, or (None) that depends on the rest."""
    if isinstance(node, Leaf):
        if node.condition.name not in ("network", "kind"):
            return None
        return node.condition.compile(node.parameters)(_act(network, kind)) is None
    answers = [_may_hold(each, network, kind) for each in node.nodes]
    if node.word == ALL:
        return False if False in answers else None if None in answers else True
    holds = True if True in answers else None if None in answers else False
    if node.word == ANY:
        return holds
    return None if holds is None else not holds


def _act(network: str, kind: str) -> Situation:
    return Situation(
        network=network,
        kind=kind,
        object="",
        campaign=None,
        show=None,
        quantity=1,
        words=None,
        text_digest=None,
        happened_at=_ANY_TIME,
        local=_ANY_TIME,
        linked=True,
    )


def _named(node: Node) -> set[str]:
    """The networks that a tree names as its own, and not as exceptions."""
    if isinstance(node, Leaf):
        return set(node.parameters["one_of"]) if node.condition.name == "network" else set()
    return set() if node.word == NONE else {network for each in node.nodes for network in _named(each)}


def _kinds_named(tree: Node) -> list[str]:
    return [kind for leaf in leaves(tree) if leaf.condition.name == "kind" for kind in leaf.parameters["one_of"]]
