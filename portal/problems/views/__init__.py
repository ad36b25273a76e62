"""The desk of problems: one blueprint; each module hangs its pages on it when imported.

resident, report, photos: what residents see and send. street, assignments: the workers' side.
"""

from flask import Blueprint

bp = Blueprint("problems", __name__)
