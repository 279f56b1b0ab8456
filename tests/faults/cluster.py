"""A PostgreSQL of one test's own, that may be crashed; what it acknowledges is in its log before."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

from tests.postgres import binaries, fast_directory, unprivileged

OPTIONS = (
    "-c listen_addresses='' -c max_connections=60 -c fsync=off -c synchronous_commit=on -c shared_buffers=32MB"
    " -c timezone=UTC -c log_min_messages=fatal"
)


class Cluster:
    """Used as a context manager: it runs inside, and is gone after."""

    def __enter__(self) -> Self:
        self._home = Path(tempfile.mkdtemp(prefix="pg-", dir=fast_directory()))
        self._account = unprivileged()
        if self._account:
            os.chown(self._home, self._account.pw_uid, self._account.pw_gid)
        self._programs = binaries(self._home, self._account)
        self._run("initdb", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if (self._home / "data" / "postmaster.pid").exists():
            self.crash()
        shutil.rmtree(self._home)

    @property
    def url(self) -> str:
        """The SQLAlchemy address of its one database."""
        return f"postgresql+psycopg://postgres@/postgres?host={self._home}"

    def start(self) -> None:
        """Start, recover from the log, and wait until it takes connections."""
        self._run("pg_ctl", "start", "-w", "-l", str(self._home / "log"), "-o", f"-k {self._home} {OPTIONS}")

    def crash(self) -> None:
        """Stop at once, as if the power went: no checkpoint, and every connection breaks."""
        self._run("pg_ctl", "stop", "-m", "immediate")

    def _run(self, program: str, *arguments: str) -> None:
        who: dict[str, Any] = (
            {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []} if self._account else {}
        )
        command = [self._programs / program, *arguments]
        environment = {"PATH": os.defpath, "LC_ALL": "C", "PGDATA": str(self._home / "data")}
        done = subprocess.run(
            command, env=environment, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **who
        )
        assert done.returncode == 0, done.stderr.decode()
