"""Where the modules of the fan's pages hang their routes."""

from flask import Blueprint

pages = Blueprint("fan", __name__)
