"""The application: settings in, WSGI out; nothing of it is global."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.ctx import RequestContext
from werkzeug.middleware.proxy_fix import ProxyFix

from loyalty import memory
from loyalty.db import Database
from loyalty.intake.seal import Sealer
from loyalty.settings import Settings, load
from loyalty.vouchers.token import VoucherKeys
from loyalty.web import (
    api,
    catalogues,
    converters,
    errors,
    fragments,
    guards,
    headers,
    health,
    hooks,
    language,
    logs,
    looks,
    pages,
    pictures,
    voucher_page,
)
from loyalty.web.admin import register as register_admin
from loyalty.web.fan import register as register_fan_pages
from loyalty.web.json_guard import GuardedRequest
from loyalty.web.partner import register as register_partner_pages
from loyalty.web.services import Services, provide

LOOPBACK = ("localhost", "127.0.0.1")


class _Application(Flask):
    request_class = GuardedRequest

    def request_context(self, environ: dict[str, Any]) -> RequestContext:
        """Host names know no case, and the QR code of a voucher says ours in capitals."""
        if "HTTP_HOST" in environ:
            environ["HTTP_HOST"] = environ["HTTP_HOST"].lower()
        return super().request_context(environ)


def create_app(settings: Settings, db: Database | None = None) -> Flask:
    """A ready application.

    Args:
        db: an open database instead of the one the settings name.
    """
    app = _Application("loyalty", template_folder=str(_templates()), static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        MAX_CONTENT_LENGTH=settings.body_limit_bytes,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or _own_hosts(settings.public_url),
        PROVIDE_AUTOMATIC_OPTIONS=False,
        SESSION_COOKIE_NAME="__Host-loyalty-form",  # anti-forgery secret, language: nothing that lets anybody in
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,  # guards.py asks for it where a browser's form may come from
        WTF_CSRF_SSL_STRICT=False,  # it reads the Referer, which a careful browser does not send
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open overnight still works
    )
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db = db or Database(settings.database_url, busy_timeout_seconds=settings.busy_timeout_seconds)
    provide(
        app,
        Services(
            settings=settings,
            db=db,
            voucher_keys=VoucherKeys(settings.voucher_keys),
            sealer=Sealer(settings.secret_key, settings.secret_key_fallbacks),
        ),
    )
    for part in (logs, language, errors, headers, converters, catalogues, looks, fragments, pictures):
        part.register(app)
    for blueprint in (health.pages, pages.pages, voucher_page.pages, hooks.hooks):
        app.register_blueprint(blueprint)
    register_fan_pages(app)
    register_partner_pages(app)
    register_admin(app)
    api.register(app)
    guards.register(app)
    return app


def from_environment() -> Flask:
    """A ready application from the process's own settings; what a server starts.

    Raises:
        BadSettings: with everything that is wrong.
    """
    settings = load()
    logs.configure(settings.log_level)
    app = create_app(settings)
    memory.settle()
    return app


def _own_hosts(public_url: str) -> list[str]:
    return [*LOOPBACK, urlsplit(public_url).hostname or LOOPBACK[0]]


def _templates() -> Path:
    """Beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).parents[1]
    beside = package.parent / "templates"
    return beside if beside.is_dir() else package / "templates"
