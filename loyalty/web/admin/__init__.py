"""The admin: what staff see and change, at a desk, by keyboard, while the show is on air."""

import pkgutil
from importlib import import_module

from flask import Flask

from loyalty.web.admin import nav
from loyalty.web.admin.blueprint import pages


def register(app: Flask) -> None:
    """Serve the admin from `app`: every module of this folder hangs its routes on the blueprint."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        import_module(module.name)
    app.register_blueprint(pages)
    nav.register(app)
