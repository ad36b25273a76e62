"""The row behind a picture. The bytes are in storage, under keys that only this row knows."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Model, UtcDateTime


class Media(Model):
    """One clean picture, from upload to erasure.

    ``token`` names it in the URLs of the feature that shows it. ``uploader_person_id`` has no
    foreign key because people live on a floor above; an upload made before signing in belongs to
    ``upload_session``, the hash of the browser's session. ``width``, ``height``, ``bytes`` and
    ``sha256`` describe the large JPEG.
    """

    __tablename__ = "media"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    storage_key: Mapped[str] = mapped_column(String(32), unique=True)
    thumb_key: Mapped[str] = mapped_column(String(32), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    uploader_person_id: Mapped[int | None] = mapped_column(index=True)
    upload_session: Mapped[str | None] = mapped_column(String(64), index=True)
    attached_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("width > 0 AND height > 0 AND bytes > 0", name="measured"),
        CheckConstraint(
            "erased_at IS NULL OR (uploader_person_id IS NULL AND upload_session IS NULL)",
            name="erased_names_nobody",
        ),
        Index(
            "ix_media_unattached",
            "created_at",
            sqlite_where=attached_at.is_(None) & erased_at.is_(None),
            postgresql_where=attached_at.is_(None) & erased_at.is_(None),
        ),
    )
