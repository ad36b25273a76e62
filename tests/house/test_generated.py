"""What is made from other things is fresh: catalogues and tables of the documentation."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name(str(command[0])), *command[1:]],
        cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | env,
    )  # fmt: skip


def test_the_chinese_catalogue_is_whole() -> None:
    done = _run("python", "translations/build.py", "--check")

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_the_tables_of_the_documentation_are_fresh(tmp_path: Path) -> None:
    done = _run(
        "flask", "docs", "generate", "--check", DATA_DIR=str(tmp_path), FLASK_APP="wsgi:app"
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
