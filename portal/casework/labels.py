"""Who is greeted how."""

from flask_babel import lazy_gettext as _l

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
