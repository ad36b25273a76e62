"""A real SMTP server on a socket, and ways to let the worker's turns happen."""

import socket
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from portal.core import work
from portal.notifications import jobs


class Postman:
    """What the server does with a letter: keeps it, or answers as `answers` says, in order."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answers: list[str] = []
        self.cut_next = False

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith("gone"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        if self.cut_next:
            self.cut_next = False
            self.letters.append(letter)
            server.transport.abort()
            return "250 never heard"
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.letters.append(letter)
        return answer


class SmtpServer:
    """The server's address and what it got."""

    def __init__(self, controller: Controller, postman: Postman) -> None:
        self.controller, self.postman = controller, postman

    @property
    def url(self) -> str:
        """Its address as SMTP_URL has it."""
        return f"smtp://127.0.0.1:{self.controller.port}"


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """A server that runs in a thread."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    postman = Postman()
    controller = Controller(postman, hostname="127.0.0.1", port=port)
    controller.start()
    yield SmtpServer(controller, postman)
    controller.stop()


@pytest.fixture
def run_work(app: Flask) -> Callable[[], None]:
    """Do due work until none is left, as the worker does."""

    def run() -> None:
        while work.run_due(app.extensions["work"]):
            pass

    return run


@pytest.fixture
def send_mail(app: Flask) -> Callable[..., None]:
    """Hand mail over until none is due, as the worker does."""

    def send(mailer: Any = None) -> None:
        post = app.extensions["post"]
        if mailer is not None:
            post = jobs.Post(mailer, post.write, post.base_url)
        while jobs.send_next(post):
            pass

    return send
