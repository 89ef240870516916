"""Where letters go: a mail server, a folder, or the screen. Each failure says whether trying again may help."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol, TextIO
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import url2pathname

from finder.config import LOOPBACK

SECONDS = 30  # to wait for a mail server at each step
PERMANENT = 500  # replies from here on are final (RFC 5321, 4.2.1)
_ENHANCED = re.compile(rb"^\s*([245])\.([0-9]{1,3})\.[0-9]{1,3}\b")  # RFC 3463
_ADDRESS, _MAILBOX = b"1", b"2"  # its subjects that speak of the person written to


class Later(Exception):
    """This letter did not go; it may later."""


class Refused(Exception):
    """This letter will never go. `gone`: because there is nobody at that address."""

    def __init__(self, code: int, *, gone: bool) -> None:
        super().__init__(str(code))
        self.gone = gone


class Unreachable(Exception):
    """The mail server is not there, or does not let us in: no other letter will go now either."""


class Postbox(Protocol):
    """Takes letters one at a time."""

    def post(self, message: EmailMessage, address: str) -> None:
        """Sends one letter. Raises Later, Refused or Unreachable."""


class Screen:
    """Prints letters, so that a site on somebody's own machine needs no mail server."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def post(self, message: EmailMessage, address: str) -> None:
        """Prints the letter as a person reads it."""
        heads = "".join(f"{name}: {value}\n" for name, value in message.items()
                        if not name.startswith(("Content-", "MIME-")))
        self.out.write(f"{heads}\n{message.get_content()}\n")
        self.out.flush()


class Folder:
    """Puts each letter into a folder as a file, for another program to send or for tests to read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def post(self, message: EmailMessage, address: str) -> None:
        """Writes the letter whole or not at all; one of the same name is written over."""
        name = re.sub(r"[^A-Za-z0-9.@-]", "", str(message["Message-ID"])) + ".eml"
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self.path / f".{name}"
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(message.as_bytes())
            part.replace(self.path / name)
        except OSError as wrong:
            raise Unreachable(type(wrong).__name__) from wrong


class Server:
    """A mail server over one connection that is opened for the first letter. Certificates are checked."""

    def __init__(self, url: str) -> None:
        self.parts = urlsplit(url)
        host = self.parts.hostname or ""
        open_line = "none" if host in LOOPBACK else "starttls"
        self.tls = "on" if self.parts.scheme == "smtps" else dict(parse_qsl(self.parts.query)).get("tls", open_line)
        self._line: smtplib.SMTP | None = None

    def post(self, message: EmailMessage, address: str) -> None:
        """Sends the letter over the line that is open, or a new one where it was cut."""
        line = self._open()
        try:
            line.send_message(message, to_addrs=[address])
        except smtplib.SMTPRecipientsRefused as refused:
            code, words = next(iter(refused.recipients.values()))
            raise _refusal(code, words, at_recipient=True) from refused
        except smtplib.SMTPDataError as refused:
            raise _refusal(refused.smtp_code, refused.smtp_error, at_recipient=False) from refused
        except smtplib.SMTPSenderRefused as refused:  # our own address is wrong, or they want no more from us for now
            raise Later(f"sender {refused.smtp_code}") from refused
        except smtplib.SMTPNotSupportedError as refused:  # an address in letters the server cannot write
            raise Refused(PERMANENT, gone=False) from refused
        except (smtplib.SMTPException, OSError) as cut:
            self.close()
            raise Unreachable(type(cut).__name__) from cut

    def _open(self) -> smtplib.SMTP:
        if self._line is not None:
            with suppress(smtplib.SMTPException, OSError):
                if self._line.noop()[0] == 250:
                    return self._line
            self.close()
        try:
            self._line = self._connect()
        except (smtplib.SMTPException, OSError) as away:
            self.close()
            raise Unreachable(type(away).__name__) from away
        return self._line

    def _connect(self) -> smtplib.SMTP:
        host, secure = self.parts.hostname or "", ssl.create_default_context()
        if self.tls == "on":
            line: smtplib.SMTP = smtplib.SMTP_SSL(host, self.parts.port or 465, timeout=SECONDS, context=secure)
        else:
            line = smtplib.SMTP(host, self.parts.port or (587 if self.tls == "starttls" else 25), timeout=SECONDS)
        self._line = line  # so that a step that fails closes it
        if self.tls == "starttls":
            line.starttls(context=secure)
        if self.parts.username:
            line.login(unquote(self.parts.username), unquote(self.parts.password or ""))
        return line

    def close(self) -> None:
        """Says goodbye; a line that is gone already is no matter."""
        line, self._line = self._line, None
        if line is not None:
            with suppress(smtplib.SMTPException, OSError):
                line.quit()
            line.close()


def _refusal(code: int, words: bytes | str, *, at_recipient: bool) -> Exception:
    """What a server's no means. A number of the kind 5.7.1 says whether it is about the address or about us."""
    if code < PERMANENT:
        return Later(str(code))
    found = _ENHANCED.match(words if isinstance(words, bytes) else words.encode())
    subject = found[2][:1] if found and len(found[2]) == 1 else None
    return Refused(code, gone=subject in (_ADDRESS, _MAILBOX) if found else at_recipient)


@contextmanager
def opened(url: str, out: TextIO) -> Iterator[Postbox]:
    """The postbox that a setting names; `out` is where letters are printed when it names none."""
    parts = urlsplit(url)
    if not url:
        yield Screen(out)
    elif parts.scheme == "file":
        yield Folder(Path(url2pathname(parts.path)))
    else:
        server = Server(url)
        try:
            yield server
        finally:
            server.close()
