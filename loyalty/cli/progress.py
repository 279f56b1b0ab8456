"""How far a long piece of work is: one line that changes on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from types import TracebackType
from typing import Self

import click

_SECONDS_APART = (5.0, 0.2)  # between two reports: elsewhere, on a terminal


class ProgressLine:
    """Reports on standard error: what is done, the share of it, the pace and the time left.

    Args:
        unit: what is counted: "rows".
        began: how many of them, and which share of the work, were done before.
    """

    def __init__(self, unit: str, *, began: tuple[int, float] = (0, 0.0)) -> None:
        self._unit = unit
        self._began_count, self._began_share = began
        self._began_at = time.monotonic()
        self._on_terminal = sys.stderr.isatty()
        self._next_at = self._began_at + _SECONDS_APART[self._on_terminal]
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._width:
            click.echo(err=True)  # the next line is not written over this one

    def report(self, count: int, share: float) -> None:
        """Say where we are, unless it was just said; `share` is of the whole work, 0 to 1."""
        now = time.monotonic()
        if now < self._next_at:
            return
        self._next_at = now + _SECONDS_APART[self._on_terminal]
        line = self._said(count, share, max(now - self._began_at, 1e-6))
        if self._on_terminal:
            click.echo("\r" + line.ljust(self._width), nl=False, err=True)
            self._width = len(line)
        else:
            click.echo(line, err=True)

    def _said(self, count: int, share: float, seconds: float) -> str:
        line = f"{count:,} {self._unit}  {share:.0%}  {(count - self._began_count) / seconds:,.0f} {self._unit}/s"
        done = share - self._began_share
        if done <= 0:
            return line
        return f"{line}  {timedelta(seconds=round((1 - share) / done * seconds))} left"
