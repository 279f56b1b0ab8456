"""The words of the pages: gettext catalogues, compiled in memory from the .po files when first needed.

A folder a language; in it a file for each group of pages, and `messages.po` for what several groups say.
"""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask
from flask_babel import Babel, Domain

from loyalty.i18n import LANGUAGES
from loyalty.web.language import spoken

FOLDER = Path(__file__).parents[1] / "translations"


class _Catalogues(Domain):
    """Flask-Babel reads compiled files; nothing has to be built before ours are there."""

    def get_translations(self) -> Translations:
        return compiled(spoken())


def register(app: Flask) -> None:
    """Let the templates of `app` speak the language of the request."""
    babel = Babel()
    babel.domain_instance = _Catalogues()
    babel.init_app(app, default_locale=LANGUAGES[0], locale_selector=spoken)
    # Flask-Babel's own go through four look-ups of its context for each message; a page has dozens.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: compiled(spoken()).ugettext(message),
        lambda one, several, count: compiled(spoken()).ungettext(one, several, count),
        newstyle=True,
    )


def files(language: str) -> list[Path]:
    """Where the words of a language are written."""
    return sorted((FOLDER / language / "LC_MESSAGES").glob("*.po"))


def catalogue(language: str) -> Catalog:
    """The catalogue of a language, as it is written."""
    whole = Catalog(locale=language)
    for path in files(language):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    whole[message.id] = message
    return whole


@cache
def compiled(language: str) -> Translations:
    """The catalogue of a language, ready to be asked."""
    written = io.BytesIO()
    write_mo(written, catalogue(language))
    written.seek(0)
    return Translations(fp=written)
