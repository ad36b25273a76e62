"""The sentences of notices, worded when they are read."""

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "problems/published": _l("“%(title)s” is public now; neighbours can see it and join."),
    "problems/accepted": _l("The street took up “%(title)s”."),
    "problems/declined": _l("“%(title)s” belongs to another office; the page says where to go."),
    "problems/merged": _l(
        "Your report was put together with “%(title)s”, so that it is handled once."
    ),
    "problems/assigned_to_us": _l("Your unit holds “%(title)s” now. Please acknowledge it."),
    "problems/assigned": _l("%(unit)s handles “%(title)s” now."),
    "problems/hand_back_asked": _l("A unit asks to hand back “%(title)s”. Please decide."),
    "problems/hand_back_refused": _l("“%(title)s” stays with your unit; the street says why."),
    "problems/nudged": _l("The reporter of “%(title)s” asks how it is going."),
    "problems/whistled": _l("The street blew the whistle for “%(title)s”: departments are coming."),
    "problems/resolved": _l("“%(title)s” is said to be done; it is being checked."),
    "problems/verified": _l("“%(title)s” was checked on site: done. Please have a look."),
    "problems/sent_back": _l("The check of “%(title)s” said: not done yet."),
    "problems/closed": _l("“%(title)s” is closed. The page shows how it went."),
    "problems/reopened_at_ours": _l("Residents say “%(title)s” is not solved. It goes on."),
    "problems/reopened": _l("“%(title)s” was opened again: residents say it is not solved."),
    "problems/awaits_district": _l("“%(title)s” was opened too often. The district decides."),
    "problems/sent_to_district": _l("“%(title)s” is with the district now, which decides."),
    "problems/rework_ordered": _l("The district wants “%(title)s” done once more."),
    "problems/closing_confirmed": _l("The district ended “%(title)s” and gives its reason."),
    "supervision/invited": _l("You are asked to look at “%(title)s” on site. Can you come?"),
    "supervision/objected": _l("The supervisor of “%(title)s” objects. Please answer."),
}
