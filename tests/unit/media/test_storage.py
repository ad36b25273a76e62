"""One contract for every storage, and what only a disk can get wrong."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.media.storage import LocalStorage, MemoryStorage, Storage

MISSING = "0" * 32
# Files carry the machine's time, not that of the tests' clock.
LONG_AGO, FAR_AHEAD = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["disk", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    makers: dict[str, Callable[[], Storage]] = {
        "disk": lambda: LocalStorage(tmp_path / "media"),
        "memory": MemoryStorage,
    }
    return makers[request.param]()


def test_what_is_put_can_be_opened_until_deleted(storage: Storage) -> None:
    key = storage.put(b"pixels")
    assert storage.exists(key)
    with storage.open(key) as file:
        assert file.read() == b"pixels"
    storage.delete(key)
    storage.delete(key)
    assert not storage.exists(key)
    with pytest.raises(FileNotFoundError):
        storage.open(key)


def test_keys_are_random_even_for_the_same_bytes(storage: Storage) -> None:
    keys = {storage.put(b"same") for _ in range(20)}
    assert len(keys) == 20
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in keys)


def test_a_missing_key_is_simply_absent(storage: Storage) -> None:
    assert not storage.exists(MISSING)
    storage.delete(MISSING)
    with pytest.raises(FileNotFoundError):
        storage.open(MISSING)


@pytest.mark.parametrize(
    "key", ["", "../../etc/passwd", "/etc/passwd", "a" * 31, "A" * 32, "a" * 32 + "\n", "é" * 32]
)
def test_a_key_that_was_not_made_here_is_an_error(storage: Storage, key: str) -> None:
    for method in (storage.open, storage.delete, storage.exists):
        with pytest.raises(ValueError, match="not a storage key"):
            method(key)


def test_old_keys_can_be_listed(storage: Storage) -> None:
    key = storage.put(b"pixels")
    assert list(storage.written_before(LONG_AGO)) == []
    assert list(storage.written_before(FAR_AHEAD)) == [key]
    storage.delete(key)
    assert list(storage.written_before(FAR_AHEAD)) == []


def test_files_are_private_and_two_folders_deep(tmp_path: Path) -> None:
    key = LocalStorage(tmp_path / "media").put(b"pixels")
    path = tmp_path / "media" / key[:2] / key[2:4] / key
    assert path.read_bytes() == b"pixels"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    storage = LocalStorage(tmp_path / "media")
    with pytest.raises(OSError, match="No space left"):
        storage.put(b"pixels")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_leavings_of_a_cut_write_are_removed_and_foreign_files_are_not(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "media")
    key = storage.put(b"pixels")
    folder = tmp_path / "media" / key[:2] / key[2:4]
    (folder / f"{MISSING}.part").write_bytes(b"half")
    (folder / "readme").write_text("kept")
    assert list(storage.written_before(FAR_AHEAD)) == [key]
    assert {path.name for path in folder.iterdir()} == {key, "readme"}
