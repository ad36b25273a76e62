"""A person may have no account; several may share a phone; one account signs in with it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.states import CheckLevel, ContactKind
from portal.core.db import EnumText, Model, UtcDateTime, one_of
from portal.core.sealed import SealedText


class Person(Model):
    """Somebody. `public_name` is at most '王女士'; the full name is for case handlers."""

    __tablename__ = "persons"

    id: Mapped[int] = mapped_column(primary_key=True)
    full_name: Mapped[str | None] = mapped_column(SealedText)
    public_name: Mapped[str] = mapped_column(String(20))
    lang: Mapped[str] = mapped_column(String(8), default="zh")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Account(Model):
    """The right to sign in."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), unique=True)
    login: Mapped[str | None] = mapped_column(String(60), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(lazy="raise")


class ContactPoint(Model):
    """A phone or mail address; `value_hash` finds it, `value` is sealed."""

    __tablename__ = "contact_points"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    kind: Mapped[ContactKind] = mapped_column(EnumText(ContactKind))
    value: Mapped[str] = mapped_column(SealedText)
    value_hash: Mapped[str] = mapped_column(String(64), index=True)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signs_in: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        one_of("kind", ContactKind),
        Index(
            "uq_contact_points_sign_in",
            "value_hash",
            unique=True,
            sqlite_where=text("signs_in"),
            postgresql_where=text("signs_in"),
        ),
    )


class Residence(Model):
    """Where a person lives, dated, with how far it was checked. Append-only but for its end."""

    __tablename__ = "residences"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid_cells.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("buildings.id"))
    dwelling_id: Mapped[int | None] = mapped_column(ForeignKey("dwellings.id"))
    check_level: Mapped[int] = mapped_column(default=int(CheckLevel.NONE))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    __table_args__ = (
        CheckConstraint("check_level IN (0, 1, 2)", name="check_level_known"),
        Index(None, "grid_id", "check_level"),
    )


class BrowserSession(Model):
    """A signed-in browser: only the token's hash is kept; ending the row signs it out."""

    __tablename__ = "browser_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PhoneCode(Model):
    """A one-time code sent to a contact point for one purpose; hashed, short-lived, few tries."""

    __tablename__ = "phone_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_hash: Mapped[str] = mapped_column(String(64), index=True)
    purpose: Mapped[str] = mapped_column(String(30))
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FailedTry(Model):
    """A wrong password or code, by keyed hash of what was tried for: the source of lockouts."""

    __tablename__ = "failed_tries"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index(None, "key_hash", "at"),)
