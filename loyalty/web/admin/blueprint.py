"""Where the modules of the admin hang their routes."""

from flask import Blueprint

pages = Blueprint("admin", __name__, url_prefix="/admin")
