"""The desks of accounts: signing in, one's own page, and the demonstration's switch."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)
demo = Blueprint("demo", __name__)

# The modules hang their pages on the blueprints when they are imported.
