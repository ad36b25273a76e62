"""Who signed in or out, and what was refused: account numbers, never phones or names."""

from dataclasses import dataclass
from typing import ClassVar

from portal.core.events import Event


@dataclass(frozen=True, kw_only=True)
class AccountEvent(Event):
    """A fact about one account."""

    account_id: int

    @property
    def subject(self) -> str:
        """The account."""
        return f"account:{self.account_id}"


@dataclass(frozen=True, kw_only=True)
class AccountOpened(AccountEvent):
    """Somebody got the right to sign in."""

    tag: ClassVar[str] = "accounts:account:open"


@dataclass(frozen=True, kw_only=True)
class AccountClosed(AccountEvent):
    """Somebody lost the right to sign in."""

    tag: ClassVar[str] = "accounts:account:close"


@dataclass(frozen=True, kw_only=True)
class AccountUnlocked(AccountEvent):
    """An administrator took a lock-out away."""

    tag: ClassVar[str] = "accounts:account:unlock"


@dataclass(frozen=True, kw_only=True)
class PasswordSet(AccountEvent):
    """A password was set or changed; all sessions of the account ended."""

    tag: ClassVar[str] = "accounts:password:set"


@dataclass(frozen=True, kw_only=True)
class SignedIn(AccountEvent):
    """A browser session began; `way` is code, password or demo."""

    tag: ClassVar[str] = "accounts:session:start"
    session_id: int
    way: str


@dataclass(frozen=True, kw_only=True)
class SignedOut(AccountEvent):
    """A browser session was ended by its person."""

    tag: ClassVar[str] = "accounts:session:end"
    session_id: int


@dataclass(frozen=True, kw_only=True)
class CodeSent(Event):
    """A one-time code went out; who it went to is not written here."""

    tag: ClassVar[str] = "accounts:code:send"
    purpose: str

    @property
    def subject(self) -> str:
        """Codes have no subject that may be told."""
        return "accounts:code"


@dataclass(frozen=True, kw_only=True)
class SignInRefused(Event):
    """A wrong password or code was tried; the account only if there is one."""

    tag: ClassVar[str] = "accounts:session:refuse"
    way: str
    account_id: int | None = None

    @property
    def subject(self) -> str:
        """Whose account was tried, if anybody's."""
        return f"account:{self.account_id}" if self.account_id else "accounts:sign-in"


@dataclass(frozen=True, kw_only=True)
class PersonChanged(Event):
    """Somebody changed how they are called, reached or where they live."""

    tag: ClassVar[str] = "accounts:person:change"
    person_id: int

    @property
    def subject(self) -> str:
        """The person."""
        return f"person:{self.person_id}"
