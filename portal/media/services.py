"""Take a picture in, tie it to a report, erase it.

Taking in has two halves. ``prepare`` is slow (decode, encode, disk) and runs outside any
transaction; ``keep`` writes the row inside one. Bytes are on disk before the row is, so a picture
that was acknowledged is always there; bytes whose row never came are found by ``remove_strays``.
Erasing goes the other way round: the row says so at once and in the same act the worker is given
the job of removing the bytes, so an act that is undone has removed nothing.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from sqlalchemy import or_, select

from portal.core import work
from portal.core.db import db
from portal.media import pictures
from portal.media.models import Media
from portal.media.pictures import PictureLimits
from portal.media.refusals import PictureRefused, Refusal
from portal.media.storage import Storage

REMOVE_BYTES = "media:remove-bytes"
STRAYS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Prepared:
    """A clean picture whose bytes are stored and whose row is still to be written."""

    storage_key: str
    thumb_key: str
    sha256: str
    width: int
    height: int
    bytes: int


def prepare(stream: bytes | BinaryIO, *, limits: PictureLimits, storage: Storage) -> Prepared:
    """Clean the upload and store its bytes. Slow; call it before the transaction.

    Raises PictureRefused, or OSError when the storage is full or read-only; then nothing is left.
    """
    picture = pictures.clean(stream, limits=limits)
    storage_key = storage.put(picture.jpeg)
    try:
        thumb_key = storage.put(picture.thumbnail)
    except OSError:
        storage.delete(storage_key)
        raise
    return Prepared(
        storage_key=storage_key,
        thumb_key=thumb_key,
        sha256=picture.sha256,
        width=picture.width,
        height=picture.height,
        bytes=len(picture.jpeg),
    )


def keep(
    prepared: Prepared,
    *,
    uploader_person_id: int | None,
    upload_session: str | None,
    now: datetime,
) -> Media:
    """Write the row of a prepared picture, owned by a person, a browser session or both."""
    media = Media(
        token=secrets.token_hex(16),
        storage_key=prepared.storage_key,
        thumb_key=prepared.thumb_key,
        sha256=prepared.sha256,
        width=prepared.width,
        height=prepared.height,
        bytes=prepared.bytes,
        created_at=now,
        uploader_person_id=uploader_person_id,
        upload_session=upload_session,
    )
    db.session.add(media)
    db.session.flush()
    return media


def attach(media: Media, *, now: datetime) -> None:
    """Tie an upload to the thing it was made for, once.

    The row is locked and read again, so that an orphan sweep or a second form can't take it at
    the same moment. Raises PictureRefused ``gone`` or ``used_already``.
    """
    db.session.refresh(media, with_for_update=True)
    if media.erased_at is not None:
        raise PictureRefused(Refusal.GONE)
    if media.attached_at is not None:
        raise PictureRefused(Refusal.USED_ALREADY)
    media.attached_at = now
    db.session.flush()


def erase(media: Media, *, now: datetime) -> None:
    """Make the picture unreachable now and have the worker remove its bytes after the commit."""
    if media.erased_at is not None:
        return
    media.erased_at = now
    media.uploader_person_id = None
    media.upload_session = None
    work.schedule(REMOVE_BYTES, media.token, now, media_id=media.id)
    db.session.flush()


def sweep_orphans(older_than: datetime, *, now: datetime, limit: int) -> int:
    """Erase up to ``limit`` uploads made before ``older_than`` and never attached; count them."""
    orphans = db.session.scalars(
        select(Media)
        .where(
            Media.attached_at.is_(None),
            Media.erased_at.is_(None),
            Media.created_at < older_than,
        )
        .order_by(Media.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for media in orphans:
        erase(media, now=now)
    return len(orphans)


def remove_bytes(media: Media, *, storage: Storage) -> None:
    """Remove the bytes of an erased picture; doing it twice does no harm."""
    if media.erased_at is None:
        raise ValueError("a picture that was not erased keeps its bytes")
    storage.delete(media.storage_key)
    storage.delete(media.thumb_key)


def remove_strays(older_than: datetime, *, storage: Storage) -> int:
    """Remove stored bytes that no row knows (a crash between ``prepare`` and ``keep``); count them.

    ``older_than`` must lie far enough back (hours) for every running upload to have its row.
    """
    removed = 0
    keys = storage.written_before(older_than)
    while batch := list(islice(keys, STRAYS_AT_ONCE)):
        known = _known(batch)
        for key in batch:
            if key not in known:
                storage.delete(key)
                removed += 1
    return removed


def _known(keys: Iterable[str]) -> set[str]:
    rows = db.session.execute(
        select(Media.storage_key, Media.thumb_key).where(
            or_(Media.storage_key.in_(keys), Media.thumb_key.in_(keys))
        )
    )
    return {key for row in rows for key in row}
