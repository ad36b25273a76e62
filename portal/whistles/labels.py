"""How whistles, callouts, their steps and refusals read."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from portal.whistles.states import (
    Arrival,
    CalloutState,
    Clock,
    Kind,
    Outcome,
    Proof,
    Question,
    Rung,
    WhistleState,
)

KIND = {
    Kind.ENFORCEMENT: _l("Joint enforcement whistle"),
    Kind.KEY_WORK: _l("Key work whistle"),
    Kind.EMERGENCY: _l("Emergency whistle"),
}

KIND_HINT = {
    Kind.ENFORCEMENT: _l(
        "Illegal building, occupied roads, night work: at an appointed time. Quiet until released."
    ),
    Kind.KEY_WORK: _l("Parking, old estates, lifts: what the street can't solve alone."),
    Kind.EMERGENCY: _l(
        "Burst pipes, collapse, outage, danger: on site at once, reviewed afterwards."
    ),
}

STATE = {
    WhistleState.DRAFTED: (_lp("whistle", "Draft"), "new"),
    WhistleState.SCREENING: (_lp("whistle", "Waiting for approval"), "soon"),
    WhistleState.RETURNED: (_lp("whistle", "Sent back to its author"), "soon"),
    WhistleState.APPROVED: (_lp("whistle", "Approved, not blown yet"), "doing"),
    WhistleState.BLOWN: (_lp("whistle", "Blown"), "whistle"),
    WhistleState.ASSEMBLED: (_lp("whistle", "All on site"), "site"),
    WhistleState.ACTING: (_lp("whistle", "At work on site"), "site"),
    WhistleState.COMPLETED: (_lp("whistle", "Done, all stood down"), "done"),
    WhistleState.RATED: (_lp("whistle", "Rated by residents"), "done"),
    WhistleState.ARCHIVED: (_lp("whistle", "Filed"), "off"),
    WhistleState.CANCELLED: (_lp("whistle", "Cancelled"), "off"),
}

CALLOUT = {
    CalloutState.CALLED: (_lp("callout", "Not acknowledged"), "new"),
    CalloutState.ACKNOWLEDGED: (_lp("callout", "Acknowledged"), "doing"),
    CalloutState.REPORTED_IN: (_lp("callout", "Reported in"), "done"),
    CalloutState.ACTING: (_lp("callout", "At work"), "site"),
    CalloutState.RECESSED: (_lp("callout", "Off site, on duty"), "soon"),
    CalloutState.DONE: (_lp("callout", "Asks to stand down"), "rate"),
    CalloutState.STOOD_DOWN: (_lp("callout", "Stood down"), "done"),
    CalloutState.HANDED_BACK: (_lp("callout", "Handed back, ruling awaited"), "soon"),
    CalloutState.REROUTED: (_lp("callout", "Another department instead"), "off"),
    CalloutState.UPHELD: (_lp("callout", "Not its duty"), "off"),
    CalloutState.HANDED_OVER: (_lp("callout", "Handed over"), "off"),
    CalloutState.CANCELLED: (_lp("callout", "Called off"), "off"),
}
ON_THE_WAY = (_lp("callout", "On the way"), "soon")
ABSENT = (_lp("callout", "Absent, district told"), "late")

STAGES = (
    _lp("stage", "Blown"),
    _lp("stage", "Acknowledge"),
    _lp("stage", "Report in"),
    _lp("stage", "Act together"),
    _lp("stage", "Residents rate"),
    _lp("stage", "File and publish"),
)

# The one button of the field screen, by verb.
VERB = {
    "acknowledge": _lp("callout", "Acknowledge"),
    "set_out": _lp("callout", "Set out"),
    "report_in": _lp("callout", "I am here"),
    "resume": _lp("callout", "I am back on site"),
    "record_result": _lp("callout", "Record what was done"),
    "ask_stand_down": _lp("callout", "Ask to stand down"),
}

PROOF = {
    Proof.SELF: _l("by its own officer"),
    Proof.LINK: _l("by link"),
    Proof.RECORDED: _l("by phone, written down by the street"),
}

ARRIVAL = {
    Arrival.PLACE: _l("by position"),
    Arrival.CODE: _l("by the site's code"),
    Arrival.FALLBACK: _l("position not proved, marked for review"),
}

OUTCOME = {
    Outcome.FIXED: _lp("outcome", "Put right on the spot"),
    Outcome.ORDERED: _lp("outcome", "Ordered to stop"),
    Outcome.CASE_OPENED: _lp("outcome", "Case opened"),
    Outcome.PASSED_ON: _lp("outcome", "Passed on"),
    Outcome.OTHER: _lp("outcome", "Something else"),
}

CLOCK = {
    Clock.ACKNOWLEDGE: _lp("clock", "acknowledge"),
    Clock.CONTACT: _lp("clock", "first contact"),
    Clock.ARRIVE: _lp("clock", "report in"),
    Clock.RESOLVE: _lp("clock", "finish"),
}

RUNG = {
    Rung.OFFICER: _l("the officer on duty"),
    Rung.UNIT_HEAD: _l("the department's head"),
    Rung.STREET: _l("the street"),
    Rung.DISTRICT: _lp("rung", "the district"),
}

QUESTION = {
    Question.IN_STREET: _l("Is it in this street?"),
    Question.BEYOND_STREET: _l("Does the duty list say the street can't finish it alone?"),
    Question.TRIED: _l("Has the street tried, with evidence?"),
    Question.NOT_DUPLICATE: _l("Is no other whistle open for it nearby?"),
    Question.KIND_FITS: _l("Does the kind of whistle fit?"),
    Question.RESOLVED: _l("Is at least one department found?"),
}

# What a failed question says to do.
QUESTION_FAILED = {
    Question.IN_STREET: _l("A problem lies in another street; that street blows."),
    Question.BEYOND_STREET: _l("By the duty list the street can do this itself: assign it."),
    Question.TRIED: _l("Nothing with evidence is on file yet; try first and record it."),
    Question.NOT_DUPLICATE: _l("Whistle %(note)s is open for the same matter close by."),
    Question.KIND_FITS: _l("Another kind of whistle fits this matter."),
    Question.RESOLVED: _l("Choose a department that can be called."),
}

QUESTION_PASSED = {
    Question.IN_STREET: _l("Yes."),
    Question.BEYOND_STREET: _l("Yes, another unit leads or has the power."),
    Question.TRIED: _l("Yes, or it is an emergency."),
    Question.NOT_DUPLICATE: _l("None open."),
    Question.KIND_FITS: _l("Yes."),
    Question.RESOLVED: _l("Yes, %(note)s called."),
}

# The words of a step, by its event's tag. Slots: unit (the department) and the event's own.
STEP = {
    "whistles:whistle:draft": _l("The street wrote the whistle down."),
    "whistles:whistle:revise": _l("The draft was changed."),
    "whistles:whistle:request-approval": _l("A leader is asked to approve."),
    "whistles:whistle:override-gate": _l("The leader overrode the gate in writing."),
    "whistles:whistle:approve": _l("Approved."),
    "whistles:whistle:return-to-author": _l("Sent back to be changed:"),
    "whistles:whistle:blow": _l("The street blew the whistle, %(called)s departments called."),
    "whistles:whistle:cancel": _l("The street took the whistle back:"),
    "whistles:whistle:assemble": _l("All departments are on site."),
    "whistles:whistle:begin": _l("They work on it together."),
    "whistles:whistle:complete": _l("Done: every department stood down."),
    "whistles:whistle:come-to-nothing": _l("The whistle ended without a result."),
    "whistles:whistle:release": _l("The street released the outcome:"),
    "whistles:whistle:review": _l("The district reviewed the emergency:"),
    "whistles:whistle:mark-misblown": _l("Not reviewed in time: counts as misblown."),
    "whistles:whistle:rate": _l("Residents have rated."),
    "whistles:whistle:archive": _l("Filed."),
    "whistles:callout:call": _l("%(unit)s is called."),
    "whistles:callout:acknowledge": _l("%(unit)s acknowledged, %(proof)s."),
    "whistles:callout:contact": _l("%(unit)s made first contact."),
    "whistles:callout:set-out": _l("%(unit)s is on the way."),
    "whistles:callout:report-in": _l("%(unit)s reported in, %(method)s."),
    "whistles:callout:mark-absent": _l("%(unit)s did not come in time: absent."),
    "whistles:callout:correct-absence": _l("The mark of absence on %(unit)s was wrong:"),
    "whistles:callout:record-result": _l("%(unit)s: %(outcome)s."),
    "whistles:photo:release": _l("A photo of %(unit)s was made public."),
    "whistles:callout:ask-recess": _l("%(unit)s asks to leave the site and keep the duty:"),
    "whistles:callout:grant-recess": _l(
        "%(unit)s left the site, the duty stays; back on %(next_visit_at)s."
    ),
    "whistles:callout:refuse-recess": _l("%(unit)s has to stay:"),
    "whistles:callout:resume": _l("%(unit)s is back on site, %(method)s."),
    "whistles:callout:ask-stand-down": _l("%(unit)s asks to stand down."),
    "whistles:callout:sign-off": _l("The street signed %(unit)s off."),
    "whistles:callout:refuse-sign-off": _l("%(unit)s is not signed off:"),
    "whistles:callout:stand-down": _l("%(unit)s stood down."),
    "whistles:callout:hand-back": _l("%(unit)s says it is not its duty; the clock goes on:"),
    "whistles:callout:reroute": _l("%(unit)s is let go, another department is called."),
    "whistles:callout:uphold-hand-back": _l("The district rules: not the duty of %(unit)s."),
    "whistles:callout:overrule-hand-back": _l("The district rules: %(unit)s keeps it."),
    "whistles:callout:hand-over": _l("%(unit)s handed over to a department on site."),
    "whistles:callout:cancel": _l("%(unit)s is called off."),
    "whistles:callout:nudge": _l("The street nudged %(unit)s."),
    "whistles:whistle:open-supervisor-slot": _l("A resident supervisor's sign-off is awaited."),
    "whistles:whistle:close-supervisor-slot": _l("The resident supervisor is no longer awaited."),
    "whistles:whistle:sign-as-supervisor": _l("The resident supervisor confirmed the result."),
    "whistles:hold:place": _l("Standing down is on hold."),
    "whistles:hold:lift": _l("The hold on standing down is lifted."),
}

STEP_TONES = {
    "whistles:whistle:blow": "whistle",
    "whistles:callout:escalate": "whistle",
    "whistles:callout:mark-absent": "whistle",
    "whistles:callout:report-in": "site",
    "whistles:callout:record-result": "site",
    "whistles:callout:stand-down": "done",
    "whistles:whistle:complete": "done",
    "whistles:whistle:sign-as-supervisor": "done",
}

LATE = _lp("callout", "Late.")
LADDER_AMBER = _l("%(unit)s, %(clock)s: the limit is near, %(rung)s reminded.")
LADDER_RED = _l("%(unit)s, %(clock)s: late, %(rung)s was told.")

REASONS = {
    "for_street": _l("This is for the street's dispatchers and leaders."),
    "for_departments": _l("This is for the officers of called departments."),
    "for_street_leader": _l("Only a leader of the street decides this."),
    "author_cannot_approve": _l("Whoever wrote the whistle can't approve it; another leader does."),
    "emergency_is_blown_at_once": _l("An emergency is blown at once; the district reviews it."),
    "approval_first": _l("A leader has to approve it first."),
    "released_already": _l("It is public already."),
    "outcome_first": _l("It can be released once the departments are done."),
    "not_an_emergency": _l("Only emergencies are reviewed afterwards."),
    "reviewed_already": _l("It was reviewed already."),
    "recess_asked": _l("A recess was asked for already."),
    "result_first": _l("Record what was done first: nobody leaves before it is done."),
    "successor_elsewhere": _l("The successor has to be called by the same whistle."),
    "successor_not_there": _l("The successor has to be on site first."),
    "nudged_lately": _l("It was nudged a few minutes ago; wait a little."),
    "appointment_missing": _l("Joint enforcement needs an appointed time."),
    "appointment_past": _l("The appointed time is over; choose a later one."),
    "one_lead": _l("Choose exactly one leading department."),
    "own_team_assigned": _l("%(unit)s is the street's own team: assign the problem to it."),
    "not_a_department": _l("%(unit)s is no department that a street can call: assign instead."),
    "not_commanded": _l("%(unit)s is not under the district; the district has to ask for it."),
    "gate_passed": _l("All six questions are passed; there is nothing to override."),
    "gate_failed": _l("A question of the gate says no; a leader can override it in writing."),
    "nobody_to_call": _l("Choose at least one department."),
    "called_already": _l("This department is called already."),
    "eta_past": _l("The time of arrival can't lie in the past."),
    "position_not_proved": _l("Your position is not near enough: enter the code or add a photo."),
    "recess_date": _l("Choose a day from today until %(last)s."),
    "signed_already": _l("The street has signed already."),
    "send_again": _l("That was not sent whole; go back and press the button again."),
    "called_unknown": _l("This department can't be called from here."),
    "cite_the_list": _l("Name the item of the duty list that says so."),
}
