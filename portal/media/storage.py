"""Where the bytes live: on this machine's disk, or in memory for tests and trials.

A key is made here, at random, and never from anything a user sent: no file name, no extension,
no path. Both implementations pass the same contract test.
"""

import contextlib
import io
import os
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

_KEY = re.compile(r"[0-9a-f]{32}")


class Storage(Protocol):
    """Bytes under random keys. Every method raises ValueError for a key that was not made here."""

    def put(self, data: bytes) -> str:
        """Store ``data`` durably and return its new key. Raises OSError (disk full, read-only)."""

    def open(self, key: str) -> BinaryIO:
        """Open the bytes for reading. Raises FileNotFoundError."""

    def delete(self, key: str) -> None:
        """Remove the bytes; nothing happens when they are gone already."""

    def exists(self, key: str) -> bool:
        """Tell whether the bytes are there."""

    def written_before(self, moment: datetime) -> Iterator[str]:
        """Yield the keys put before ``moment`` (aware): the way to find what no row knows."""


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError("not a storage key")
    return key


class LocalStorage:
    """Files under one folder, two levels deep, readable by the server's user only."""

    def __init__(self, root: Path) -> None:
        """Keep the files under ``root``, which is made when the first one arrives."""
        self.root = root

    def put(self, data: bytes) -> str:
        """Write beside the final place, sync, rename: a reader never sees half a file."""
        key = secrets.token_hex(16)
        path = self._path(key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        try:
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        # New folders too must survive a power cut, so their parents are synced as well.
        for folder in (path.parent, path.parent.parent, self.root):
            _sync_folder(folder)
        return key

    def open(self, key: str) -> BinaryIO:
        """Open the file. Raises FileNotFoundError."""
        return self._path(key).open("rb")

    def delete(self, key: str) -> None:
        """Remove the file if it is there."""
        self._path(key).unlink(missing_ok=True)

    def exists(self, key: str) -> bool:
        """Tell whether the file is there."""
        return self._path(key).is_file()

    def written_before(self, moment: datetime) -> Iterator[str]:
        """Yield keys by the files' time; leavings of a cut write are removed on the way."""
        for path in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                if path.stat().st_mtime >= moment.timestamp():
                    continue
                if path.suffix == ".part":
                    path.unlink()
                elif _KEY.fullmatch(path.name):
                    yield path.name

    def _path(self, key: str) -> Path:
        return self.root / _checked(key)[:2] / key[2:4] / key


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class MemoryStorage:
    """The same promises without a disk; everything is gone with the process."""

    def __init__(self) -> None:
        """Begin empty."""
        self._kept: dict[str, tuple[bytes, datetime]] = {}

    def put(self, data: bytes) -> str:
        """Keep the bytes under a new key."""
        key = secrets.token_hex(16)
        self._kept[key] = (data, datetime.now(UTC))
        return key

    def open(self, key: str) -> BinaryIO:
        """Open the bytes. Raises FileNotFoundError."""
        if not self.exists(key):
            raise FileNotFoundError(key)
        return io.BytesIO(self._kept[key][0])

    def delete(self, key: str) -> None:
        """Forget the bytes if they are there."""
        self._kept.pop(_checked(key), None)

    def exists(self, key: str) -> bool:
        """Tell whether the bytes are there."""
        return _checked(key) in self._kept

    def written_before(self, moment: datetime) -> Iterator[str]:
        """Yield the keys put before ``moment``."""
        yield from [key for key, (_, at) in self._kept.items() if at < moment]
