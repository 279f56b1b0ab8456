"""Commands meet a database that is not there, not set up, or broken: a sentence, never a trace."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from loyalty.cli import main
from loyalty.db import Database

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with mock.patch.dict(os.environ, {"LOYALTY_DATABASE_URL": f"sqlite:///{tmp_path}/club/club.sqlite3"}):
        yield lambda *arguments: CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize("command", [("verify",), ("key", "list"), ("rules", "list"), ("worker", "--once")])
def test_a_database_that_is_not_there_is_said_and_not_made(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    said = run(*command)
    assert said.exit_code == 1
    assert "There is no database at" in said.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [("verify",), ("key", "list"), ("rules", "list")])
def test_a_database_without_its_schema_is_said(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "club").mkdir()
    (tmp_path / "club" / "club.sqlite3").touch()
    said = run(*command)
    assert said.exit_code == 2  # 1 would say that the books are broken
    assert "run `loyalty migrate`" in said.stderr
    assert "Traceback" not in said.output


def test_a_programme_is_set_up_once_and_then_its_books_hold(run: Run) -> None:
    station = ("init", "--name", "Radio Lumière", "--time-zone", "Europe/Paris")
    assert run(*station).exit_code == 0
    again = run(*station)
    assert again.exit_code == 2
    assert "set up already" in again.stderr
    assert run("verify").exit_code == 0
    assert run("init", "--name", "x", "--time-zone", "Paris").exit_code == 2


def test_a_broken_row_is_named(run: Run, tmp_path: Path) -> None:
    run("init", "--name", "Radio Lumière", "--time-zone", "Europe/Paris")
    db = Database(f"sqlite:///{tmp_path}/club/club.sqlite3")
    row = "INSERT INTO holder (id, bucket, balance, held, status, debt, created_at) VALUES (7, 1, 5, 0, 0, 0, 0)"
    db.write(lambda session: session.execute(sa.text(row)))
    db.dispose()
    said = run("verify")
    assert said.exit_code == 1
    assert "I3: holder 7: kept balance/held/pending/status/debt 5/0/0/0/0, journal says 0/0/0/0/0" in said.stderr


def test_a_second_server_does_not_share_the_port(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = run("serve", "--port", str(taken.getsockname()[1]))
    assert said.exit_code == 1
    assert "cannot be had" in said.stderr
