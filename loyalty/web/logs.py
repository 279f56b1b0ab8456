"""One JSON line per request and per event on standard error; never a credential, a code or what was asked for.

The address of a voucher is its secret, so a line tells the route ("/V/<token>"), not the path.
"""

import json
import logging
import sys
import time
import traceback
from collections.abc import Iterator
from typing import Any

import psycopg
from flask import Flask, Response, g, request
from sqlalchemy.exc import StatementError

from loyalty import clock
from loyalty.web.errors import request_id

log = logging.getLogger("loyalty.requests")


class JsonLines(logging.Formatter):
    """A record as one line of JSON: line ends in it are escaped, so nobody can forge a second one."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": clock.now().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "log": record.name,
            "says": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["trace"] = "".join(_told(record.exc_info[1]))
        return json.dumps(line, default=str)


def _told(error: BaseException | None) -> Iterator[str]:
    """An error and those behind it, the first cause last; without what a database quotes of the row at fault."""
    while error is not None:
        yield from traceback.format_tb(error.__traceback__)
        kind = f"{type(error).__module__}.{type(error).__qualname__}"
        if isinstance(error, psycopg.Error):
            yield f"{kind}: {error.sqlstate} {error.diag.constraint_name or ''}\n"
        else:
            yield f"{kind}\n" if isinstance(error, StatementError) else f"{kind}: {error}\n"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def configure(level: str) -> None:
    """Send every log of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)


def register(app: Flask) -> None:
    """Log each request to `app` when it is answered."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = time.perf_counter()


def _end(response: Response) -> Response:
    fields = {
        "request_id": request_id(),
        "method": request.method,
        "route": request.url_rule.rule if request.url_rule else None,
        "status": response.status_code,
        "milliseconds": round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
        "actor": str(g.caller.actor) if "caller" in g else None,
        "refused": g.get("refused"),
    }
    log.info("%s %s", request.method, fields["route"], extra={"fields": fields})
    response.headers["X-Request-Id"] = request_id()
    return response
