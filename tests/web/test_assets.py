"""Files pages are made of: what has an address of its own is kept, what a module imports is never an older one."""

import re
from typing import Any

import pytest

from loyalty.web import assets


@pytest.fixture
def scanner(app: Any) -> str:
    """The address of a module that imports others."""
    with app.test_request_context():
        return assets.module("partner/scanner.js")


def test_what_a_module_imports_is_kept_for_a_year_too(app, scanner):
    client, seen, waiting = app.test_client(), set(), [scanner]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = client.get(address, headers={"Host": "club.example"})
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.mimetype.endswith("javascript")
        for relative in re.findall(r'(?:from|import\()\s*"(\.[^"]+)"', answer.text):
            folder = address.rpartition("/")[0]
            while relative.startswith("../"):
                folder, relative = folder.rpartition("/")[0], relative[3:]
            waiting.append(f"{folder}/{relative.removeprefix('./')}")
    assert len(seen) >= 8


def test_an_older_folder_still_answers_but_is_not_kept(app, scanner):
    older = re.sub(r"~\w+", "~000000000000", scanner)
    answer = app.test_client().get(older, headers={"Host": "club.example"})
    assert answer.status_code == 200
    assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["~", "~x", "~x/", "~x/../app.py", "~x/nothing.js", "~x/~x/partner/scanner.js"])
def test_nothing_else_is_to_be_had_that_way(app, name):
    assert app.test_client().get(f"/static/{name}", headers={"Host": "club.example"}).status_code == 404
