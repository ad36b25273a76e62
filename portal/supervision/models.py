"""Visits. What is said at them stands in the problem's timeline, written once, never changed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import EnumText, Model, UtcDateTime, one_of
from portal.problems.models import Problem
from portal.supervision.states import Rung, SignInMethod, VisitState


class Visit(Model):
    """One supervisor's visit to one problem, on one whistle when departments were called."""

    __tablename__ = "visits"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(12), unique=True)
    version: Mapped[int] = mapped_column()
    edition_id: Mapped[int] = mapped_column(ForeignKey("rule_editions.id"))
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id"), index=True)
    whistle_id: Mapped[int | None] = mapped_column(ForeignKey("whistles.id"), index=True)
    supervisor_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    invited_by_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    state: Mapped[VisitState] = mapped_column(EnumText(VisitState))
    invited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    respond_due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sign_off_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rung: Mapped[Rung] = mapped_column(EnumText(Rung), default=Rung.NONE)
    signed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sign_in_method: Mapped[SignInMethod | None] = mapped_column(EnumText(SignInMethod))
    distance_m: Mapped[int | None]
    flagged: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    problem: Mapped[Problem] = relationship(lazy="raise")
    supervisor: Mapped[Person] = relationship(lazy="raise", foreign_keys=[supervisor_id])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form
    __table_args__ = (
        one_of("state", VisitState),
        one_of("rung", Rung),
        one_of("sign_in_method", SignInMethod),
        CheckConstraint(
            "(state IN ('closed', 'declined', 'lapsed')) = (ended_at IS NOT NULL)",
            name="ended_has_time",
        ),
        CheckConstraint(
            "(signed_in_at IS NULL) = (sign_in_method IS NULL)", name="sign_in_has_method"
        ),
        Index(
            "uq_visits_live",
            "problem_id",
            "supervisor_id",
            unique=True,
            sqlite_where=ended_at.is_(None),
            postgresql_where=ended_at.is_(None),
        ),
        Index("ix_visits_supervisor", "supervisor_id", "state", "id"),
    )
