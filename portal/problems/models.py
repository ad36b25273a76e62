"""Problems and what hangs on them. The database repeats the law that services keep."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import EnumText, Model, UtcDateTime, one_of
from portal.organisations.models import Unit
from portal.problems.states import (
    AssignmentState,
    Audience,
    Outcome,
    PhotoKind,
    ProblemState,
    Source,
    StepAudience,
    Urgency,
)


class Problem(Model):
    """One matter. The scope ids are as of filing and never rewritten.

    `due_at` is the clock of the present state; `limit_at` that of the whole matter.
    `quiet` hides a live enforcement whistle from the public until it is released. `danger` is the
    reporter's own word: somebody hurt, gas, fire.
    """

    __tablename__ = "problems"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(12), unique=True)
    version: Mapped[int] = mapped_column()
    edition_id: Mapped[int] = mapped_column(ForeignKey("rule_editions.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"))
    street_id: Mapped[int | None] = mapped_column(ForeignKey("divisions.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("divisions.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid_cells.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("buildings.id"))
    address: Mapped[str] = mapped_column(String(120), default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    source: Mapped[Source] = mapped_column(EnumText(Source))
    external_no: Mapped[str | None] = mapped_column(String(60))
    external_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    external_follow_up: Mapped[str | None] = mapped_column(String(60))
    external_hash: Mapped[str | None] = mapped_column(String(64))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    title: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    lang: Mapped[str] = mapped_column(String(8), default="zh")
    audience: Mapped[Audience] = mapped_column(EnumText(Audience))
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    review_due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    quiet: Mapped[bool] = mapped_column(default=False)
    danger: Mapped[bool] = mapped_column(default=False)
    state: Mapped[ProblemState] = mapped_column(EnumText(ProblemState))
    urgency: Mapped[Urgency | None] = mapped_column(EnumText(Urgency))
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    limit_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[Outcome | None] = mapped_column(EnumText(Outcome))
    reopenings: Mapped[int] = mapped_column(default=0)
    district_review_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    district_decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_nudged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("problems.id"), index=True)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"), index=True)
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    query_code_hash: Mapped[str | None] = mapped_column(String(64))
    supporters: Mapped[int] = mapped_column(default=0)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form
    __table_args__ = (
        one_of("source", Source),
        one_of("audience", Audience),
        one_of("state", ProblemState),
        one_of("urgency", Urgency),
        one_of("outcome", Outcome),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed_has_outcome"),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into"),
        CheckConstraint(
            "state IN ('submitted', 'declined', 'merged', 'withdrawn', 'closed')"
            " OR (urgency IS NOT NULL AND limit_at IS NOT NULL AND street_id IS NOT NULL"
            " AND category_id IS NOT NULL)",
            name="accepted_is_whole",
        ),
        CheckConstraint("audience <> 'staff' OR released_at IS NULL", name="staff_not_released"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="point_whole"),
        UniqueConstraint("source", "external_no"),
        Index("ix_problems_queue", "street_id", "state", "due_at", "id"),
        Index("ix_problems_district", "district_id", "state", "due_at", "id"),
        Index("ix_problems_released", "district_id", "released_at", "id"),
        Index("ix_problems_near", "latitude", "longitude"),
        Index("ix_problems_resolved", "street_id", "resolved_at"),
        Index("ix_problems_place", "grid_id", "category_id", "submitted_at"),
    )


class Supporter(Model):
    """Somebody who met the same; `origin_id` is the problem they first joined, kept by merges."""

    __tablename__ = "supporters"

    id: Mapped[int] = mapped_column(primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    origin_id: Mapped[int] = mapped_column(ForeignKey("problems.id"))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("problem_id", "person_id"),)


class Step(Model):
    """One line of the timeline: which unit did what, when, by which rule.

    `tag` and `subject` are the event's, so a floor above finds its own lines (`visit:7`); `body` is
    the only place where its words stand.
    """

    __tablename__ = "problem_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    tag: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    audience: Mapped[StepAudience] = mapped_column(EnumText(StepAudience))
    body: Mapped[str | None] = mapped_column(Text)
    slots: Mapped[dict[str, Any]] = mapped_column(JSON)

    unit: Mapped[Unit | None] = relationship(lazy="raise")

    __table_args__ = (one_of("audience", StepAudience), Index(None, "problem_id", "id"))


class Photo(Model):
    """A photo of a problem; public only once it was ticked."""

    __tablename__ = "problem_photos"

    id: Mapped[int] = mapped_column(primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id"))
    media_id: Mapped[int] = mapped_column(ForeignKey("media.id"), unique=True)
    step_id: Mapped[int | None] = mapped_column(ForeignKey("problem_steps.id"))
    kind: Mapped[PhotoKind] = mapped_column(EnumText(PhotoKind))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (one_of("kind", PhotoKind), Index(None, "problem_id", "id"))


class Assignment(Model):
    """派单: who holds an accepted problem. One live one a problem."""

    __tablename__ = "assignments"

    id: Mapped[int] = mapped_column(primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id"))
    holder_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    state: Mapped[AssignmentState] = mapped_column(EnumText(AssignmentState))
    version: Mapped[int] = mapped_column()
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    assigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    acknowledge_due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_by_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    problem: Mapped[Problem] = relationship(lazy="raise")
    holder: Mapped[Unit] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form
    __table_args__ = (
        one_of("state", AssignmentState),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended_has_time"),
        CheckConstraint(
            "state <> 'done' OR (finished_at IS NOT NULL AND finished_by_id IS NOT NULL)",
            name="done_has_who",
        ),
        Index(
            "uq_assignments_live",
            "problem_id",
            unique=True,
            sqlite_where=ended_at.is_(None),
            postgresql_where=ended_at.is_(None),
        ),
        Index("ix_assignments_holder", "holder_unit_id", "state", "due_at", "id"),
        Index("ix_assignments_given", "holder_unit_id", "assigned_at"),
    )


class AssignmentSupporter(Model):
    """A unit that supports the holder."""

    __tablename__ = "assignment_supporters"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)


class Measure(Model):
    """What a unit tried itself: person, time, method (the words stand in the step)."""

    __tablename__ = "measures"

    id: Mapped[int] = mapped_column(primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    method: Mapped[str] = mapped_column(String(30))
    step_id: Mapped[int] = mapped_column(ForeignKey("problem_steps.id"), index=True)
    has_evidence: Mapped[bool] = mapped_column(default=False)


class Grant(Model):
    """A unit may read a problem: its holder, supporters, called departments."""

    __tablename__ = "problem_grants"

    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True, index=True)
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Hold(Model):
    """A "no" from a floor above: `verb` is blocked until the hold is lifted.

    `placed_by` is opaque text (`visit:7`); one live hold per problem, verb and placer.
    """

    __tablename__ = "problem_holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id"))
    verb: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    placed_by: Mapped[str] = mapped_column(String(40))
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index(
            "uq_problem_holds_live",
            "problem_id",
            "verb",
            "placed_by",
            unique=True,
            sqlite_where=lifted_at.is_(None),
            postgresql_where=lifted_at.is_(None),
        ),
    )


class Draft(Model):
    """What a browser has typed and uploaded on the way to submitting; nothing is lost."""

    __tablename__ = "problem_drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    browser: Mapped[str] = mapped_column(String(64), unique=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
