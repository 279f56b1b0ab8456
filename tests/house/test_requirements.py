"""What is installed is pinned, hashed and says no address."""

import re

import pytest

from tests.house.sources import ROOT

FILES = ("requirements.txt", "requirements-test.txt")


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_pinned_and_hashed_and_names_no_address(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    for requirement in text.replace("\\\n", "").splitlines():
        assert re.match(r"[a-z0-9.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", requirement), requirement


def test_the_tests_run_on_what_is_served():
    served, tested = (pins(name) for name in FILES)
    assert served <= tested


def pins(name):
    return set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
