"""The desk of casework: one blueprint, one module a page (home, dispatch, whistle, field)."""

from flask import Blueprint

bp = Blueprint("casework", __name__)

# The modules hang their pages on `bp` when they are imported.
