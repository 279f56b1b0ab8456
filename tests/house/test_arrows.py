"""Data flows one way: who may import whom is written in pyproject.toml, and kept here."""

import subprocess
import sys
from pathlib import Path

from tests.house.sources import ROOT


def test_every_import_follows_the_arrows():
    linter = Path(sys.executable).with_name("lint-imports")
    said = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
