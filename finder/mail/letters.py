"""A message's kind and facts turned into a letter: subject and text in the reader's language, then in a second one.

Words stand in templates/email/<kind>.txt: the subject, an empty line, the text. Links are whole addresses, in the
language of the part they stand in. Subjects name no group and no condition, for they show on locked screens.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, make_msgid, parseaddr
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask_babel import force_locale
from jinja2 import TemplateNotFound, Undefined

from finder import wording
from finder.config import Settings
from finder.errors import Invalid, NotFound, Problem
from finder.wordings.language import locale_name

FOLDER = "email"
WIDTH = 76  # of a line; RFC 5322 asks for at most 78
SECOND = ("en", "es")  # what most readers speak of one: the second part is in the first of these that is not theirs
_KIND = re.compile(r"[a-z][a-z_]{0,39}")
_DOMAIN = re.compile(r"\.[a-z][a-z0-9-]*$")  # ends in letters, so it is no number of a machine
_ITEM = re.compile(r"^(- |[0-9]+\. )?")


class Folding(EmailPolicy):
    """Folds a subject with accents as one text. The library's own way lets a second space in where it breaks off
    between an encoded word and a plain one."""

    def fold(self, name: str, value: Any) -> str:
        if name.lower() != "subject" or str(value).isascii():
            return str(super().fold(name, value))
        words = Header(str(value), "utf-8", maxlinelen=WIDTH, header_name=name).encode(linesep=self.linesep)
        return f"{name}: {words}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii", "surrogateescape") if name.lower() == "subject" \
            else bytes(super().fold_binary(name, value))


POLICY = Folding(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class Letter:
    """What a person reads. `stop` is the address that ends such letters, for the mail program's own button."""

    subject: str
    text: str
    stop: str | None = None


class Missing(Undefined):
    """A fact that a letter needs and does not have: asking whether it is there is fine, writing it is not."""

    __str__ = __iter__ = __len__ = Undefined._fail_with_undefined_error


def kinds(app: Flask) -> list[str]:
    """Every kind of letter there is a template for."""
    names = app.jinja_env.list_templates(extensions=["txt"])
    found = [name.removeprefix(f"{FOLDER}/").removesuffix(".txt") for name in names if name.startswith(f"{FOLDER}/")]
    return sorted(name for name in found if _KIND.fullmatch(name))


def compose(app: Flask, kind: str, facts: Mapping[str, Any], locale: str, *, today: date) -> Letter:
    """The letter of a kind in a language and a second one. Raises NotFound for a kind without a template.

    Call it inside the app's context and outside a request.
    """
    names = {one.code: one.name for one in app.config["FINDER_LANGUAGES"]}  # each in its own language
    subjects: list[str] = []
    parts: list[str] = []
    stop = None
    for code in languages(app, locale):
        with force_locale(locale_name(code)):
            url = links(app, code)
            subject, text = _written(app, kind, facts, url, today)
            subjects.append(subject)
            parts.append(text if not parts else f"{names[code]}:\n\n{text}")
            if stop is None and facts.get("stop"):
                stop = url("seeker.mailed_stop", secret=facts["stop"])
    return Letter(" / ".join(dict.fromkeys(subjects)), "\n\n* * *\n\n".join(parts) + "\n", stop)


def languages(app: Flask, locale: str) -> Sequence[str]:
    """The languages of a letter: the reader's, if this instance has it, and one that others may read it in."""
    codes: Sequence[str] = app.config["FINDER_LANGUAGE_CODES"]
    default = app.extensions["finder"].settings.default_locale
    first = locale if locale in codes else default
    return [first, *[code for code in (*SECOND, default) if code in codes and code != first][:1]]


def links(app: Flask, code: str) -> Callable[..., str]:
    """What makes whole addresses of pages in a language: `url("seeker.listing", slug="...")`."""
    settings: Settings = app.extensions["finder"].settings
    base = urlsplit(settings.address)
    adapter = app.url_map.bind(base.netloc, script_name=base.path or "/", url_scheme=base.scheme)

    def url(page: str, /, **values: Any) -> str:
        area, _, name = page.rpartition(".")
        area = area or "seeker"
        endpoint = f"{area}.{name}" if code == settings.default_locale else f"{area}_{code}.{name}"
        return adapter.build(endpoint, values, force_external=True)

    return url


def _written(app: Flask, kind: str, facts: Mapping[str, Any], url: Callable[..., str], today: date) -> tuple[str, str]:
    """Subject and text in the language that is being spoken."""
    settings: Settings = app.extensions["finder"].settings
    words = {**facts, "url": url, "site_name": settings.site_name, "operator": settings.operator,
             "contact_of_site": settings.contact, "wording": wording, "today": today}
    templates = app.jinja_env.overlay(undefined=Missing)
    try:
        whole = templates.get_template(f"{FOLDER}/{kind}.txt").render(words)
    except TemplateNotFound as unknown:
        raise NotFound("letter") from unknown
    subject, _, body = whole.strip().partition("\n")
    framed = templates.get_template(f"{FOLDER}/_frame.txt").render({**words, "body": body.strip()})
    return _one_line(subject), _folded(framed)


def _one_line(words: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())


def _folded(text: str) -> str:
    """Lines of at most WIDTH; only an address may be longer, for cut in two it leads nowhere."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        plain = _one_line(line)
        if not plain:
            if lines and lines[-1]:
                lines.append("")
            continue
        indent = " " * len(_ITEM.match(plain)[0])  # type: ignore[index]
        lines += textwrap.wrap(plain, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


# -- on the way ------------------------------------------------------------------------------------------------------


def sender(settings: Settings) -> Address:
    """Who letters come from: the address that is set, else one of this site, under the site's name."""
    name, address = parseaddr(settings.mail_from)
    host = urlsplit(settings.address).hostname or ""
    address = address or f"finder@{host if _DOMAIN.search(host) else 'localhost'}"
    return Address(name or settings.site_name, addr_spec=address)


def new_id(settings: Settings) -> str:
    """A name for a letter that tells nothing but the site it comes from."""
    return make_msgid(domain=sender(settings).domain or "localhost")


def envelope(settings: Settings, letter: Letter, address: str, message_id: str, now: datetime) -> EmailMessage:
    """The letter as it is sent: text alone, marked as written by a program, with nothing that would follow a reader.

    Raises Invalid for an address that a mail server would read as another one.
    """
    if parseaddr(address)[1] != address:
        raise Invalid({"address": [Problem("not_an_email")]})
    message = EmailMessage(policy=POLICY)
    message["From"] = sender(settings)
    message["To"] = address
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834
    if letter.stop is not None:
        message["List-Unsubscribe"] = f"<{letter.stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    message.set_content(letter.text, cte="quoted-printable")
    return message
