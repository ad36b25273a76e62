"""The real server, twice: gunicorn with the portal's own configuration, one worker a side."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.databases import Database
from tests.bench.results import CannotMeasure

ROOT = Path(__file__).resolve().parents[2]
SECRET = "measured-with-fictional-people-only"
START_SECONDS = 30
# Two cores: one for the server's worker, one for client and database.
WORKERS = 1


def environment(database: Database, port: int) -> dict[str, str]:
    """Return the settings of an installation in service, as an operator would give them."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return keep | {
        "MODE": "service",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "DATA_DIR": str(database.folder),
        "DATABASE_URL": database.url,
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "SECRET_KEY": SECRET,
        "WEB_CONCURRENCY": str(WORKERS),
        "LOG_LEVEL": "error",
        "FLASK_APP": "wsgi:app",
    }


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """A running gunicorn: its port, and how much of the processors its workers have used."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor time of all workers so far."""
        workers = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        ticks = 0
        for worker in workers:
            fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def serve(database: Database, app: str = "wsgi:app") -> Iterator[Server]:
    """Run gunicorn for `app` on this database."""
    port = free_port()
    log = (database.folder / f"{app.split(':', 1)[0]}-{port}.log").open("wb")
    child = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", app],
        cwd=ROOT,
        env=environment(database, port),
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        _wait(child, port, Path(log.name))
        yield Server(port, child.pid)
    finally:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        log.close()


def _wait(child: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise CannotMeasure(f"the server did not start: {log.read_text()[-600:]}")
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.1)
    raise CannotMeasure("the server did not listen in time")
