"""How a problem's states, steps and refusals read. Shared reason codes stand here once."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from portal.organisations.states import UnitKind
from portal.problems.states import (
    AssignmentState,
    Audience,
    Outcome,
    PhotoKind,
    ProblemState,
    Source,
    Urgency,
)

P = ProblemState

# The word of a state and the tone of its tag, as residents see it.
STATES = {
    P.SUBMITTED: (_l("Just reported"), "new"),
    P.ACCEPTED: (_l("Accepted"), "doing"),
    P.HANDLING: (_l("Being handled now"), "doing"),
    P.WHISTLED: (_l("Whistle blown"), "whistle"),
    P.RESOLVED: (_l("Work done, being checked"), "site"),
    P.VERIFIED: (_l("Checked"), "site"),
    P.RATING: (_l("Waiting for your rating"), "rate"),
    P.CLOSED: (_l("Closed"), "done"),
    P.REOPENED: (_l("Opened again"), "soon"),
    P.DECLINED: (_l("Handled elsewhere"), "off"),
    P.MERGED: (_l("Joined with another"), "off"),
    P.WITHDRAWN: (_l("Taken back"), "off"),
}

# One sentence a state: what happens now. Slots: unit (who has it).
NOW = {
    P.SUBMITTED: _l("The street reads it and decides who handles it."),
    P.ACCEPTED: _l("The street has accepted it and is choosing who handles it."),
    P.HANDLING: _l("%(unit)s is handling it."),
    P.WHISTLED: _l("The street has called the departments to the site."),
    P.RESOLVED: _l("The work is said to be done. Somebody else is checking it."),
    P.VERIFIED: _l("It was checked on site. Next, residents are asked."),
    P.RATING: _l("It is done. Have a look: are you satisfied?"),
    P.CLOSED: _l("It is closed."),
    P.REOPENED: _l("Residents said it is not solved. The street takes it up again."),
    P.DECLINED: _l("This is handled elsewhere; the place to go is below."),
    P.MERGED: _l("It is handled together with another report of the same matter."),
    P.WITHDRAWN: _l("The reporter took it back."),
}

ON_SITE = (_lp("state", "Crew on site"), "site")

# The one sentence of news under the greeting.
HOME_NEWS = {
    P.SUBMITTED: _l("We have what you reported. Somebody is about to read it."),
    P.ACCEPTED: _l("What you reported was accepted."),
    P.HANDLING: _l("What you reported is being handled."),
    P.WHISTLED: _l("Departments are called for what you reported."),
    P.RESOLVED: _l("They say it is done. Somebody is checking it."),
    P.VERIFIED: _l("It was checked. You are asked next."),
    P.RATING: _l("Something is done. Are you satisfied?"),
    P.REOPENED: _l("What you reported is taken up again."),
}

# What the time of a state means. Slot: time.
DUE = {
    P.SUBMITTED: _l("read before %(time)s"),
    P.ACCEPTED: _l("done before %(time)s"),
    P.HANDLING: _l("done before %(time)s"),
    P.WHISTLED: _l("done before %(time)s"),
    P.RESOLVED: _l("checked before %(time)s"),
    P.VERIFIED: _l("checked before %(time)s"),
    P.RATING: _l("rate before %(time)s"),
    P.REOPENED: _l("done before %(time)s"),
}

# Which rule set the time of a state, by rulebook key. `{urgency}` is filled in.
DUE_RULE = {
    P.SUBMITTED: "problems.triage.limit",
    P.ACCEPTED: "problems.limit.{urgency}",
    P.HANDLING: "problems.limit.{urgency}",
    P.WHISTLED: "problems.limit.{urgency}",
    P.RESOLVED: "problems.verify.limit",
    P.REOPENED: "problems.rework.limit",
}

RULES = {
    "problems.triage.limit": _l("The street reads each new report within %(span)s."),
    "problems.limit.L1": _l("Urgency level 1: done within %(span)s."),
    "problems.limit.L2": _l("Urgency level 2: done within %(span)s."),
    "problems.limit.L3": _l("Urgency level 3: done within %(span)s."),
    "problems.limit.L4": _l("Urgency level 4: done within %(span)s."),
    "problems.verify.limit": _l("Somebody else checks the result within %(span)s."),
    "problems.rework.limit": _l("What comes back is done again within %(span)s."),
}

# Which rule a step starts, by its event's tag; slots are filled in.
STEP_RULES = {
    "problems:problem:submit": "problems.triage.limit",
    "problems:problem:accept": "problems.limit.{urgency}",
    "problems:problem:resolve": "problems.verify.limit",
    "problems:problem:reopen": "problems.rework.limit",
    "problems:problem:order-rework": "problems.rework.limit",
}

# The words of a step of the timeline, by its event's tag. The unit and the time stand before it.
STEPS = {
    "problems:problem:submit": _l("Report sent in"),
    "problems:problem:import": _l("From the 12345 hotline"),
    "problems:problem:publish": _l("Text reviewed and published"),
    "problems:problem:join": _l("Somebody else met the same"),
    "problems:problem:leave": _l("Somebody no longer follows it"),
    "problems:problem:locate": _l("Place and kind filled in"),
    "problems:problem:accept": _l("Accepted, urgency %(urgency)s"),
    "problems:problem:decline": _l("Not ours to handle. Where to go: %(elsewhere)s"),
    "problems:problem:merge": _l("Joined with another report of the same matter"),
    "problems:problem:unmerge": _l("Separated again, goes its own way"),
    "problems:problem:withdraw": _l("Taken back by the reporter"),
    "problems:problem:nudge": _l("The limit has passed; the reporter nudged"),
    "problems:problem:assign": _l("Handed over"),
    "problems:assignment:acknowledge": _l("Received, work begins"),
    "problems:assignment:hand-back": _l("Says another unit should do it; the clock goes on"),
    "problems:assignment:refuse-hand-back": _l("The street decides: the same unit goes on"),
    "problems:problem:take-measure": _l("Something was tried"),
    "problems:assignment:finish": _l("Says it is done"),
    "problems:assignment:redo": _l("The same unit goes on"),
    "problems:assignment:end": _l("The assignment is over"),
    "problems:problem:whistle": _l("Departments called to the site"),
    "problems:problem:leave-whistle": _l("The whistle ended; the holder goes on"),
    "problems:problem:resolve": _l("Work done, a check follows"),
    "problems:problem:verify": _l("Checked by somebody else: it is done"),
    "problems:problem:send-back": _l("Checked: not done yet, sent back"),
    "problems:problem:open-rating": _l("Residents are asked to rate"),
    "problems:problem:close": _l("Closed: %(outcome)s"),
    "problems:problem:reopen": _l("Residents said it is not solved: opened again"),
    "problems:problem:send-to-district": _l("Came back too often: the district decides"),
    "problems:problem:order-rework": _l("The district orders it to be done again"),
    "problems:problem:confirm-closing": _l("The district ends it and says why"),
    "problems:assignment:fall-due": _l("Not acknowledged in time"),
    "problems:problem:fall-due": _l("A limit has passed"),
    "problems:hold:place": _l("Closing is on hold"),
    "problems:hold:lift": _l("The hold is lifted"),
}

# The tone of a step where it is not plain.
STEP_TONES = {
    "problems:problem:whistle": "whistle",
    "problems:problem:reopen": "soon",
    "problems:problem:nudge": "whistle",
    "problems:problem:take-measure": "site",
    "problems:assignment:finish": "site",
    "problems:problem:verify": "done",
    "problems:problem:close": "done",
    "problems:problem:open-rating": "rate",
}

OUTCOMES = {
    Outcome.SATISFIED: _l("residents are satisfied"),
    Outcome.FAILED: _l("residents are not satisfied"),
    Outcome.UNRATED: _l("too few ratings to judge"),
    Outcome.ANSWERED_BEFORE_IMPORT: _l("answered by the hotline before it came here"),
}

# Where to go with what is not for the street: the route's code, name and address.
ELSEWHERE = {
    "court": _l("The people's court. Free legal advice first: call 12348"),
    "petition": _l("The district's petition office"),
    "discipline": _l("Discipline inspection: call 12388"),
    "police": _l("The police: call 110, for advice 12389"),
    "labour": _l("Labour and wages: call 12333"),
    "consumer": _l("Consumer complaints: call 12315"),
    "owners": _l("The owners' committee and the property contract"),
    "other_place": _l("The hotline of that place: call 12345"),
}

SOURCES = {
    Source.PORTAL: _l("This portal"),
    Source.HOTLINE: _l("12345 hotline"),
    Source.WALK_IN: _l("Came in person"),
    Source.PHONE: _l("Called the community"),
    Source.GRID: _l("Grid patrol"),
}

# Who may read it, as a worker asks it for somebody.
AUDIENCES_ENTERED = {
    Audience.PUBLIC: _l("Everybody, with how the person is called"),
    Audience.PUBLIC_UNNAMED: _l("Everybody, without the name"),
    Audience.STAFF: _l("Only those who handle it"),
}

PHOTO_KINDS = {
    PhotoKind.BEFORE: _lp("photo", "As reported"),
    PhotoKind.EVIDENCE: _lp("photo", "At work"),
    PhotoKind.AFTER: _lp("photo", "Result"),
}

URGENCIES = {
    Urgency.L1: _l("L1 at once"),
    Urgency.L2: _l("L2 within a day"),
    Urgency.L3: _l("L3 usual"),
    Urgency.L4: _l("L4 takes time"),
}

# The word of an assignment's state and its tone, as workers see it.
ASSIGNMENTS = {
    AssignmentState.ASSIGNED: (_l("To acknowledge"), "new"),
    AssignmentState.ACKNOWLEDGED: (_l("In hand"), "doing"),
    AssignmentState.HANDING_BACK: (_l("Asks to hand back"), "soon"),
    AssignmentState.DONE: (_l("Done, to be checked"), "site"),
    AssignmentState.ENDED: (_lp("assignment", "Over"), "off"),
}

# 自办措施: what can be tried before a whistle, by code of `Measure.method`.
METHODS = {
    "visit": _l("Went to see and talked"),
    "persuade": _l("Persuaded on site"),
    "notice": _l("Gave a written notice"),
    "mediate": _l("Mediated between the sides"),
    "clean": _l("Cleaned or cleared"),
    "repair": _l("Repaired"),
    "enforce": _l("The street's team enforced"),
    "contact": _l("Contacted the unit in charge"),
    "other": _lp("measure", "Something else"),
}

# Kinds of units as the list of holders groups them.
HOLDER_KINDS = {
    UnitKind.STREET_OFFICE: _l("The street"),
    UnitKind.STREET_TEAM: _l("The street's teams"),
    UnitKind.COMMUNITY_COMMITTEE: _l("Communities"),
    UnitKind.PROPERTY_COMPANY: _l("Property companies"),
    UnitKind.OWNERS_COMMITTEE: _l("Owners' committees"),
    UnitKind.UTILITY: _l("Water, power, gas"),
    UnitKind.DEPARTMENT: _l("Departments"),
    UnitKind.SOCIAL_ORGANISATION: _l("Social organisations"),
}

# The workers' verbs as a problem's page offers them.
VERBS = {
    "publish": _l("Review for publication"),
    "locate": _l("Fill in place and kind"),
    "accept": _lp("verb", "Accept"),
    "assign": _l("Hand to a unit"),
    "take_measure": _l("Record what was tried"),
    "decline": _l("Send elsewhere"),
    "merge": _l("Join with another"),
    "unmerge": _l("Separate again"),
    "verify": _l("Check: it is done"),
    "send_back": _l("Check: not done"),
    "order_rework": _l("Order rework"),
    "confirm_closing": _l("End it with a reason"),
}

REASONS = {
    "wrong_state": _l("It has moved on; this step is not open now."),
    "sign_in_first": _l("Please sign in first."),
    "not_your_street": _l("This belongs to another street's desk."),
    "held": _l("Something must be answered first: closing is on hold."),
    "for_workers": _l("This page is for community, street and department workers."),
    "for_district": _l("This is for the district's platform."),
    "not_your_unit": _l("This belongs to another unit."),
    "time_ahead": _l("This time lies in the future."),
    "not_released": _l("It is not public. Only its reporter and those who handle it read it."),
    "already_counted": _l("You are counted already."),
    "not_a_supporter": _l("You are not on its list."),
    "reporter_only": _l("Only the person who reported it can do this."),
    "not_late_yet": _l("The time is not over yet. You can nudge after it."),
    "nudged_today": _l("You nudged already. Once a day is possible."),
    "staff_only_audience": _l("The reporter asked to keep it among those who handle it."),
    "handler_cannot_check": _l("Who handled it can't check it. Ask somebody else."),
    "not_with_district": _l("It does not wait for the district's decision."),
    "not_the_holder": _l("Another unit holds it now."),
    "place_missing": _l("The community is not known yet. Fill in the place first."),
    "merge_self": _l("A report can't be joined with itself."),
    "merge_ended": _l("That one has ended. Choose one that is still open."),
    "judged_cannot_publish": _l("Your office handles this one; the district's reviewer releases."),
    "merge_hidden": _l("That one is not public yet. Release it first, or merge it into this one."),
    "place_fixed": _l("It was filed in another street. Decline it, naming that street."),
    "merge_street": _l("That one belongs to another street."),
    "wrong_query": _l("Number or query code is not right. Both are on your slip."),
    "photos_enough": _l("At most %(most)s photos can be sent with one report."),
    "sent_already": _l("This report was sent from another window. You find it under Progress."),
    "photo_missing": _l("Choose a photo first."),
    "holder_unknown": _l("This unit can't be found here. Choose another."),
    "photos_without_text": _l("Photos are published with the text only. Tick the text too."),
    "holder_same": _l("This unit holds it already. Choose another."),
    "not_accepted_yet": _l("It is not accepted yet. Accept it first."),
    "evidence_missing": _l("A photo of the result is missing. Add one."),
    "whistle_live": _l("Departments are called out for it; it is done when the whistle ends."),
    "batch_refused": _l("Number %(ref)s: %(why)s Nothing was assigned."),
    "too_many": _l("At most %(most)s at once."),
}
