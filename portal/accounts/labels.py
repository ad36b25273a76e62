"""The sentences of accounts."""

from flask_babel import lazy_gettext as _l

REASONS = {
    "wrong_code": _l("That code is not right, or it has run out. Ask for a new one."),
    "wrong_password": _l("Name or password is not right."),
    "locked_out": _l("Too many tries. Please wait %(minutes)s minutes, then try again with care."),
    "code_too_soon": _l("A code was sent just now. Please wait a minute before the next one."),
    "too_many_codes": _l("Too many codes were asked for. Please wait an hour, or call us."),
    "no_code_sender": _l(
        "Codes can't be sent yet: no SMS service is set up. Please call the community."
    ),
    "account_closed": _l("This account was closed. Please call the community."),
    "no_mail": _l("No letter could be sent there. Please check the address, or try later."),
}
