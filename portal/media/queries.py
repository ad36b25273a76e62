"""Finding pictures. Who may see one is decided by the feature that shows it."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from portal.core.db import db
from portal.media.models import Media


def by_token(token: str) -> Media | None:
    """Return the picture of this token, unless it was erased."""
    return db.session.scalar(select(Media).where(Media.token == token, Media.erased_at.is_(None)))


def owned_uploads(
    tokens: Sequence[str], *, person_id: int | None, upload_session: str | None
) -> list[Media]:
    """Return those of ``tokens``, in their order, that this person or browser uploaded.

    Only uploads that wait for their report: neither attached nor erased. Unknown and foreign
    tokens are left out alike; nobody owns an upload by being nobody.
    """
    owners = []
    if person_id is not None:
        owners.append(Media.uploader_person_id == person_id)
    if upload_session is not None:
        owners.append(Media.upload_session == upload_session)
    if not owners or not tokens:
        return []
    found = db.session.scalars(
        select(Media).where(
            Media.token.in_(tokens),
            Media.attached_at.is_(None),
            Media.erased_at.is_(None),
            or_(*owners),
        )
    )
    by_its_token = {media.token: media for media in found}
    return [by_its_token[token] for token in dict.fromkeys(tokens) if token in by_its_token]
