"""Where everything stands on a plot: bars stacked around zero, ranges on a line of days; drawn by parts/chart.html.

A plot is told three times: as a picture, in one sentence, and as the table its picture is made from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loyalty.web.looks import number

WIDTH, HEIGHT = 760, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 8, 22, 26
_TICKS = 4
LABELS = 8
_ROW, _NAMES = 40, 190


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One kind of bar; `values` by column, None where nobody knows. Below zero it hangs down."""

    name: str
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the look of a series, the first of which is 1."""

    x: float
    y: float
    width: float
    height: float
    look: int


@dataclass(frozen=True, slots=True)
class Label:
    """Words at a place."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """The bars of one column, with all it says in words."""

    boxes: tuple[Box, ...]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A plot, ready to be drawn.

    Attributes:
        name: unique on its page.
        title, says: its name and, in a sentence, what it shows.
        names: of the series, in the order of their looks.
        head, rows: the table.
        marks: moments that explain what is seen.
    """

    name: str
    title: str
    says: str
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    lines: tuple[Label, ...]
    labels: tuple[Label, ...]
    marks: tuple[Label, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    zero: float
    height: float = HEIGHT
    width: float = WIDTH
    left: float = _LEFT
    right: float = WIDTH - _RIGHT


def stacked(
    name: str,
    title: str,
    says: str,
    *,
    axis: str,
    labels: Sequence[str],
    short_labels: Sequence[str] | None = None,
    series: Sequence[Series],
    marks: Mapping[int, str] | None = None,
) -> Plot:
    """Bars of each column one on the other, those below zero hanging down.

    Args:
        axis: what the columns are, over the first column of the table.
        labels: of the columns; `short_labels` stand below them.
        marks: by column, what changed there.
    """
    most = max([_sums(series, at)[0] for at in range(len(labels))], default=0)
    least = min([_sums(series, at)[1] for at in range(len(labels))], default=0)
    steps = _steps(least, most)
    scale = (HEIGHT - _TOP - _BOTTOM) / (steps[-1] - steps[0])

    def y(value: float) -> float:
        return round(_TOP + (steps[-1] - value) * scale, 2)

    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(labels))
    every = math.ceil(len(labels) / LABELS)
    return Plot(
        name=name,
        title=title,
        says=says,
        names=tuple(each.name for each in series),
        columns=tuple(_column(series, at, labels[at], y, step) for at in range(len(labels))),
        lines=tuple(Label(_LEFT, y(value), number(value)) for value in steps),
        labels=tuple(
            Label(round(_LEFT + step * (at + 0.5), 2), HEIGHT - 8, (short_labels or labels)[at])
            for at in range(0, len(labels), every)
        ),
        marks=tuple(Label(round(_LEFT + step * at, 2), _TOP - 8, text) for at, text in sorted((marks or {}).items())),
        head=(axis, *(each.name for each in series)),
        rows=tuple((label, *(each.values[at] for each in series)) for at, label in enumerate(labels)),
        zero=y(0),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """One line of `ranges`: from `first` to `last`, most likely at `middle`; None where nothing can be said."""

    name: str
    words: str
    first: int | None = None
    middle: int | None = None
    last: int | None = None


def ranges(name: str, title: str, says: str, *, lines: Sequence[Range], most: int, day_name: str) -> Plot:
    """A range of days for each line, counted from today; what goes beyond `most` is cut off there."""
    height, left = len(lines) * _ROW + 34, _NAMES
    scale = (WIDTH - left - _RIGHT) / most

    def x(days: int) -> float:
        return round(left + min(days, most) * scale, 2)

    columns = []
    for at, each in enumerate(lines):
        middle = at * _ROW + _ROW / 2
        boxes: list[Box] = []
        if each.first is not None and each.middle is not None and each.last is not None:
            boxes.append(Box(x(each.first), middle - 8, max(3, x(each.last) - x(each.first)), 16, 2))
            boxes.append(Box(max(left, x(each.middle) - 2), middle - 12, 4, 24, 1))
        columns.append(Column(tuple(boxes), f"{each.name} : {each.words}"))
    days = [round(most * share / 4) for share in range(5)]
    return Plot(
        name=name,
        title=title,
        says=says,
        names=(),
        columns=tuple(columns),
        lines=tuple(Label(0, at * _ROW + _ROW / 2 + 4, each.name) for at, each in enumerate(lines)),
        labels=tuple(Label(x(each), height - 8, f"{number(each)} {day_name}") for each in days),
        marks=(),
        head=(),
        rows=(),
        zero=height - 28,
        height=height,
        left=left,
    )


def _sums(series: Sequence[Series], at: int) -> tuple[int, int]:
    values = [each.values[at] or 0 for each in series]
    return sum(value for value in values if value > 0), sum(value for value in values if value < 0)


def _column(series: Sequence[Series], at: int, label: str, y: object, step: float) -> Column:
    assert callable(y), "a place on the plot"
    boxes, above, below = [], 0, 0
    x, width = round(_LEFT + step * at + step * 0.1, 2), round(max(1.0, step * 0.8), 2)
    for look, each in enumerate(series, 1):
        value = each.values[at] or 0
        if value > 0:
            boxes.append(Box(x, y(above + value), width, round(y(above) - y(above + value), 2), look))
            above += value
        elif value < 0:
            boxes.append(Box(x, y(below), width, round(y(below + value) - y(below), 2), look))
            below += value
    told = (f"{each.name} {number(each.values[at] or 0)}" for each in series if each.values[at])
    return Column(tuple(boxes), f"{label} : {', '.join(told) or '0'}")


def _steps(least: int, most: int) -> list[int]:
    """Round values from below the least to above the most, zero among them."""
    span = max(most - least, 1)
    size = 10 ** math.floor(math.log10(max(1, span / _TICKS)))
    size = next(size * factor for factor in (1, 2, 5, 10) if span / (size * factor) <= _TICKS)
    first, last = math.floor(least / size), max(1, math.ceil(most / size))
    return [step * size for step in range(first, last + 1)]
