"""The roll, the turnout and the votes stand apart; the database refuses a second vote.

Child rows repeat their ballot's `mode` and `secret` and point at both with the ballot's id, so
that a CHECK can say what each kind of ballot must and must not store.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.ballots.states import BallotState, Mode
from portal.core.db import EnumText, Model, UtcDateTime, one_of


class Ballot(Model):
    """The vote being held. `subject` is opaque text of the caller, unique until it is closed.

    `quorum` (votes) and `threshold` (a share) are frozen at opening; the caller judges by them.
    """

    __tablename__ = "ballots"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(80))
    mode: Mapped[Mode] = mapped_column(EnumText(Mode))
    secret: Mapped[bool]
    state: Mapped[BallotState] = mapped_column(EnumText(BallotState))
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    quorum: Mapped[int]
    threshold_top: Mapped[int]
    threshold_bottom: Mapped[int]

    __table_args__ = (
        one_of("mode", Mode),
        one_of("state", BallotState),
        CheckConstraint("closes_at > opens_at", name="times_in_order"),
        CheckConstraint(
            "(state IN ('drafted', 'open')) = (closed_at IS NULL)", name="closed_has_time"
        ),
        CheckConstraint(
            "quorum >= 0 AND threshold_top >= 0 AND threshold_bottom >= 1"
            " AND threshold_top <= threshold_bottom",
            name="measures_possible",
        ),
        UniqueConstraint("id", "mode"),
        UniqueConstraint("id", "secret"),
        Index(
            "uq_ballots_open_subject",
            "subject",
            unique=True,
            sqlite_where=closed_at.is_(None),
            postgresql_where=closed_at.is_(None),
        ),
    )

    @property
    def threshold(self) -> tuple[int, int]:
        """The frozen share as numerator and denominator."""
        return self.threshold_top, self.threshold_bottom


class Elector(Model):
    """One frozen entry of the roll: a person, or a household by its dwelling's id.

    `capacity` is the caller's word for why the entry stands here (reporter, tenant).
    """

    __tablename__ = "electors"

    id: Mapped[int] = mapped_column(primary_key=True)
    ballot_id: Mapped[int] = mapped_column()
    mode: Mapped[Mode] = mapped_column(EnumText(Mode))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"), index=True)
    household_id: Mapped[int | None]
    capacity: Mapped[str] = mapped_column(String(20))

    __table_args__ = (
        ForeignKeyConstraint(["ballot_id", "mode"], ["ballots.id", "ballots.mode"]),
        CheckConstraint("(mode = 'person') = (person_id IS NOT NULL)", name="person_by_mode"),
        CheckConstraint(
            "(mode = 'household') = (household_id IS NOT NULL)", name="household_by_mode"
        ),
        UniqueConstraint("ballot_id", "person_id"),
        UniqueConstraint("ballot_id", "household_id"),
        UniqueConstraint("ballot_id", "id"),
    )


class Turnout(Model):
    """That an elector has voted, once; to the day only."""

    __tablename__ = "turnout"

    id: Mapped[int] = mapped_column(primary_key=True)
    ballot_id: Mapped[int] = mapped_column()
    elector_id: Mapped[int] = mapped_column()
    voted_on: Mapped[date]

    __table_args__ = (
        ForeignKeyConstraint(["ballot_id", "elector_id"], ["electors.ballot_id", "electors.id"]),
        UniqueConstraint("ballot_id", "elector_id"),
        UniqueConstraint("ballot_id", "id"),
    )


class Vote(Model):
    """One cast choice, append-only; a later one of the same elector supersedes it.

    The random `key` is the only order in which votes are read. A secret vote knows neither its
    turnout nor its time.
    """

    __tablename__ = "votes"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    ballot_id: Mapped[int] = mapped_column()
    secret: Mapped[bool]
    turnout_id: Mapped[int | None]
    choice: Mapped[dict[str, Any]] = mapped_column(JSON)
    cast_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        ForeignKeyConstraint(["ballot_id", "secret"], ["ballots.id", "ballots.secret"]),
        ForeignKeyConstraint(["ballot_id", "turnout_id"], ["turnout.ballot_id", "turnout.id"]),
        CheckConstraint("secret = (turnout_id IS NULL)", name="secret_unlinked"),
        CheckConstraint("secret = (cast_at IS NULL)", name="secret_timeless"),
        Index(None, "ballot_id", "key"),
        Index(
            "uq_votes_current",
            "turnout_id",
            unique=True,
            sqlite_where=superseded_at.is_(None),
            postgresql_where=superseded_at.is_(None),
        ),
    )
