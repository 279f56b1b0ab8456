"""The conditions of a rule in a form: all of these, one of those, none of those.

A tree that is deeper than these three groups is not bent into them: it stays JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from loyalty.rules.condition import Condition
from loyalty.rules.tree import ALL, ANY, NONE, known_conditions
from loyalty.web.admin.rules import asking

GROUPS = (ALL, ANY, NONE)
Path = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One condition of the form."""

    index: str
    group: str
    condition: Condition

    @property
    def prefix(self) -> str:
        """What the names of its fields begin with."""
        return f"part-{self.index}-"


def shown(node: Any) -> list[tuple[str, str, Mapping[str, Any]]] | None:
    """The conditions of a tree with their group, in order; None where the form cannot show it as it is."""
    if not isinstance(node, Mapping) or len(node) != 1:
        return None
    ((word, inside),) = node.items()
    if word in (ANY, NONE):
        return _leaves(word, inside)
    if word != ALL:
        return _leaves(ALL, [node])
    if not isinstance(inside, list):
        return None
    groups: dict[str, list[Any]] = {ALL: [], ANY: [], NONE: []}
    for each in inside:
        name = next(iter(each)) if isinstance(each, Mapping) and len(each) == 1 else ""
        if name in (ANY, NONE) and not groups[name]:
            groups[name] = each[name]
        elif name in known_conditions() and not groups[ANY] and not groups[NONE]:
            groups[ALL].append(each)
        else:
            return None
    if list(_tree_of(groups).get(ALL, [])) != inside:
        return None  # exceptions before alternatives: shown in another order, it would be another document
    found = [_leaves(group, groups[group]) for group in GROUPS]
    return None if None in found else [part for each in found for part in each or ()]


def parts(raw: MultiDict[str, str]) -> list[Part]:
    """The conditions of a form, in order."""
    known = known_conditions()
    found = []
    for index in dict.fromkeys(raw.getlist("part")):
        group, condition = raw.get(f"part-{index}-group", ""), known.get(raw.get(f"part-{index}-is", ""))
        if group in GROUPS and condition is not None:
            found.append(Part(index, group, condition))
    return found


def add(
    raw: MultiDict[str, str],
    condition: Condition,
    group: str,
    index: str,
    parameters: Mapping[str, Any] | None = None,
) -> None:
    """Put one more condition at the end of a form; without parameters, those its schema begins with."""
    prefix = f"part-{index}-"
    raw.add("part", index)
    raw[f"{prefix}group"], raw[f"{prefix}is"] = group, condition.name
    told = asking.begun(condition, prefix) if parameters is None else asking.written(condition, prefix, parameters)
    for name, values in told.items():
        raw.setlist(name, values)


def next_index(raw: MultiDict[str, str]) -> str:
    """A number that no condition of the form has."""
    taken = [int(index) for index in raw.getlist("part") if index.isascii() and index.isdigit() and len(index) < 6]
    return str(max(taken, default=-1) + 1)


def tree(raw: MultiDict[str, str], paths: dict[Path, str]) -> dict[str, Any]:
    """The tree that a form says; `paths` learns where each piece of it was typed."""
    groups: dict[str, list[Any]] = {group: [] for group in GROUPS}
    places: list[tuple[str, int, Part]] = []
    lists = raw.to_dict(flat=False)
    for part in parts(raw):
        places.append((part.group, len(groups[part.group]), part))
        groups[part.group].append({part.condition.name: asking.typed(part.condition, part.prefix, lists)})
    whole = _tree_of(groups)
    for group, place, part in places:
        path = _place(whole, group, place, len(groups[ALL]), bool(groups[ANY]))
        paths[("when", *path)] = part.prefix
        for name in asking.names(part.condition, part.prefix):
            paths[("when", *path, part.condition.name, name.removeprefix(part.prefix))] = name
    return whole


def _tree_of(groups: Mapping[str, list[Any]]) -> dict[str, Any]:
    """One of the groups alone where the others are empty, else all of the first and the other two."""
    filled = [group for group in GROUPS if groups[group]]
    if len(filled) == 1:
        return {filled[0]: groups[filled[0]]}
    return {ALL: [*groups[ALL], *({group: groups[group]} for group in (ANY, NONE) if groups[group])]}


def _place(whole: Mapping[str, Any], group: str, place: int, leaves: int, has_any: bool) -> Path:
    if group in whole:
        return group, place
    return ALL, leaves + (group == NONE and has_any), group, place


def _leaves(group: str, inside: Any) -> list[tuple[str, str, Mapping[str, Any]]] | None:
    if not isinstance(inside, list):
        return None
    found = []
    for each in inside:
        if not isinstance(each, Mapping) or len(each) != 1 or next(iter(each)) not in known_conditions():
            return None
        ((name, parameters),) = each.items()
        found.append((group, name, parameters))
    return found
