"""The same clients as the tests of the API have."""

from tests.web.conftest import anybody, app, client_with, odile, settings  # noqa: F401
