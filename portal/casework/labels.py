"""How a whistle's lines read on a problem's timeline, and who is greeted how."""

from flask_babel import lazy_gettext as _l

# By the event's tag: the sentence and the tone. Lines that are not here are the workers' own.
WHISTLE_STEPS = {
    "whistles:whistle:blow": (_l("Blew the whistle: departments are called"), "whistle"),
    "whistles:whistle:cancel": (_l("Took the whistle back"), ""),
    "whistles:whistle:complete": (_l("All departments are done"), "done"),
    "whistles:whistle:release": (_l("Made the outcome public"), ""),
    "whistles:callout:call": (_l("is called"), "whistle"),
    "whistles:callout:acknowledge": (_l("confirmed the call"), "site"),
    "whistles:callout:contact": (_l("called back for a first talk"), "site"),
    "whistles:callout:set-out": (_l("is on the way"), "site"),
    "whistles:callout:report-in": (_l("reported in on site"), "site"),
    "whistles:callout:mark-absent": (_l("did not come in time; the district knows"), "whistle"),
    "whistles:callout:record-result": (_l("recorded what was done"), "site"),
    "whistles:callout:grant-recess": (_l("left the site, not the duty"), "site"),
    "whistles:callout:resume": (_l("is back on site"), "site"),
    "whistles:callout:hand-back": (_l("says another unit should do it; the clock goes on"), ""),
    "whistles:callout:stand-down": (_l("is done and was signed off"), "done"),
}

# The greeting by the hour at which it begins.
GREETINGS = (
    (0, _l("%(name)s, it is late")),
    (5, _l("%(name)s, good morning")),
    (11, _l("%(name)s, good day")),
    (13, _l("%(name)s, good afternoon")),
    (18, _l("%(name)s, good evening")),
    (23, _l("%(name)s, it is late")),
)
VISITOR_GREETINGS = (
    (0, _l("It is late")),
    (5, _l("Good morning")),
    (11, _l("Good day")),
    (13, _l("Good afternoon")),
    (18, _l("Good evening")),
    (23, _l("It is late")),
)
