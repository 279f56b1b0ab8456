"""How large the form of a view may be: one that takes a picture more than all the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import request

from loyalty.pictures.make import MOST_BYTES
from loyalty.pictures.refusals import TooHeavy

View = TypeVar("View", bound=Callable[..., Any])

_READ_AWAY_BYTES = 64 * 1024**2
MOST_FORM_BYTES = MOST_BYTES + 3 * 1024**2  # a picture somewhat too heavy is still refused beside its field


def takes_picture(view: View) -> View:
    """Let a view's form be as large as a picture; put it under its guard, which asks `make_room`."""
    view.most_bytes = MOST_FORM_BYTES  # type: ignore[attr-defined]
    return view


def make_room(view: Callable[..., Any]) -> None:
    """Let the current request be as large as its view says.

    Raises:
        TooHeavy: it says that it is larger still; nothing of it is kept.
    """
    most: int | None = getattr(view, "most_bytes", None)
    if most is None:
        return
    request.max_content_length = most
    if (request.content_length or 0) > most:
        _read_away(request.content_length or 0)
        too_large = getattr(view, "too_large", None)
        raise TooHeavy(megabytes=MOST_BYTES // 1024**2) if too_large is None else too_large


def _read_away(length: int) -> None:
    """Take what a browser goes on sending: cut off half way, it would show a broken connection instead of our words."""
    stream = request.environ["wsgi.input"]
    left = length if length <= _READ_AWAY_BYTES else 0
    while left > 0 and (part := stream.read(min(left, 1024**2))):
        left -= len(part)
