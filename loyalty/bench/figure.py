"""One line of the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from loyalty.bench.turns import Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured.

    Attributes:
        what: in words; `value` is a `unit` of it.
        p50, p99: milliseconds of one call, where calls were counted.
        beside: ratios to what was measured in turns with it, by name; worth more than the value.
    """

    what: str
    value: float
    unit: str = "a second"
    p50: float | None = None
    p99: float | None = None
    beside: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def as_json(self) -> dict[str, Any]:
        """To be written down."""
        return {
            "what": self.what,
            "value": self.value,
            "unit": self.unit,
            "p50_ms": self.p50,
            "p99_ms": self.p99,
            "beside": dict(self.beside),
        }


def figures_of(
    paces: Mapping[str, Pace], what: Mapping[str, str], *, held: str, against: Mapping[str, str]
) -> list[Figure]:
    """A line for each way that took turns.

    Args:
        what: by way, in words.
        held: the way that is held against others.
        against: by way, how its ratio is called.
    """
    ratios = {name: paces[held].per_second / paces[way].per_second for way, name in against.items()}
    return [
        Figure(
            what=what[way],
            value=pace.per_second,
            p50=pace.p50 * 1_000,
            p99=pace.p99 * 1_000,
            beside=ratios if way == held else {},
        )
        for way, pace in paces.items()
    ]
