"""Whether this process lives, and whether it can serve: for those who watch over it."""

import shutil
import threading
from pathlib import Path

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, jsonify
from sqlmodel import Session

from loyalty.db import Database, alembic_config
from loyalty.errors import Busy
from loyalty.web.guards import guard
from loyalty.web.services import current_services

DATABASE_SECONDS = 0.5
DISK_FREE = 0.05  # of the whole

pages = Blueprint("health", __name__)


@pages.get("/healthz")
@guard("public")
def alive() -> Response:
    """Answers as long as the process does; touches nothing."""
    return jsonify(status="ok")


@pages.get("/readyz")
@guard("public")
def ready() -> tuple[Response, int]:
    """Whether the database answers in time, its schema is ours, and the disk has room."""
    db = current_services().db
    revision = _Revision(db)
    checks = {
        "database": revision.found,
        "schema": revision.found and revision.value == _head(db),
        "disk": _disk_has_room(db),
    }
    good = all(checks.values())
    return jsonify(status="ready" if good else "not ready", checks=checks), 200 if good else 503


class _Revision:
    """The schema's revision, read by a thread of its own: a database that hangs must not make us hang."""

    _busy = threading.BoundedSemaphore(4)  # hanging readers at most; beyond, we know already

    def __init__(self, db: Database) -> None:
        self.value: str | None = None
        self.found = False
        if self._busy.acquire(blocking=False):
            reader = threading.Thread(target=self._read, args=(db,), daemon=True)
            reader.start()
            reader.join(DATABASE_SECONDS)

    def _read(self, db: Database) -> None:
        try:
            db.read(lambda session: session.execute(sa.text("SELECT 1")))
            self.found = True
            self.value = db.read(_revision)
        except (sa.exc.SQLAlchemyError, Busy):
            pass  # not found, which is the answer
        finally:
            self._busy.release()


def _revision(session: Session) -> str | None:
    return session.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _head(db: Database) -> str | None:
    return ScriptDirectory.from_config(alembic_config(db.url)).get_current_head()


def _disk_has_room(db: Database) -> bool:
    path = sa.make_url(db.url).database if db.is_sqlite else None
    usage = shutil.disk_usage(Path(path).parent if path else Path.cwd())
    return usage.free > usage.total * DISK_FREE
