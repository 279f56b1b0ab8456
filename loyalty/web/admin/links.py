"""Where a page of the admin is, for who may see it."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, url_for

from loyalty.staff.roles import may


def link(endpoint: str, permission: str, **values: Any) -> str | None:
    """The address of a page; None where there is no such page, or it is not for the role of who asks."""
    if endpoint not in current_app.view_functions or not may(g.staff.role, permission):
        return None
    return url_for(endpoint, **values)
