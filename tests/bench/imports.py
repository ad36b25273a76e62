"""Rows a second of `flask import hotline`, the whole command from start to its last line."""

import csv
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from tests.bench.databases import SQLITE, Database
from tests.bench.results import CannotMeasure, Line
from tests.bench.servers import ROOT, environment
from tests.bench.world import MATTERS

ROWS_A_SECOND = 1000.0
SHARED = ROOT.parent / "shared" / "data" / "complaints_with_official_replies.csv"
HEAD = (
    "message_id",
    "title",
    "submitted_at",
    "text",
    "official_reply",
    "replied_at",
    "weak_category_predicted",
    "weak_confidence",
)
_LAST_LINE = re.compile(r"imported (\d+), updated (\d+), unchanged (\d+), refused (\d+)")


def hotline(database: Database, rows: int) -> Iterator[Line]:
    """Import a generated file, and the public one when it is there."""
    file = database.folder / "hotline.csv"
    _write(file, rows)
    yield _timed(database, file, "generated file")
    if SHARED.exists():
        yield _timed(database, SHARED, "public complaints")


def _timed(database: Database, file: Path, name: str) -> Line:
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "flask", "import", "hotline", str(file)],
        cwd=ROOT,
        env=environment(database, 5999),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    seconds = time.monotonic() - start
    last = _LAST_LINE.search(done.stdout.strip().splitlines()[-1] if done.stdout.strip() else "")
    if done.returncode or last is None:
        raise CannotMeasure(f"the import failed: {done.stderr.strip()[-300:]}")
    imported, refused = int(last.group(1)), int(last.group(4))
    return Line(
        database.kind,
        f"hotline import, {name}",
        imported / seconds,
        "rows/s",
        ROWS_A_SECOND if database.kind == SQLITE else None,
        note=f"{imported:,} rows in {seconds:.1f} s with the program's start, {refused} refused",
    )


def _write(file: Path, rows: int) -> None:
    """Write a file of the public one's shape, two thirds of it answered, with fictional words."""
    first = datetime(2024, 1, 1, 8, 0)  # noqa: DTZ001 - the hotline writes no zone
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEAD)
        for number in range(1, rows + 1):
            matter = MATTERS[number % len(MATTERS)]
            at = first + timedelta(minutes=number)
            answered = number % 3 != 0
            writer.writerow(
                (
                    9_000_000 + number,
                    matter,
                    at.isoformat(timespec="minutes"),
                    f"{matter}。" + "来过两次都说会处理，还是没有动静，请尽快看看。" * 8,
                    "您好，已派人到现场处理，谢谢您的反映。" * 6 if answered else "",
                    (at + timedelta(days=10)).isoformat(timespec="minutes") if answered else "",
                    "环境卫生",
                    "0.9",
                )
            )
