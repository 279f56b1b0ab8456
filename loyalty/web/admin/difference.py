"""What was before and after a change, field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One field; what was not there, or is not any more, is None."""

    field: str
    before: str | None
    after: str | None

    @property
    def differs(self) -> bool:
        """Whether it changed."""
        return self.before != self.after


def changes(before: Any, after: Any) -> list[Change]:
    """Every field of the two documents, nested ones with dots; those that changed come first."""
    old, new = dict(_flat(before)), dict(_flat(after))
    every = [Change(name, old.get(name), new.get(name)) for name in {**old, **new}]
    return sorted(every, key=lambda change: not change.differs)


def _flat(value: Any, path: str = "") -> list[tuple[str, str]]:
    if value is None and not path:
        return []
    if isinstance(value, Mapping) and value:
        return [each for name, inner in value.items() for each in _flat(inner, f"{path}.{name}" if path else str(name))]
    return [(path or "·", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))]
