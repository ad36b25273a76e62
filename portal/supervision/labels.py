"""Human names of visits and their steps, and the sentences of refusals."""

from flask_babel import lazy_gettext as _l

from portal.supervision.states import Rung, SignInMethod, VisitState

STATE = {
    VisitState.INVITED: (_l("Invited"), "new"),
    VisitState.ACCEPTED: (_l("Coming"), "doing"),
    VisitState.ON_SITE: (_l("On site"), "site"),
    VisitState.FINDINGS: (_l("Finding written"), "site"),
    VisitState.RECTIFICATION: (_l("Objection open"), "soon"),
    VisitState.RECHECKED: (_l("Answered, look again"), "rate"),
    VisitState.CLOSED: (_l("Signed off"), "done"),
    VisitState.DECLINED: (_l("Could not come"), "off"),
    VisitState.LAPSED: (_l("No answer"), "off"),
}

METHOD = {
    SignInMethod.PLACE: _l("by position"),
    SignInMethod.CODE: _l("by the site's code"),
    SignInMethod.FALLBACK: _l("position not proved, marked for review"),
}

RUNG = {
    Rung.NONE: _l("the resident supervisor"),
    Rung.STREET_LEADER: _l("the street's leader"),
    Rung.DISTRICT: _l("the district"),
}

STEP = {
    "supervision:visit:invite": _l("A resident supervisor was invited."),
    "supervision:visit:accept": _l("The resident supervisor comes."),
    "supervision:visit:decline": _l("The resident supervisor can't come."),
    "supervision:visit:lapse": _l("The invitation was not answered in time."),
    "supervision:visit:sign-in": _l("The resident supervisor is on site."),
    "supervision:visit:write-finding": _l("What the resident supervisor saw:"),
    "supervision:visit:object": _l("The resident supervisor objects: not done yet."),
    "supervision:visit:answer": _l("Answer to the objection:"),
    "supervision:visit:sign-off": _l("The resident supervisor confirmed the result."),
    "supervision:visit:move-up": _l("The sign-off was not given in time and moved up."),
    "supervision:visit:sign-in-place": _l("Signed in the supervisor's place, because:"),
}

STEP_TONES = {
    "supervision:visit:sign-in": "site",
    "supervision:visit:write-finding": "site",
    "supervision:visit:sign-off": "done",
}

REASONS = {
    "visit_not_yours": _l("This visit belongs to another resident supervisor."),
    "covert": _l("Nobody is invited to an enforcement before it is over; invite for afterwards."),
    "no_mandate": _l("This person has no supervisor's mandate for this place."),
    "interest_declared": _l("This person has an interest in the matter and stands aside."),
    "invited_already": _l("This person is invited to this problem already."),
    "for_leader": _l("Only the street's leader or the district may sign here."),
    "supervisor_has_time": _l("The resident supervisor still has time to sign."),
}
