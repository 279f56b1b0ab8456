"""The pages speak French and English in full, and the catalogues hold nothing else."""

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from loyalty.i18n import LANGUAGES
from loyalty.web.catalogues import catalogue, files
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
    whole = catalogue(language)
    written = {message.id: message for message in whole if message.id}
    assert said() - written.keys() == set(), "not translated"
    assert written.keys() - said() == set(), "no longer used"
    for message in written.values():
        parts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(parts), f"empty: {message.id}"
        assert not message.fuzzy, f"not looked at: {message.id}"
        assert not list(message.check(whole)), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_are_written_in_two_files(language):
    seen: dict[object, str] = {}
    twice = []
    for path in files(language):
        with path.open("rb") as file:
            written = [message.id for message in read_po(file, locale=language) if message.id]
        twice += [f"{message!r}: {seen[message]}, {path.name}" for message in written if message in seen]
        seen |= dict.fromkeys(written, path.name)
    assert not twice, "what several pages say belongs to messages.po"
