"""Postboxes for tests: one that keeps what it is given, one that fails, and a real server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Protocol
from aiosmtpd.smtp import Envelope, Session

from finder.cli.server import free_port


class Kept:
    """Keeps letters in a list."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, EmailMessage]] = []

    def post(self, message: EmailMessage, address: str) -> None:
        self.letters.append((address, message))


class Failing:
    """Fails each time in the same way."""

    def __init__(self, failure: Exception) -> None:
        self.failure, self.tries = failure, 0

    def post(self, message: EmailMessage, address: str) -> None:
        self.tries += 1
        raise self.failure


class Rules:
    """What a server answers: by the address that is written to, else "250 OK". "hang up" cuts the line."""

    def __init__(self, **answers: str) -> None:
        self.answers = {name.replace("_at_", "@").replace("_", "."): words for name, words in answers.items()}
        self.letters: list[Envelope] = []
        self.connections = 0

    async def handle_EHLO(self, server: Protocol, session: Session, envelope: Envelope, hostname: str,  # noqa: N802
                          responses: list[str]) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Protocol, session: Session, envelope: Envelope, address: str,  # noqa: N802
                          options: list[str]) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Protocol, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.get("data", "250 OK")
        if answer == "hang up":
            server.transport.abort()
        if answer.startswith("250"):
            self.letters.append(envelope)
        return answer


@contextmanager
def smtp_server(rules: Rules, **more: Any) -> Iterator[str]:
    """A mail server on a free port of this machine; gives its host and port."""
    controller = Controller(rules, hostname="127.0.0.1", port=free_port("127.0.0.1"), **more)
    controller.start()
    try:
        yield f"127.0.0.1:{controller.port}"
    finally:
        controller.stop()
