"""What a table of the admin is besides its page: a CSV file that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
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
    response = Response(stream_with_context(lines(header, rows, zone)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{today:%Y-%m-%d}.csv"'
    return response


def safe_cell(value: Any, zone: tzinfo) -> Any:
    """A cell: a text that a spreadsheet would run is quoted (OWASP ASVS 5, 1.2.10); numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, Decimal):  # as the spreadsheet that opens semicolons writes it: 4.5 would be the fourth of May
        return f"{value:f}".replace(".", ",")
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def lines(header: Sequence[str], rows: Iterable[Sequence[Any]], zone: tzinfo) -> Iterator[str]:
    """The lines of such a file, the header first; instants are written in this zone."""
    yield "\ufeff" + _line(header, zone)
    for row in rows:
        yield _line(row, zone)


def _line(row: Sequence[Any], zone: tzinfo) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerow([safe_cell(each, zone) for each in row])
    return written.getvalue()
