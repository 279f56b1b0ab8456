"""Parts of pages that many requests have in common: made once for what they are given, then remembered."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from flask import Flask
from markupsafe import Markup

from loyalty.web.language import spoken


def register(app: Flask) -> None:
    """Let the templates of `app` have such parts, and icons."""
    environment = app.jinja_env

    @lru_cache(maxsize=1024)
    def rendered(template: str, _language: str, given: tuple[tuple[str, Hashable], ...]) -> Markup:
        return Markup(environment.get_template(template).render(given))  # noqa: S704 - a template escapes what it is given

    def fragment(template: str, **given: Hashable) -> Markup:
        """The part that `template` makes, in the language of the request, of nothing but what it is given."""
        return rendered(template, spoken(), tuple(given.items()))

    @lru_cache(maxsize=256)
    def icon(name: str) -> Markup:
        drawn: Markup = environment.get_template("parts/icons.html").module.icon(name)  # type: ignore[attr-defined]
        return drawn

    app.add_template_global(fragment)
    app.add_template_global(icon)
