"""Reads a statement for what Citus refuses of it, as it was found out on Citus 13.2."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from loyalty.distribution import ON_EVERY_MACHINE, ON_THE_COORDINATOR, SPREAD_BY

_NAMED = re.compile(
    r"\b(?:FROM|JOIN|USING|UPDATE)\s+(\w+)(?:\s+(?:AS\s+)?"
    r"(?!(?:SET|WHERE|ON|GROUP|ORDER|LIMIT|JOIN|LEFT|CROSS|UNION|USING|FOR)\b)(\w+))?",
    re.IGNORECASE,
)
_EQUAL = re.compile(r"\b(\w+)\.(\w+) = (\w+)\.(\w+)")
_QUERY = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)
_PARTS = re.compile(r"\bUNION(?: ALL)?\b", re.IGNORECASE)
_TABLES = {*SPREAD_BY, *ON_EVERY_MACHINE, *ON_THE_COORDINATOR}
_Names = Mapping[str, str]  # tables by what a query calls them


@dataclass
class _Query:
    """One query, without those inside it."""

    text: str = ""
    inside: list[_Query] = field(default_factory=list)

    @property
    def is_spread(self) -> bool:
        """Whether it, or a query inside it, reads a spread table."""
        return any(table in SPREAD_BY for table in _names(self.text).values()) or any(
            each.is_spread for each in self.inside
        )


def refused(statement: str) -> list[str]:
    """What Citus would not run of a statement, in words."""
    return list(_refused(_read(statement), {}))


def _read(statement: str) -> _Query:
    """The query and those in parentheses within it; other parentheses belong to the query they stand in."""
    top = _Query()
    opened, is_query = [top], []
    for place, character in enumerate(statement):
        if character == "(":
            is_query.append(bool(_QUERY.match(statement, place + 1)))
            if is_query[-1]:
                opened[-1].text += "()"
                opened[-1].inside.append(_Query())
                opened.append(opened[-1].inside[-1])
                continue
        elif character == ")" and is_query.pop():
            opened.pop()
            continue
        opened[-1].text += character
    return top


def _names(text: str) -> _Names:
    return {alias or table: table for table, alias in _NAMED.findall(text) if table in _TABLES}


def _refused(query: _Query, around: _Names) -> Iterator[str]:
    """Every part of a union by itself, then the queries inside; `around` are the names of those it stands in."""
    own: dict[str, str] = {}
    for part in _PARTS.split(query.text):
        names = _names(part)
        free = around.keys() - names.keys()
        asked = {name: around[name] for name in free if re.search(rf"\b{name}\.", part)}
        yield from _apart(part, names, asked)
        if asked and _some(names, ON_THE_COORDINATOR) and _some(around, SPREAD_BY):
            yield f"{', '.join(names)}: asked anew for each row of {', '.join(asked)}, between two places"
        own |= names
    if "WITH RECURSIVE" in query.text.upper() and query.is_spread:
        yield "a recursion over what is spread"
    for each in query.inside:
        yield from _refused(each, around | own)


def _apart(text: str, names: _Names, asked: _Names) -> Iterator[str]:
    """The spread tables that are not joined with the first by what says on which machine they stand."""
    spread = {name: table for name, table in {**asked, **names}.items() if table in SPREAD_BY}
    if not _some(names, SPREAD_BY):
        return
    if asked and not _some(asked, SPREAD_BY):
        yield f"{', '.join(names)}: asked anew for each row of {', '.join(asked)}, which is not spread"
    together = {name: {name} for name in spread}
    for left, left_column, right, right_column in _EQUAL.findall(text):
        if SPREAD_BY.get(spread.get(left, "")) == left_column and SPREAD_BY.get(spread.get(right, "")) == right_column:
            joined = together[left] | together[right]
            together.update(dict.fromkeys(joined, joined))
    first = next(iter(spread))
    yield from (f"{name} beside {first}" for name in spread if name not in together[first])


def _some(names: _Names, which: object) -> bool:
    return any(table in which for table in names.values())  # type: ignore[operator]
