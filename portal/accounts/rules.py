"""Phone numbers, and the limits that guard signing in.

The limits are rulebook rows (`accounts.*`). Signing in belongs to no district, so the composition
root hands in the rules of the installation: see `rulebook.queries.installation`.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

SEEN_EVERY = timedelta(minutes=5)
_PHONE = re.compile(r"1[3-9][0-9]{9}")


class _Allowance(Protocol):
    def span(self) -> timedelta: ...


class RuleSource(Protocol):
    """What is asked of the rulebook, which stands on a higher floor."""

    def number(self, key: str) -> int:
        """Return a count."""

    def allowance(self, key: str) -> _Allowance:
        """Return a span of time."""

    def text(self, key: str) -> str:
        """Return a text."""


@dataclass(frozen=True)
class Limits:
    """How often may be guessed, how long codes and sessions live."""

    tries_most: int
    tries_lock: timedelta
    tries_address: int
    code_valid: timedelta
    code_gap: timedelta
    code_hourly: int
    code_address: int
    resident_idle: timedelta
    resident_whole: timedelta
    staff_idle: timedelta
    staff_whole: timedelta
    unnamed: str


def limits(rules: RuleSource) -> Limits:
    """Read the limits out of a rulebook; raises RuleMissing when one is not there."""

    def span(key: str) -> timedelta:
        return rules.allowance(f"accounts.{key}").span()

    return Limits(
        tries_most=rules.number("accounts.tries.most"),
        tries_lock=span("tries.lock"),
        tries_address=rules.number("accounts.tries.address"),
        code_valid=span("code.valid"),
        code_gap=span("code.gap"),
        code_hourly=rules.number("accounts.code.hourly"),
        code_address=rules.number("accounts.code.address"),
        resident_idle=span("session.resident.idle"),
        resident_whole=span("session.resident.whole"),
        staff_idle=span("session.staff.idle"),
        staff_whole=span("session.staff.whole"),
        unnamed=rules.text("accounts.name.unnamed"),
    )


def session_end(limits: Limits, *, staff: bool, started: datetime, seen: datetime) -> datetime:
    """Return when a session ends by itself: idle since `seen`, or open since `started`."""
    if staff:
        return min(seen + limits.staff_idle, started + limits.staff_whole)
    return min(seen + limits.resident_idle, started + limits.resident_whole)


def normalise_phone(text: str) -> str | None:
    """Return the eleven digits of a mainland mobile number however typed, or None."""
    digits = re.sub(r"[\s\-().+]", "", text)
    if len(digits) > 11:  # noqa: PLR2004 - a mobile number's length
        digits = digits.removeprefix("0086").removeprefix("86")
    return digits if _PHONE.fullmatch(digits) else None


def mask_phone(phone: str) -> str:
    """Return 139****0001: enough to recognise one's own, too little to call."""
    return f"{phone[:3]}****{phone[-4:]}"
