"""The sentences of ballots' refusals."""

from flask_babel import lazy_gettext as _l

REASONS = {
    "not_an_elector": _l("You are not on the roll of this question."),
    "ballot_closed": _l("The time to answer is over. If you answered before, that answer counts."),
}
