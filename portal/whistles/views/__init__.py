"""The desk of whistles: one blueprint; each module hangs its endpoints on it when imported.

composer: write, approve, blow. command: what the street and the district decide. field: what a
department answers. The pages of one whistle and of the field screen are composed in `casework`.
"""

from flask import Blueprint

bp = Blueprint("whistles", __name__)
