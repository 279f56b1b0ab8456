"""The measuring itself works; what it measures is this machine's."""

import json

import pytest
from click.testing import CliRunner

from loyalty.cli import main


@pytest.mark.slow
def test_the_first_page_is_measured_beside_a_hello_and_is_small(tmp_path, monkeypatch):
    monkeypatch.setenv("LOYALTY_DATABASE_URL", f"sqlite:///{tmp_path}/loyalty.sqlite3")
    done = CliRunner().invoke(main, ["bench", "pages", "--requests", "5", "--rounds", "1", "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert 0 < said["hello_us"] < said["home_us"]
    assert said["home_bytes"] < 20_000
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"
