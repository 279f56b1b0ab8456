"""What points are worth in euro: a point is valued in millionths of a euro, so that every amount is exact."""

from __future__ import annotations

from decimal import Decimal

MICRO = 1_000_000  # of a euro
_CENT, _MICROS = Decimal("0.01"), Decimal("0.000001")


def euros(points: int, point_value: int | None) -> Decimal | None:
    """The value of so many points, to the last decimal but with cents at least; None: points are not valued."""
    if not point_value:
        return None
    exact = (Decimal(points * point_value) * _MICROS).normalize()
    return exact if exact.as_tuple().exponent < -2 else exact.quantize(_CENT)  # type: ignore[operator]
