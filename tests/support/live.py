"""The real thing: gunicorn and the worker as child processes on a free loopback port.

They run under MODE=test with the database of the test; their clock is the machine's, shifted by
the offset file. A `Wire` speaks HTTP to them where the page client speaks to the application.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from werkzeug.datastructures import Headers, MultiDict
from werkzeug.test import stream_encode_multipart

from portal.core import clock
from tests.support.databases import SECRET, Database

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
START_SECONDS = 60
TRIES = 240


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Live:
    """Web server and worker of one test."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.data: Path = database.app.config["SETTINGS"].data_dir
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.env = os.environ | {
            "MODE": "test",
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            "DATA_DIR": str(self.data),
            "DATABASE_URL": database.url,
            "SECRET_KEY": SECRET,
            "PUBLIC_BASE_URL": self.url,
            "FLASK_APP": "wsgi:app",
            "PYTHONWARNINGS": "default",
        }
        self.web: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None
        clock.read_offset_from(self.data / "clock-offset")

    def start(self, *, worker: bool = True) -> "Live":
        """Start both and wait until the portal answers."""
        self.start_web()
        if worker:
            self.start_worker()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if Wire(self.url, tries=1).get("/healthz").status_code == 200:
                    return self
            except OSError:
                time.sleep(0.1)
        raise AssertionError(self.log())

    def start_web(self) -> None:
        """Start the web server."""
        self.web = self._start("gunicorn", "wsgi:app")

    def start_worker(self) -> None:
        """Start the worker."""
        self.worker = self._start("flask", "worker", "run")

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.data / "live.log").open("ab") as log:
            return subprocess.Popen(
                [BIN / command[0], *command[1:]],
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, what: str) -> None:
        """End `web` or `worker` with -9, all its processes, and start it anew."""
        child = self.web if what == "web" else self.worker
        if child is not None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        if what == "web":
            self.start_web()
        else:
            self.start_worker()

    def stop(self) -> None:
        """End everything."""
        for child in (self.web, self.worker):
            if child is not None and child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
        for child in (self.web, self.worker):
            if child is None:
                continue
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        (self.data / "clock-offset").unlink(missing_ok=True)

    def travel(self, **span: float) -> None:
        """Shift the clock of all processes, this one's too."""
        from datetime import timedelta  # noqa: PLC0415 - only here

        shift = clock.offset() + timedelta(**span)
        path = self.data / "clock-offset"
        fresh = path.with_suffix(".new")
        fresh.write_text(str(shift.total_seconds()))
        fresh.replace(path)

    def log(self) -> str:
        """Return what both wrote."""
        path = self.data / "live.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""


class Answer:
    """One response, with the names that Flask's test client gives it."""

    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        self.status_code, self.headers, self.body = status, headers, body
        self.location = headers.get("Location", "")
        self.mimetype = (headers.get("Content-Type") or "").partition(";")[0]

    def get_data(self, *, as_text: bool = False) -> Any:
        """Return the body."""
        return self.body.decode("utf-8", "replace") if as_text else self.body


class Wire:
    """An HTTP client with a cookie jar that sends again what got no answer, as people do."""

    def __init__(self, url: str, *, tries: int = TRIES) -> None:
        self.host, self.port = "127.0.0.1", urlsplit(url).port or 80
        self.netloc, self.tries = urlsplit(url).netloc, tries
        self.cookies: dict[str, str] = {}
        self.resent = 0

    def set_cookie(self, name: str, value: str, **_more: Any) -> None:
        """Put a cookie into the jar."""
        self.cookies[name] = value

    def get(self, url: str, **kwargs: Any) -> Answer:
        """Read."""
        return self.open(url, method="GET", **kwargs)

    def post(self, url: str, data: Any = None, **kwargs: Any) -> Answer:
        """Send a form."""
        return self.open(url, method="POST", data=data, **kwargs)

    def open(
        self,
        url: str,
        *,
        method: str = "GET",
        data: Any = None,
        headers: dict[str, str] | None = None,
        query_string: Any = None,
    ) -> Answer:
        """Send one request; raises OSError when nobody ever answers."""
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if query_string:
            target += "?" + urlencode(list(MultiDict(query_string).items(multi=True)))
        body, kind = _encode(data)
        sent = {"Host": self.netloc, **(headers or {})}
        if kind:
            sent["Content-Type"] = kind
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        for attempt in range(self.tries):
            try:
                return self._send(method, target, body, sent)
            except (OSError, http.client.HTTPException):
                if attempt + 1 == self.tries:
                    raise
                self.resent += 1
                time.sleep(0.25)
        raise AssertionError("unreachable")

    def _send(self, method: str, target: str, body: bytes | None, sent: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, target, body, sent)
            response = connection.getresponse()
            found = Headers(response.getheaders())
            for line in found.getlist("Set-Cookie"):
                for name, morsel in SimpleCookie(line).items():
                    self.cookies[name] = morsel.value
            return Answer(response.status, found, response.read())
        finally:
            connection.close()


def _encode(data: Any) -> tuple[bytes | None, str]:
    if data is None:
        return None, ""
    fields = MultiDict(data)
    if any(hasattr(value, "stream") for value in fields.values()):
        stream, _length, boundary = stream_encode_multipart(fields)
        return stream.read(), f"multipart/form-data; boundary={boundary}"
    return urlencode(list(fields.items(multi=True))).encode(), "application/x-www-form-urlencoded"
