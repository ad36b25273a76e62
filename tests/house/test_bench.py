"""The bench itself must not rot: it loads its city into today's tables and opens today's pages."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_bench_opens_every_page_within_its_statements() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick", "--only", "SQLite", "statements"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "not measured" not in done.stdout
    assert "NOT MET" not in done.stdout
    assert done.stdout.count(": statements") == 5
