"""Whistles, the departments' lines and what hangs on them. The database repeats the law."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import EnumText, Model, UtcDateTime, one_of
from portal.duties.models import DutyItem
from portal.organisations.models import Unit
from portal.problems.states import Audience, StepAudience
from portal.whistles.states import (
    Arrival,
    CalloutState,
    Clock,
    Kind,
    Outcome,
    Proof,
    Question,
    Rung,
    Slot,
    WhistleState,
)


class Whistle(Model):
    """A street's call to departments about one or more problems.

    The scope ids are as of drafting and never rewritten. `quiet` whistles are invisible to the
    public until `released_at`; the others are released when they are blown, if their problems are.
    `duty_item_id` cites one version of one item of the duty list.
    """

    __tablename__ = "whistles"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(12), unique=True)
    version: Mapped[int] = mapped_column()
    edition_id: Mapped[int] = mapped_column(ForeignKey("rule_editions.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"))
    street_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("divisions.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid_cells.id"))
    kind: Mapped[Kind] = mapped_column(EnumText(Kind))
    state: Mapped[WhistleState] = mapped_column(EnumText(WhistleState))
    title: Mapped[str] = mapped_column(String(80))
    matter: Mapped[str] = mapped_column(Text)
    grounds: Mapped[str] = mapped_column(Text)
    meeting_point: Mapped[str] = mapped_column(String(120))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    appointed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    duty_item_id: Mapped[int | None] = mapped_column(ForeignKey("duty_items.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    author_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    drafted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    override_by_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    override_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    override_reason: Mapped[str | None] = mapped_column(Text)
    blown_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blown_by_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    quiet: Mapped[bool] = mapped_column(default=False)
    audience: Mapped[Audience] = mapped_column(EnumText(Audience))
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    late_review_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    late_reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    misblown: Mapped[bool | None]
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    author: Mapped[Person] = relationship(lazy="raise", foreign_keys=[author_id])
    author_unit: Mapped[Unit] = relationship(lazy="raise")
    duty_item: Mapped[DutyItem | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form
    __table_args__ = (
        one_of("kind", Kind),
        one_of("state", WhistleState),
        one_of("audience", Audience),
        CheckConstraint("approver_id IS NULL OR approver_id <> author_id", name="two_persons"),
        CheckConstraint(
            "(approver_id IS NULL) = (approved_at IS NULL)", name="approved_has_who_and_when"
        ),
        CheckConstraint(
            "blown_at IS NULL OR kind = 'emergency' OR approver_id IS NOT NULL",
            name="blown_was_approved",
        ),
        CheckConstraint("kind <> 'enforcement' OR appointed_at IS NOT NULL", name="appointed"),
        CheckConstraint(
            "state NOT IN ('drafted', 'screening', 'returned', 'approved') OR blown_at IS NULL",
            name="preparing_not_blown",
        ),
        CheckConstraint(
            "state NOT IN ('blown', 'assembled', 'acting', 'completed', 'rated', 'archived')"
            " OR blown_at IS NOT NULL",
            name="blown_has_time",
        ),
        CheckConstraint(
            "(state IN ('completed', 'rated', 'archived')) = (completed_at IS NOT NULL)",
            name="completed_has_time",
        ),
        CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_has_time"
        ),
        CheckConstraint(
            "blown_at IS NULL OR (kind = 'emergency') = (late_review_due_at IS NOT NULL)",
            name="emergency_is_reviewed",
        ),
        CheckConstraint(
            "(override_by_id IS NULL) = (override_reason IS NULL)"
            " AND (override_by_id IS NULL) = (override_at IS NULL)",
            name="override_in_writing",
        ),
        CheckConstraint(
            "released_at IS NULL OR (audience <> 'staff' AND blown_at IS NOT NULL)",
            name="released_when_blown",
        ),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="point_whole"),
        Index("ix_whistles_street", "street_id", "state", "id"),
        Index("ix_whistles_blown", "street_id", "blown_at"),
        Index("ix_whistles_district", "district_id", "state", "id"),
    )


class WhistleProblem(Model):
    """A problem that a whistle is about; many to many from the start."""

    __tablename__ = "whistle_problems"

    whistle_id: Mapped[int] = mapped_column(ForeignKey("whistles.id"), primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id"), primary_key=True, index=True)


class PlannedCall(Model):
    """A department that a draft means to call; becomes a callout when the whistle is blown."""

    __tablename__ = "planned_calls"

    whistle_id: Mapped[int] = mapped_column(ForeignKey("whistles.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    is_lead: Mapped[bool] = mapped_column(default=False)
    task: Mapped[str] = mapped_column(String(200), default="")

    unit: Mapped[Unit] = relationship(lazy="raise")


class GateAnswer(Model):
    """One of the six questions as it was answered last; `note` is a slot, not a sentence."""

    __tablename__ = "gate_answers"

    whistle_id: Mapped[int] = mapped_column(ForeignKey("whistles.id"), primary_key=True)
    question: Mapped[Question] = mapped_column(EnumText(Question), primary_key=True)
    passed: Mapped[bool]
    note: Mapped[str] = mapped_column(String(60), default="")
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (one_of("question", Question),)


class Callout(Model):
    """The line from one whistle to one department: its task, state and clocks.

    Live until `ended_at`. `absent_at` is a mark, not a state: a late arrival keeps it, a
    correction removes it. `result_at` is cleared when a sign-off is refused.
    """

    __tablename__ = "callouts"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    whistle_id: Mapped[int] = mapped_column(ForeignKey("whistles.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    is_lead: Mapped[bool] = mapped_column(default=False)
    task: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[CalloutState] = mapped_column(EnumText(CalloutState))
    called_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledge_due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    contact_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrive_due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolve_due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proof: Mapped[Proof | None] = mapped_column(EnumText(Proof))
    contacted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    set_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    eta_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reported_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    people: Mapped[int | None]
    absent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[Outcome | None] = mapped_column(EnumText(Outcome))
    result_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refusals: Mapped[int] = mapped_column(default=0)
    recess_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recess_next_on: Mapped[date | None]
    recess_person: Mapped[str | None] = mapped_column(String(40))
    recessed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ruling_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cited_item_id: Mapped[int | None] = mapped_column(ForeignKey("duty_items.id"))
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("callouts.id"))
    last_nudged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    nudges: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    whistle: Mapped[Whistle] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form
    __table_args__ = (
        one_of("state", CalloutState),
        one_of("proof", Proof),
        one_of("outcome", Outcome),
        CheckConstraint(
            "(state IN ('stood_down', 'rerouted', 'upheld', 'handed_over', 'cancelled'))"
            " = (ended_at IS NOT NULL)",
            name="ended_has_time",
        ),
        CheckConstraint(
            "state NOT IN ('reported_in', 'acting', 'recessed', 'done', 'stood_down')"
            " OR reported_in_at IS NOT NULL",
            name="arrived_has_time",
        ),
        CheckConstraint(
            "state NOT IN ('done', 'stood_down')"
            " OR (result_at IS NOT NULL AND done_at IS NOT NULL)",
            name="done_has_result",
        ),
        CheckConstraint(
            "state <> 'recessed' OR (recessed_at IS NOT NULL AND recess_next_on IS NOT NULL"
            " AND recess_person IS NOT NULL)",
            name="recess_is_whole",
        ),
        CheckConstraint(
            "state <> 'handed_back' OR (handed_back_at IS NOT NULL AND ruling_due_at IS NOT NULL)",
            name="hand_back_has_ruling_time",
        ),
        CheckConstraint("(result_at IS NULL) = (outcome IS NULL)", name="result_has_outcome"),
        CheckConstraint("(acknowledged_at IS NULL) = (proof IS NULL)", name="acknowledged_proved"),
        CheckConstraint("acknowledged_at >= called_at", name="acknowledged_after_call"),
        CheckConstraint("reported_in_at >= acknowledged_at", name="arrived_after_acknowledged"),
        CheckConstraint("people > 0", name="somebody_came"),
        Index(
            "uq_callouts_live",
            "whistle_id",
            "unit_id",
            unique=True,
            sqlite_where=ended_at.is_(None),
            postgresql_where=ended_at.is_(None),
        ),
        Index("ix_callouts_unit", "unit_id", "state", "arrive_due_at", "id"),
    )


class SiteEpisode(Model):
    """One stay on site: arrived, how it was proved, and left."""

    __tablename__ = "site_episodes"

    id: Mapped[int] = mapped_column(primary_key=True)
    callout_id: Mapped[int] = mapped_column(ForeignKey("callouts.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    method: Mapped[Arrival] = mapped_column(EnumText(Arrival))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    distance_m: Mapped[int | None]
    flagged: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        one_of("method", Arrival),
        CheckConstraint("left_at >= arrived_at", name="left_after_arrived"),
        CheckConstraint("(method = 'fallback') = flagged", name="fallback_is_flagged"),
        CheckConstraint("method <> 'place' OR distance_m IS NOT NULL", name="place_has_distance"),
        Index(
            "uq_site_episodes_open",
            "callout_id",
            unique=True,
            sqlite_where=left_at.is_(None),
            postgresql_where=left_at.is_(None),
        ),
    )


class WhistleStep(Model):
    """One line of the live feed and of the problem's timeline.

    `tag` is the event's; `body` is the only place where its words stand.
    """

    __tablename__ = "whistle_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    whistle_id: Mapped[int] = mapped_column(ForeignKey("whistles.id"))
    callout_id: Mapped[int | None] = mapped_column(ForeignKey("callouts.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    tag: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    audience: Mapped[StepAudience] = mapped_column(EnumText(StepAudience))
    body: Mapped[str | None] = mapped_column(Text)
    slots: Mapped[dict[str, Any]] = mapped_column(JSON)

    unit: Mapped[Unit | None] = relationship(lazy="raise")

    __table_args__ = (one_of("audience", StepAudience), Index(None, "whistle_id", "id"))


class CalloutPhoto(Model):
    """A department's photo from the site; public only once the street ticked it."""

    __tablename__ = "callout_photos"

    id: Mapped[int] = mapped_column(primary_key=True)
    callout_id: Mapped[int] = mapped_column(ForeignKey("callouts.id"), index=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("whistle_steps.id"))
    media_id: Mapped[int] = mapped_column(ForeignKey("media.id"), unique=True)
    is_result: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignOff(Model):
    """A signature that standing down waits for.

    The street signs each department off; a resident supervisor's slot stands for the whole whistle
    (`callout_id` NULL) and is opened by the floor above under an opaque name (`visit:7`). A refused
    or withdrawn slot is closed and, when asked again, followed by a new row.
    """

    __tablename__ = "sign_offs"

    id: Mapped[int] = mapped_column(primary_key=True)
    whistle_id: Mapped[int] = mapped_column(ForeignKey("whistles.id"), index=True)
    callout_id: Mapped[int | None] = mapped_column(ForeignKey("callouts.id"), index=True)
    slot: Mapped[Slot] = mapped_column(EnumText(Slot))
    placed_by: Mapped[str] = mapped_column(String(40), default="")
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        one_of("slot", Slot),
        CheckConstraint("(slot = 'street') = (callout_id IS NOT NULL)", name="slot_has_place"),
        CheckConstraint("(slot = 'supervisor') = (placed_by <> '')", name="supervisor_is_named"),
        CheckConstraint("(signed_at IS NULL) = (signed_by_id IS NULL)", name="signed_has_who"),
        CheckConstraint("signed_at IS NULL OR refused_at IS NULL", name="signed_or_refused"),
        CheckConstraint("refused_at IS NULL OR closed_at IS NOT NULL", name="refused_is_closed"),
        Index(
            "uq_sign_offs_street",
            "callout_id",
            unique=True,
            sqlite_where=closed_at.is_(None),
            postgresql_where=closed_at.is_(None),
        ),
        Index(
            "uq_sign_offs_supervisor",
            "whistle_id",
            "placed_by",
            unique=True,
            sqlite_where=(slot == Slot.SUPERVISOR) & closed_at.is_(None),
            postgresql_where=(slot == Slot.SUPERVISOR) & closed_at.is_(None),
        ),
    )


class Escalation(Model):
    """One step of the ladder that was taken; each at most once, whatever the workers do."""

    __tablename__ = "escalations"

    id: Mapped[int] = mapped_column(primary_key=True)
    callout_id: Mapped[int] = mapped_column(ForeignKey("callouts.id"))
    clock: Mapped[Clock] = mapped_column(EnumText(Clock))
    rung: Mapped[Rung] = mapped_column(EnumText(Rung))
    is_red: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        one_of("clock", Clock),
        one_of("rung", Rung),
        UniqueConstraint("callout_id", "clock", "rung"),
    )


class WhistleHold(Model):
    """A "no" from a floor above: `verb` is blocked for the whistle until the hold is lifted."""

    __tablename__ = "whistle_holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    whistle_id: Mapped[int] = mapped_column(ForeignKey("whistles.id"))
    verb: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    placed_by: Mapped[str] = mapped_column(String(40))
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index(
            "uq_whistle_holds_live",
            "whistle_id",
            "verb",
            "placed_by",
            unique=True,
            sqlite_where=lifted_at.is_(None),
            postgresql_where=lifted_at.is_(None),
        ),
    )
