"""A small keep-alive client: raw sockets, so that the server, not the client, is the limit."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.bench.results import CannotMeasure, Duel
from tests.bench.servers import Server

# One worker process serves; four connections keep it busy without queueing at the client.
CONNECTIONS = 4
TIMEOUT = 30.0


def get(port: int, path: str, cookie: str) -> bytes:
    """Return the bytes of a GET."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
        "Accept: text/html\r\n\r\n"
    ).encode()


def post(port: int, path: str, cookie: str, body: str) -> bytes:
    """Return the bytes of a form's POST; `body` is url-encoded already."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body.encode())}\r\n\r\n{body}"
    ).encode()


@dataclass
class Answer:
    """A response: status, headers as one text, body."""

    status: int
    head: str
    body: bytes


class Connection:
    """One connection that stays open between requests; opened again when the server closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None
        self.rest = b""

    def ask(self, request: bytes) -> Answer:
        """Send one request and read its whole response."""
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), TIMEOUT)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)
        data = self.rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head = data[:end].decode("latin-1")
        lower = head.lower()
        at = lower.find("content-length:")
        length = int(lower[at + 15 :].split("\r\n", 1)[0]) if at >= 0 else 0
        whole = end + 4 + length
        parts, got = [data], len(data)
        while got < whole:
            parts.append(self._more())
            got += len(parts[-1])
        data = b"".join(parts)
        self.rest = data[whole:]
        if "connection: close" in lower:
            self.close()
        return Answer(int(head[9:12]), head, data[end + 4 : whole])

    def _more(self) -> bytes:
        assert self.socket is not None
        data = self.socket.recv(262144)
        if not data:
            raise CannotMeasure("the server closed a connection in the middle of an answer")
        return data

    def close(self) -> None:
        """Close; the next `ask` opens again."""
        if self.socket is not None:
            self.socket.close()
        self.socket, self.rest = None, b""


@dataclass
class Side:
    """One of two competing servers: what is asked of it and which status it must answer."""

    name: str
    server: Server
    requests: Callable[[], Iterator[bytes]]
    expect: int = 200
    answered: int = 0
    cpu: float = 0.0

    def ask(self) -> Answer:
        """Ask once and return the answer; raises CannotMeasure when it is not the expected one."""
        connection = Connection(self.server.port)
        answer = connection.ask(next(self.requests()))
        connection.close()
        if answer.status != self.expect:
            raise CannotMeasure(f"{self.name} answered {answer.status}, not {self.expect}")
        return answer

    def drive(self, seconds: float) -> float:
        """Ask for `seconds` on all connections; returns answers a second."""
        stream, lock = self.requests(), threading.Lock()
        counts, faults = [0] * CONNECTIONS, []
        stop_at = time.monotonic() + seconds

        def run(number: int) -> None:
            connection = Connection(self.server.port)
            try:
                while time.monotonic() < stop_at:
                    with lock:
                        request = next(stream, None)
                    if request is None:
                        return
                    answer = connection.ask(request)
                    if answer.status != self.expect:
                        faults.append(f"{self.name} answered {answer.status}, not {self.expect}")
                        return
                    counts[number] += 1
            except (OSError, CannotMeasure) as error:
                faults.append(f"{self.name}: {error}")
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=(n,)) for n in range(CONNECTIONS)]
        start, cpu = time.monotonic(), self.server.cpu_seconds()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        passed = time.monotonic() - start
        if faults:
            raise CannotMeasure(faults[0])
        self.answered += sum(counts)
        self.cpu += self.server.cpu_seconds() - cpu
        return sum(counts) / passed


def duel(ours: Side, theirs: Side, *, rounds: int, seconds: float) -> Duel:
    """Drive both sides in turns, who begins alternating, after one warm-up turn each."""
    for side in (ours, theirs):
        side.drive(min(seconds, 0.5))
    rates: dict[str, list[float]] = {ours.name: [], theirs.name: []}
    for number in range(rounds):
        order = (ours, theirs) if number % 2 == 0 else (theirs, ours)
        for side in order:
            rates[side.name].append(side.drive(seconds))
    return Duel(
        rates[ours.name],
        rates[theirs.name],
        *(1000 * side.cpu / max(side.answered, 1) for side in (ours, theirs)),
    )
