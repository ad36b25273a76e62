"""Public references and random tokens.

A reference is what people read on a slip and say on the phone: year and month, seven random
digits, one check digit; shown 4-4-4. Primary keys never leave the program.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
REF_LENGTH = 12


def new_ref(now: datetime) -> str:
    """Return a new 12-digit reference for something filed at `now` (aware)."""
    head = now.astimezone(SHANGHAI).strftime("%y%m") + f"{secrets.randbelow(10**7):07d}"
    return head + check_digit(head)


def check_digit(digits: str) -> str:
    """Return the Luhn check digit: it catches every single slip and most swaps."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        number = int(char) * (2 if place % 2 == 0 else 1)
        total += sum(divmod(number, 10))
    return str(-total % 10)


def is_ref(text: str) -> bool:
    """Tell whether `text` is a well-formed reference with the right check digit."""
    return (
        len(text) == REF_LENGTH
        and text.isascii()
        and text.isdigit()
        and check_digit(text[:-1]) == text[-1]
    )


def normalise_ref(text: str) -> str:
    """Return the digits of a reference typed with spaces or dashes."""
    return "".join(char for char in text if char.isdigit())


def token(nbytes: int = 24) -> str:
    """Return a random URL-safe token."""
    return secrets.token_urlsafe(nbytes)


def keyed_hash(key: str, purpose: str, text: str) -> str:
    """Return a hash under the installation's key: for tokens and phone look-ups at rest."""
    return hmac.new(key.encode(), f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()
