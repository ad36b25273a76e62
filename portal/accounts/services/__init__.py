"""The acts of signing in; each flushes and records its fact."""

from portal.accounts.services.codes import check_code, send_code
from portal.accounts.services.passwords import (
    forgive_login,
    hash_password,
    matches,
    needs_rehash,
    refuse_password,
    set_password,
    take_password_try,
    unlock,
)
from portal.accounts.services.people import (
    account_for_phone,
    change_person,
    close_account,
    end_residence,
    move_to,
    note_person,
    open_account,
    person_for_phone,
    set_mail,
)
from portal.accounts.services.sessions import (
    end_session,
    end_sessions,
    start_session,
    start_session_of,
    sweep,
    touch,
)

__all__ = [
    "account_for_phone",
    "change_person",
    "check_code",
    "close_account",
    "end_residence",
    "end_session",
    "end_sessions",
    "forgive_login",
    "hash_password",
    "matches",
    "move_to",
    "needs_rehash",
    "note_person",
    "open_account",
    "person_for_phone",
    "refuse_password",
    "send_code",
    "set_mail",
    "set_password",
    "start_session",
    "start_session_of",
    "sweep",
    "take_password_try",
    "touch",
    "unlock",
]
