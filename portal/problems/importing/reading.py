"""Open a CSV or a workbook, whatever its encoding, and give its rows one by one."""

import codecs
import csv
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

CHUNK = 1 << 20
# Guards for memory, far above any export: one cell, and a workbook once it is unpacked.
MOST_CHARACTERS_A_CELL = 1 << 20
MOST_UNPACKED_BYTES = 500_000_000
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Cell = object


class Unreadable(Exception):
    """The file can't be read at all; the message is one line that says what to do."""


@dataclass(frozen=True)
class BadRow:
    """A row that could not even be split into cells."""

    reason: str


@dataclass
class Table:
    """A file's header and rows. `share` tells how much was read, 0 to 1; `close` ends it."""

    header: list[str]
    rows: Iterator[list[Cell] | BadRow]
    share: Callable[[], float]
    notes: list[str] = field(default_factory=list)
    close: Callable[[], None] = lambda: None


def open_table(path: Path) -> Table:
    """Open a file by its content, not its name; raises Unreadable."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
        if not head:
            raise Unreadable("The file is empty.")
        if head.startswith((ZIP, OLD_EXCEL)):
            return _workbook(path, zipped=head.startswith(ZIP))
        if head.startswith(UTF_16):
            raise Unreadable("The file is UTF-16: save it as CSV in UTF-8 or as XLSX.")
        return _csv(path, _encoding(path))
    except OSError as error:
        raise Unreadable(f"The file can't be read: {error.strerror}.") from None


def _encoding(path: Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise Unreadable("The file is neither UTF-8 nor GB18030: save it as CSV in UTF-8.")


def _csv(path: Path, encoding: str) -> Table:
    csv.field_size_limit(MOST_CHARACTERS_A_CELL)
    raw = path.open("rb")
    text = TextIOWrapper(raw, encoding=encoding, newline="")
    size = max(path.stat().st_size, 1)
    delimiter = _delimiter(text)
    reader = csv.reader(text, delimiter=delimiter)
    header = next((row for row in _records(reader) if not isinstance(row, BadRow)), [])

    def share() -> float:
        return raw.tell() / size

    return Table([str(cell) for cell in header], _records(reader), share, close=text.close)


def _delimiter(text: TextIOWrapper) -> str:
    """Return the separator that splits the first line most: comma, semicolon or tab."""
    first = text.readline(CHUNK)
    text.seek(0)
    return max(",;\t", key=first.count)


def _records(reader: Iterator[list[str]]) -> Iterator[list[Cell] | BadRow]:
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(str(error))
            continue
        yield list(row)


def _workbook(path: Path, *, zipped: bool) -> Table:
    if zipped:
        _refuse_bomb(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = book.sheet_names
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False) if sheets else []
    except (CalamineError, OSError, ValueError) as error:
        raise Unreadable(f"The workbook can't be read: {str(error).splitlines()[0]}.") from None
    if not rows:
        raise Unreadable("The first sheet is empty.")
    done = 0

    def body() -> Iterator[list[Cell] | BadRow]:
        nonlocal done
        for row in rows[1:]:
            done += 1
            yield list(row)

    notes = [f"Only the first sheet is read, not: {', '.join(sheets[1:])}"] if sheets[1:] else []
    total = max(len(rows) - 1, 1)
    return Table([str(cell) for cell in rows[0]], body(), lambda: done / total, notes)


def _refuse_bomb(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise Unreadable("The workbook is damaged: save it again.") from None
    if unpacked > MOST_UNPACKED_BYTES:
        raise Unreadable("The workbook is too large once unpacked: split it or save it as CSV.")
