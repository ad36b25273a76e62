"""Rounds, and the words that came with answers. The answers themselves are votes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ballots.models import Ballot
from portal.core.db import EnumText, Model, UtcDateTime, one_of
from portal.problems.models import Problem
from portal.satisfaction.rules import FailedBy, Measures, RoundOutcome


class RatingRound(Model):
    """One asking about one problem; after a reopening comes the next number with a fresh roll.

    The supporters' share and the number from which figures are shown are frozen at opening, as the
    ballot freezes quorum and threshold. `outcome` is judged as the ballot closes; `settled_at` is
    when the problem followed, which a hold can delay.
    """

    __tablename__ = "rating_rounds"

    id: Mapped[int] = mapped_column(primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id"))
    ballot_id: Mapped[int] = mapped_column(ForeignKey("ballots.id"), unique=True)
    number: Mapped[int]
    supporters_share_top: Mapped[int]
    supporters_share_bottom: Mapped[int]
    shown_from: Mapped[int]
    outcome: Mapped[RoundOutcome | None] = mapped_column(EnumText(RoundOutcome))
    failed_by: Mapped[FailedBy | None] = mapped_column(EnumText(FailedBy))
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    ballot: Mapped[Ballot] = relationship(lazy="raise")
    problem: Mapped[Problem] = relationship(lazy="raise")

    __table_args__ = (
        one_of("outcome", RoundOutcome),
        one_of("failed_by", FailedBy),
        CheckConstraint("(outcome IS NULL) = (judged_at IS NULL)", name="judged_has_time"),
        CheckConstraint(
            "CASE WHEN outcome = 'failed' THEN failed_by IS NOT NULL ELSE failed_by IS NULL END",
            name="failed_has_voice",
        ),
        CheckConstraint("settled_at IS NULL OR outcome IS NOT NULL", name="settled_was_judged"),
        UniqueConstraint("problem_id", "number"),
        Index(
            "uq_rating_rounds_live",
            "problem_id",
            unique=True,
            sqlite_where=settled_at.is_(None),
            postgresql_where=settled_at.is_(None),
        ),
        Index(
            "ix_rating_rounds_passed",
            "settled_at",
            "id",
            sqlite_where=(outcome == RoundOutcome.PASSED),
            postgresql_where=(outcome == RoundOutcome.PASSED),
        ),
    )

    def measures(self) -> Measures:
        """Return the frozen numbers; the ballot is loaded with the round."""
        return Measures(
            quorum=self.ballot.quorum,
            threshold=self.ballot.threshold,
            supporters_share=(self.supporters_share_top, self.supporters_share_bottom),
        )


class RatingWords(Model):
    """One line of words with an answer; a later answer's words replace it."""

    __tablename__ = "rating_words"

    elector_id: Mapped[int] = mapped_column(ForeignKey("electors.id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rating_rounds.id"), index=True)
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    redacted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
