"""The pages speak French and English in full, and the catalogues hold nothing else."""

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from loyalty.i18n import LANGUAGES
from loyalty.web.catalogues import catalogue
from tests.house.sources import ROOT

SOURCES = ((ROOT / "templates", "**.html", "jinja2"), (ROOT / "loyalty" / "web", "**.py", "python"))


def said() -> set[str | tuple[str, ...]]:
    """Every sentence that a template or a page asks the catalogues for."""
    return {
        message
        for folder, pattern, method in SOURCES
        for _, _, message, _, _ in extract_from_dir(Path(folder), [(pattern, method)])
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_complete_and_holds_nothing_unused(language):
    written = {message.id: message for message in catalogue(language) if message.id}
    assert said() - written.keys() == set(), "not translated"
    assert written.keys() - said() == set(), "no longer used"
    for message in written.values():
        parts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(parts), f"empty: {message.id}"
        assert not message.fuzzy, f"not looked at: {message.id}"
        assert not list(message.check(catalogue(language))), message.id
