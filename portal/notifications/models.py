"""What people are told: ids and slots only, worded when it is read."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import EnumText, Model, UtcDateTime, one_of
from portal.notifications.states import Channel, MailState


class Notice(Model):
    """One person told of one event in the portal. `matter` says which sentence (see `matters`)."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(24), unique=True)
    event_key: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    matter: Mapped[str] = mapped_column(String(48))
    subject: Mapped[str] = mapped_column(String(60))
    slots: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("event_key", "person_id"),
        Index(None, "person_id", "id"),
        Index(
            "ix_notices_unread",
            "person_id",
            sqlite_where=read_at.is_(None),
            postgresql_where=read_at.is_(None),
        ),
    )


class Mail(Model):
    """One person told of one event on a channel outside; the outbox.

    `sending` is committed before the hand-over; what a crash leaves there becomes `uncertain`.
    The address is looked up when the mail goes out, and is not kept here.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(40), unique=True)
    event_key: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    channel: Mapped[Channel] = mapped_column(EnumText(Channel))
    matter: Mapped[str] = mapped_column(String(48))
    subject: Mapped[str] = mapped_column(String(60))
    slots: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[MailState] = mapped_column(EnumText(MailState))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sending_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        one_of("channel", Channel),
        one_of("state", MailState),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_time"),
        UniqueConstraint("event_key", "person_id", "channel"),
        Index(
            "ix_outbox_queued",
            "due_at",
            sqlite_where=state == MailState.QUEUED,
            postgresql_where=state == MailState.QUEUED,
        ),
        Index("ix_outbox_sent", "person_id", "sent_at"),
    )
