"""`loyalty demo` makes its own data and secrets once, says how to get in, and says plainly why it cannot serve."""

import os
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from click.testing import CliRunner, Result

from loyalty.cli import main
from loyalty.settings import load, prepare_local

Demo = Callable[..., Result]


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Demo]:
    monkeypatch.chdir(tmp_path)
    with mock.patch.dict(os.environ):
        yield lambda *arguments: CliRunner().invoke(main, ["demo", "--fans", "12", "--days", "2", *arguments])


def test_it_makes_everything_once_and_says_how_to_get_in(demo: Demo, tmp_path: Path) -> None:
    first, second = demo("--no-serve"), demo("--no-serve")
    assert first.exit_code == second.exit_code == 0, first.output + second.output
    assert "The books hold" in first.stdout
    assert "Making" not in second.stdout
    assert re.findall(r"lk_\w+", first.stdout) == re.findall(r"lk_\w+", second.stdout)
    modes = {path.name: path.stat().st_mode & 0o777 for path in Path(tmp_path, "var").iterdir()}
    assert modes["secret-key"] == modes["voucher-keys"] == modes["demo.json"] == 0o600


def test_a_taken_port_is_said_before_anything_is_made(demo: Demo, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = demo("--port", str(taken.getsockname()[1]))
    assert said.exit_code == 1
    assert "Address already in use" in said.stderr
    assert not list(tmp_path.iterdir())


def test_what_the_environment_gives_stays(tmp_path: Path) -> None:
    given = {"LOYALTY_SECRET_KEY": "x" * 40, "LOYALTY_DATABASE_URL": "sqlite:////elsewhere.sqlite3"}
    with mock.patch.dict(os.environ, given):
        prepare_local(tmp_path / "var", public_url="http://127.0.0.1:9000")
        settings = load()
    assert settings.secret_key == "x" * 40
    assert settings.database_url == "sqlite:////elsewhere.sqlite3"
    assert settings.public_url == "http://127.0.0.1:9000"
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["voucher-keys"]
