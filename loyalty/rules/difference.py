"""What changes between two bodies of a rule, in no language: "limits.per_day.points: 50 -> 80"."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

_NOTHING = "—"


def difference(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[str]:
    """The lines that lead from one canonical body to the other; none where they are the same.

    Args:
        before: None for a rule that is new: then every line is an addition.
    """
    return list(_compare("", before or {}, after or {}))


def _compare(path: str, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in [*before, *(name for name in after if name not in before)]:
            yield from _compare(f"{path}.{name}" if path else name, before.get(name), after.get(name))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _compare_lists(path, before, after)
    elif isinstance(after, Mapping) and before is None:
        yield from _compare(path, {}, after)
    elif isinstance(before, Mapping) and after is None:
        yield from _compare(path, before, {})
    else:
        yield f"{path}: {_shown(before)} -> {_shown(after)}"


def _compare_lists(path: str, before: list[Any], after: list[Any]) -> Iterator[str]:
    """Compare like with like: an item that only moved because another was put before it is no change."""
    for start, end, new_start, new_end in _changes([_shown(each) for each in before], [_shown(each) for each in after]):
        gone, come = before[start:end], after[new_start:new_end]
        paired, new_paired = set(), set()
        for at, new_at in _pairs([_shape(each) for each in gone], [_shape(each) for each in come]):
            yield from _compare(f"{path}[{new_start + new_at}]", gone[at], come[new_at])
            paired.add(at)
            new_paired.add(new_at)
        yield from (f"{path}: - {_shown(each)}" for at, each in enumerate(gone) if at not in paired)
        yield from (f"{path}: + {_shown(each)}" for at, each in enumerate(come) if at not in new_paired)


def _changes(before: list[str], after: list[str]) -> Iterator[tuple[int, int, int, int]]:
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    return (opcode[1:] for opcode in matcher.get_opcodes() if opcode[0] != "equal")


def _pairs(before: list[str], after: list[str]) -> Iterator[tuple[int, int]]:
    for block in SequenceMatcher(a=before, b=after, autojunk=False).get_matching_blocks():
        yield from ((block.a + step, block.b + step) for step in range(block.size))


def _shape(value: Any) -> str:
    """The same for two settings of one condition, or two groups of one word: their insides compare."""
    return _shown(sorted(value)) if isinstance(value, Mapping) else _shown(value)


def _shown(value: Any) -> str:
    return _NOTHING if value is None else json.dumps(value, ensure_ascii=False)
