"""What a table of the admin is besides its page: a CSV file that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from flask import Response, request, stream_with_context

from loyalty import clock
from loyalty.web.services import current_services

PAGE = 50  # rows
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def wants_csv() -> bool:
    """Whether the address asks for the file: `?format=csv`, with the filters of the page."""
    return request.args.get("format") == "csv"


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A file of these rows: UTF-8 with a byte order mark and semicolons, as a French spreadsheet opens it.

    Args:
        name: of the file, without the date and the ending.
    """
    zone = current_services().zone()
    today = clock.now().astimezone(zone).date()
    response = Response(stream_with_context(_lines(header, rows)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{today:%Y-%m-%d}.csv"'
    return response


def safe_cell(value: Any) -> Any:
    """A cell: a text that a spreadsheet would run is quoted (OWASP ASVS 5, 1.2.10); numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(current_services().zone()).isoformat(timespec="seconds")
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield "\ufeff" + _line(header)
    for row in rows:
        yield _line(row)


def _line(row: Sequence[Any]) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerow([safe_cell(each) for each in row])
    return written.getvalue()
