"""Human names of answers and outcomes, and the sentences of refusals."""

from flask_babel import lazy_gettext as _l

from portal.satisfaction.rules import Complaint, FailedBy, Grade, RoundOutcome, Solved

SOLVED = {
    Solved.YES: _l("Yes, it is solved"),
    Solved.PARTLY: _l("Partly solved"),
    Solved.NO: _l("No, not solved"),
    Solved.UNKNOWN: _l("I can't tell"),
}

GRADE = {
    Grade.VERY_SATISFIED: _l("Very satisfied"),
    Grade.SATISFIED: _l("Satisfied"),
    Grade.BASICALLY: _l("Basically satisfied"),
    Grade.DISSATISFIED: _l("Dissatisfied"),
    Grade.VERY_DISSATISFIED: _l("Very dissatisfied"),
}

COMPLAINT = {
    Complaint.UNSOLVED: _l("The problem is still there"),
    Complaint.SLOW: _l("They came late"),
    Complaint.ATTITUDE: _l("How they treated us"),
    Complaint.UNCLEAR: _l("Nobody explained"),
}

OUTCOME = {
    RoundOutcome.PASSED: (_l("Residents are satisfied"), "done"),
    RoundOutcome.FAILED: (_l("Residents are not satisfied"), "soon"),
    RoundOutcome.TOO_FEW: (_l("Too few answered: not rated"), "off"),
}

FAILED_BY = {
    FailedBy.REPORTER: _l("Who reported it says it is not solved."),
    FailedBy.SUPPORTERS: _l("Of those who met the same, enough say it is not solved."),
    FailedBy.AREA: _l("Too few of those who answered are satisfied."),
}

REASONS = {
    "not_in_rating": _l("Nobody is asked yet. Residents are asked when the work was checked."),
    "not_asked": _l(
        "This is asked of those who reported it, who met the same, and whose address in this grid"
        " is confirmed."
    ),
}
