"""`loyalty seal`, as typed: sealed here, checked elsewhere without a database."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loyalty import clock
from loyalty.cli import main
from loyalty.db import Database
from loyalty.flows.earn import earn
from loyalty.flows.link import link
from tests import cast
from tests.cast import MORNING, ODILE, chat

Run = Callable[..., Result]


@pytest.fixture
def run(db: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("LOYALTY_DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("LOYALTY_SECRET_KEY", "for the tests, and nothing but the tests")
    monkeypatch.setenv("LOYALTY_VOUCHER_KEYS", "1:" + base64.b64encode(bytes(32)).decode())
    return lambda *typed: CliRunner().invoke(main, ["seal", *map(str, typed)])


def test_a_statement_is_checked_elsewhere_against_what_was_published(
    db: Database, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.running_on(clock.stopped_at(MORNING)):
        cast.open_station(db)
        cast.rule(db)
        ines = cast.ines(db).id
        link(db, fan_id=ines, network="twitch", external_id="tw-ines", actor=ODILE)
        earn(db, [chat(number) for number in range(5)], source="test")
        assert run("now").stdout == "5 entries sealed, 1 checkpoints.\n"
        assert run("now").stdout == "0 entries sealed, 1 checkpoints.\n"
        published, statement = tmp_path / "checkpoints.jsonl", tmp_path / "statement.json"
        published.write_text(run("checkpoints").stdout)
        statement.write_text(run("statement", ines).stdout)

    monkeypatch.setenv("LOYALTY_DATABASE_URL", f"sqlite:///{tmp_path}/nothing-here")
    good = run("check", statement, "--checkpoints", published)
    assert (good.exit_code, good.stdout[:41]) == (0, "5 entries are as they were sealed under c")
    forged = json.loads(statement.read_text())
    forged["entries"][0]["entry"][9] += 1
    statement.write_text(json.dumps(forged))
    bad = run("check", statement, "--checkpoints", published)
    assert bad.exit_code == 1
    assert "is not as it was sealed" in bad.stderr
    statement.write_text("[")
    assert "One of the files is not what it should be" in run("check", statement, "--checkpoints", published).stderr
