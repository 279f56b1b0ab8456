"""The first page of the admin: today beside a usual day, what asks for attention, whether the books hold."""

from flask import render_template

from loyalty.web.admin.blueprint import pages
from loyalty.web.guards import guard
from loyalty.web.staff_guard import staff


@pages.get("/")
@guard(staff("overview:read"))
def overview() -> str:
    """The station at a glance."""
    return render_template("admin/overview.html")
