"""What a reader may count on in every file."""

import ast
import subprocess
import sys

import pytest

from tests.house.sources import ROOT, python_files

LONGEST_LINES = 500


def test_every_module_says_in_one_sentence_what_it_is():
    broken = []
    for name, path in python_files("loyalty", "tests", "migrations").items():
        first, *rest = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")
        if not first.endswith((".", "?")) or (rest and rest[0]):
            broken.append(name)
    assert not broken, f"begin with one line that is one sentence: {broken}"


def test_no_file_is_too_long_to_hold_in_mind():
    files = python_files("loyalty", "tests")  # not the migrations: generated, and never edited again
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in files.items()}
    long = {name: count for name, count in lines.items() if count > LONGEST_LINES}
    assert not long, f"a file answers one question: {long}"


@pytest.mark.parametrize(
    "tool",
    [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)],
    ids=" ".join,
)
def test_the_tools_have_nothing_to_say(tool):
    said = subprocess.run([sys.executable, "-m", *tool], cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
