"""Letters that came back: reports of mail servers (RFC 3464) in a folder, read and taken away.

They hold copies of what was sent, so none is kept. Only a report that names a letter of ours, or an address that was
written to of late, counts; anything else in the folder is set aside as seen. A report without the letter's name could
be anybody's, so it never stops the letters that people sign in with.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from pathlib import Path

from finder import outbox
from finder.journal import Logged
from finder.services import Services

LARGEST = 1_000_000  # bytes of one report; larger ones are not read
MOST_AT_ONCE = 500
NEW, SEEN, ASIDE = "new", "cur", "seen"  # of a maildir; and the folder for what was seen where there is no maildir

log = logging.getLogger("finder.mail")


@dataclass(frozen=True, slots=True)
class Bounce:
    """One address that a letter will never reach. `message_id` names the letter where the report says it."""

    message_id: str | None
    address: str | None


def take_in(services: Services, now: datetime) -> dict[str, int]:
    """Reads the folder of the settings and silences what came back for good. Gives how many addresses that were."""
    if not services.settings.bounces:
        return {"bounced": 0}
    silenced = 0
    for path in _waiting(Path(services.settings.bounces)):
        found = _read(path)
        if found is None:
            _set_aside(path)
            continue
        for bounce in found:
            with services.database.transaction() as session:
                silenced += outbox.came_back(session, bounce.message_id, bounce.address, now)
        path.unlink(missing_ok=True)
    return {"bounced": silenced}


def _waiting(folder: Path) -> list[Path]:
    inside = folder / NEW if (folder / NEW).is_dir() else folder
    return sorted(path for path in inside.iterdir() if path.is_file() and not path.name.startswith("."))[:MOST_AT_ONCE]


def _read(path: Path) -> list[Bounce] | None:
    """What a delivery report says; None for any other letter and for what cannot be read.

    Anybody can send a letter there, so that none may stop the others, as one whose parts lie too deep in each other.
    """
    try:
        if path.stat().st_size > LARGEST:
            return None
        message = message_from_bytes(path.read_bytes())
        is_report = (message.get_content_type() == "multipart/report"
                     and str(message.get_param("report-type", "")).lower() == "delivery-status")
        return permanent(message) if is_report and message.is_multipart() else None
    except Exception as wrong:  # noqa: BLE001 - the parser promises no kinds of failure
        log.warning(Logged("bounce_unread", error=type(wrong).__name__))
        return None


def permanent(report: Message) -> list[Bounce]:
    """The addresses that a report says will never be reached."""
    parts = list(report.walk())
    original = next((name for part in parts if (name := _original_id(part))), None)
    found = []
    for part in parts:
        if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
            continue
        for about in part.get_payload():
            if isinstance(about, Message) and _is_final(about):
                _, _, address = str(about.get("Final-Recipient", "")).rpartition(";")
                found.append(Bounce(original, parseaddr(address.strip())[1] or None))
    return found


def _is_final(about: Message) -> bool:
    """Failed for good: what is said of one recipient, by its action and a status of class 5 (RFC 3463).

    A status 5.7 is a no to us, not word that nobody is there.
    """
    status = str(about.get("Status", "")).strip()
    return (str(about.get("Action", "")).strip().lower() == "failed" and status.startswith("5.")
            and not status.startswith("5.7."))


def _original_id(part: Message) -> str | None:
    """The name of the letter that came back, from its copy or the copy of its headers."""
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        inner = part.get_payload(0)
        return str(inner.get("Message-ID", "")).strip() or None if isinstance(inner, Message) else None
    if part.get_content_type() in ("text/rfc822-headers", "message/rfc822-headers"):
        body = part.get_payload(decode=True)
        headers = message_from_bytes(body if isinstance(body, bytes) else b"")
        return str(headers.get("Message-ID", "")).strip() or None
    return None


def _set_aside(path: Path) -> None:
    """Moves what is no report to where seen letters are, so that it is not read again and again."""
    maildir = path.parent.name == NEW and (path.parent.parent / SEEN).is_dir()
    to = path.parent.parent / SEEN if maildir else path.parent / ASIDE
    to.mkdir(exist_ok=True)
    path.replace(to / (f"{path.name}:2,S" if maildir else path.name))
