"""The "when" of a rule: conditions under all-of, any-of and none-of, read from JSON within fixed bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError, fields

from loyalty.registry import plugins
from loyalty.rules.condition import Condition

ALL, ANY, NONE = "all", "any", "none"
MOST_DEEP = 4
MOST_CONDITIONS = 40
MOST_GROUPS = 40


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition and its parameters, as its schema loaded them."""

    condition: Condition
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """`nodes` under `word`: "all" of them hold, "any" of them, or "none". All of nothing always holds."""

    word: str
    nodes: tuple[Node, ...] = ()


Node = Leaf | Group
ALWAYS = Group(ALL)


def known_conditions() -> Mapping[str, Condition]:
    """Every condition a rule may name, by name."""
    return plugins("loyalty.rules.conditions")


def leaves(node: Node) -> Iterator[Leaf]:
    """The conditions of a tree, in the order in which they stand."""
    if isinstance(node, Leaf):
        yield node
    else:
        for each in node.nodes:
            yield from leaves(each)


class TreeField(fields.Field[Node]):
    """`{"all": [...]}`, `{"any": [...]}`, `{"none": [...]}` or `{"<condition>": {...}}`; loads a `Node`.

    Groups are at most 4 deep, conditions and groups at most 40 each, so that a rule costs bounded time.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Node:
        return _Reader().node(value, depth=1)

    def _serialize(self, value: Node | None, attr: str | None, obj: Any, **_: Any) -> Any:
        return None if value is None else _as_json(value)


class _TooMany(ValidationError):
    """Reading stops here: the rest of the tree would only repeat it."""


class _Reader:
    def __init__(self) -> None:
        self.conditions = 0
        self.groups = 0

    def node(self, value: Any, depth: int) -> Node:
        word, inside = next(iter(value.items())) if isinstance(value, dict) and len(value) == 1 else ("", None)
        if word in (ALL, ANY, NONE):
            return self._group(word, inside, depth)
        self.conditions += 1  # nonsense counts too: a thousand complaints help nobody
        if self.conditions > MOST_CONDITIONS:
            raise _TooMany(f"At most {MOST_CONDITIONS} conditions.")
        if not word:
            raise ValidationError("Must be an object with one key: all, any, none or the name of a condition.")
        return self._leaf(word, inside)

    def _group(self, word: str, inside: Any, depth: int) -> Group:
        if depth > MOST_DEEP:
            raise ValidationError(f"Groups are at most {MOST_DEEP} deep.")
        self.groups += 1
        if self.groups > MOST_GROUPS:
            raise _TooMany(f"At most {MOST_GROUPS} groups.")
        if not isinstance(inside, list):
            raise ValidationError({word: ["Must be a list."]})
        if not inside and word != ALL:
            raise ValidationError({word: ["Must not be empty; only all may, and always holds."]})
        nodes, errors = [], {}
        for at, each in enumerate(inside):
            try:
                nodes.append(self.node(each, depth + 1))
            except _TooMany:
                raise
            except ValidationError as problem:
                errors[at] = problem.messages
        if errors:
            raise ValidationError({word: errors})
        return Group(word, tuple(nodes))

    def _leaf(self, name: Any, inside: Any) -> Leaf:
        condition = known_conditions().get(name)
        if condition is None:
            known = ", ".join(known_conditions())
            raise ValidationError(f"Unknown condition {str(name)[:40]!r}. Known: {known}.")
        try:
            return Leaf(condition, _schema(condition).load(inside))
        except ValidationError as problem:
            raise ValidationError({name: problem.messages}) from None


def _as_json(node: Node) -> dict[str, Any]:
    if isinstance(node, Group):
        return {node.word: [_as_json(each) for each in node.nodes]}
    return {node.condition.name: _schema(node.condition).dump(node.parameters)}


@cache
def _schema(condition: Condition) -> Schema:
    return condition.schema()
