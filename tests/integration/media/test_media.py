"""A picture's life in the database and in storage, from upload to erasure."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.core import work
from portal.core.db import db
from portal.core.uow import transaction
from portal.media import jobs, queries, services, uploads
from portal.media.models import Media
from portal.media.pictures import PictureLimits
from portal.media.refusals import PictureRefused, Refusal
from portal.media.storage import MemoryStorage

LIMITS = PictureLimits(1_000_000, 1_000_000, 1600, 400)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


def photo() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "green").save(out, "JPEG")
    out.seek(0)
    return out


def prepared(storage: MemoryStorage) -> services.Prepared:
    return services.prepare(photo(), limits=LIMITS, storage=storage)


def upload(
    storage: MemoryStorage,
    *,
    person: int | None = None,
    session: str | None = None,
    at: datetime = NOW,
) -> Media:
    ready = prepared(storage)
    with transaction():
        return services.keep(ready, uploader_person_id=person, upload_session=session, now=at)


def stored(storage: MemoryStorage) -> set[str]:
    return set(storage.written_before(datetime.now(UTC) + HOUR))


def run_worker(storage: MemoryStorage) -> int:
    registry = work.Registry()
    jobs.register(registry, storage)
    return work.run_due(registry)


def test_a_kept_picture_can_be_found_and_opened(storage: MemoryStorage) -> None:
    media = upload(storage, person=7)
    found = queries.by_token(media.token)
    assert found is not None
    assert (found.width, found.height, found.attached_at) == (800, 600, None)
    with storage.open(found.storage_key) as file:
        assert len(file.read()) == found.bytes
    assert storage.exists(found.thumb_key)
    assert len(found.token) == 32
    assert found.token not in {found.storage_key, found.thumb_key}
    assert queries.by_token("0" * 32) is None


def test_a_refused_upload_leaves_nothing(storage: MemoryStorage) -> None:
    with pytest.raises(PictureRefused):
        services.prepare(b"<svg/>", limits=LIMITS, storage=storage)
    assert stored(storage) == set()


def test_a_full_disk_leaves_nothing() -> None:
    class FullAfterOne(MemoryStorage):
        def put(self, data: bytes) -> str:
            if stored(self):
                raise OSError(28, "No space left on device")
            return super().put(data)

    storage = FullAfterOne()
    with pytest.raises(OSError, match="No space left"):
        services.prepare(photo(), limits=LIMITS, storage=storage)
    assert stored(storage) == set()


def test_uploads_belong_to_their_person_or_browser(storage: MemoryStorage) -> None:
    before = upload(storage, session="browser-a").token
    after = upload(storage, person=7).token
    foreign = upload(storage, person=8, session="browser-b").token
    nobodys = upload(storage).token
    asked = [after, foreign, nobodys, before, after, "unknown"]

    def owned(person: int | None, session: str | None) -> list[str]:
        found = queries.owned_uploads(asked, person_id=person, upload_session=session)
        return [media.token for media in found]

    assert owned(7, "browser-a") == [after, before]
    assert owned(7, None) == [after]
    assert owned(None, "browser-a") == [before]
    assert owned(None, None) == []
    assert queries.owned_uploads([], person_id=7, upload_session="browser-a") == []


def test_an_upload_is_attached_once(storage: MemoryStorage) -> None:
    media = upload(storage, person=7)
    with transaction():
        services.attach(db.session.get_one(Media, media.id), now=NOW)
    assert queries.owned_uploads([media.token], person_id=7, upload_session=None) == []
    with pytest.raises(PictureRefused) as caught, transaction():
        services.attach(db.session.get_one(Media, media.id), now=NOW)
    assert caught.value.code == Refusal.USED_ALREADY


def test_an_erased_picture_is_gone_at_once_and_its_bytes_by_the_worker(
    storage: MemoryStorage,
) -> None:
    media = upload(storage, person=7, session="browser-a")
    with transaction():
        services.erase(db.session.get_one(Media, media.id), now=NOW)
    assert queries.by_token(media.token) is None
    assert queries.owned_uploads([media.token], person_id=7, upload_session=None) == []
    row = db.session.get_one(Media, media.id)
    assert (row.uploader_person_id, row.upload_session) == (None, None)

    assert run_worker(storage) == 1
    assert stored(storage) == set()
    assert run_worker(storage) == 0

    with pytest.raises(PictureRefused) as caught, transaction():
        services.attach(db.session.get_one(Media, media.id), now=NOW)
    assert caught.value.code == Refusal.GONE


def test_an_erasure_that_is_undone_removes_nothing(storage: MemoryStorage) -> None:
    media = upload(storage, person=7)

    def act_that_fails() -> None:
        with transaction():
            services.erase(db.session.get_one(Media, media.id), now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act_that_fails()
    assert run_worker(storage) == 0
    found = queries.by_token(media.token)
    assert found is not None
    assert stored(storage) == {found.storage_key, found.thumb_key}


def test_bytes_of_a_live_picture_are_never_removed(storage: MemoryStorage) -> None:
    media = upload(storage)
    with pytest.raises(ValueError, match="not erased"):
        services.remove_bytes(media, storage=storage)
    assert storage.exists(media.storage_key)


def test_the_sweep_takes_old_uploads_that_were_never_attached(storage: MemoryStorage) -> None:
    old = [upload(storage, at=NOW - 3 * HOUR).token for _ in range(3)]
    used = upload(storage, at=NOW - 3 * HOUR)
    fresh = upload(storage, at=NOW)
    with transaction():
        services.attach(db.session.get_one(Media, used.id), now=NOW)
    sweeps = []
    for _ in range(3):
        with transaction():
            sweeps.append(services.sweep_orphans(NOW - HOUR, now=NOW, limit=2))
    assert sweeps == [2, 1, 0]
    assert [queries.by_token(token) for token in old] == [None] * 3
    assert queries.by_token(used.token) is not None
    assert queries.by_token(fresh.token) is not None
    assert run_worker(storage) == 3
    assert len(stored(storage)) == 4


def test_bytes_whose_row_never_came_are_removed(storage: MemoryStorage) -> None:
    kept = upload(storage)
    prepared(storage)
    assert services.remove_strays(datetime.now(UTC) - HOUR, storage=storage) == 0
    assert services.remove_strays(datetime.now(UTC) + HOUR, storage=storage) == 2
    assert stored(storage) == {kept.storage_key, kept.thumb_key}


@pytest.mark.parametrize(
    "values",
    [{"width": 0}, {"bytes": -1}, {"erased_at": NOW}],
    ids=["no-width", "no-bytes", "erased-but-named"],
)
def test_the_database_refuses_impossible_rows(
    storage: MemoryStorage, values: dict[str, object]
) -> None:
    media = upload(storage, person=7)
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(update(Media).where(Media.id == media.id).values(**values))
    assert db.session.scalar(select(Media.width).where(Media.id == media.id)) == 800


def test_files_and_uploads_of_one_form_share_the_limit(app: Flask) -> None:
    form = {
        "photos": [(photo(), f"{n}.jpg") for n in range(3)],
        "photo_ids": ["0" * 32, "1" * 32, "0" * 32],
    }
    with app.test_request_context("/", method="POST", data=form):
        incoming = uploads.receive(LIMITS, 3)

    assert incoming.tokens == ["0" * 32, "1" * 32]
    assert len(incoming.prepared) == 1
