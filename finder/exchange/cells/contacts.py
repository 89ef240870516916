"""Telephone numbers, web addresses and prose with private details in it, as feeds write them."""

from __future__ import annotations

import re
from functools import lru_cache

from finder.exchange.cells.text import clean, prose, short, stated

_EXTENSION = re.compile(r"\s*[,;]?\s*(?:\bext(?:ension|n)?\b\.?|\bx\b\.?|(?<=[\d\s)])x)\s*[:=]?\s*(\d{0,7})\s*$",
                        re.I)
# Letters on a telephone's keys (ITU-T E.161): "402-555HOPE", in one word at the end and ten signs in all.
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_LETTERED = re.compile(r"(?:1[- .]?)?\(?\d{3}\)?[- .]*(?=(?:[- .]?[A-Z0-9]){7}$)\d*[A-Z]+\d*")
_BETWEEN = re.compile(r"\s*(?:/|;|\bor\b|\band\b|\|)\s*", re.I)
_DIAL = re.compile(r"^[0-9A-Za-z+(). \-#*,;/]{3,60}$")
_WEB = re.compile(r"^https?://[^\s<>\"/?#]+\.[^\s<>\"]{2,}$")
_PRIVATE = re.compile(
    r"pass\s?-?(?:code|word)|\bpwd?\b|meeting\s*(?:id|#|number)|zoom\s*(?:id|#)|\bid\s*[:#]|dial[- ]?in|one tap|"
    r"access code|venmo|paypal|zelle|cash ?app|\bpin\b\s*[:#]?\s*\d|https?://|"
    r"\d{3}\)?[-. ]\d{3}[-. ]\d{4}(?!\d)|\S@[^\s@<>()]+\.[a-z]{2}", re.I)


@lru_cache(maxsize=65_536)
def phones(value: str) -> tuple[str, ...]:
    """The numbers of a cell in E.164 with " x123" where an extension is stated; empty when none can be read.

    Ten digits, or eleven with a leading 1, are North American (quirk 11); others need their own "+".
    """
    found = (_phone(part) for part in _BETWEEN.split(stated(value)))
    return tuple(dict.fromkeys(one for one in found if one))


def _phone(text: str) -> str:
    extension = ""
    tail = _EXTENSION.search(text)
    if tail:
        text, extension = text[:tail.start()], tail.group(1)
    if _LETTERED.fullmatch(text.strip()):
        text = text.upper().translate(_KEYPAD)
    digits = "".join(one for one in text if one.isascii() and one.isdigit())
    if re.search(r"[A-Za-z]{3}", text):  # a sentence or letters for digits: not read by machine
        return ""
    if text.lstrip().startswith("+") and not digits.startswith("1"):
        number = f"+{digits}" if 8 <= len(digits) <= 15 else ""
    else:
        digits = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
        number = f"+1{digits}" if len(digits) == 10 and digits[0] in "23456789" else ""
    return f"{number} x{extension}" if number and extension else number


def dial_string(value: object) -> str:
    """A number to dial with its pauses and keys ("+16465550100,,123#"); empty when it is none, or holds a pass code.

    Text after a second "#" is a member's pass code, which feeds publish by mistake (quirk 25); it is left out.
    """
    text = stated(value)
    if not text or not any(one.isdigit() for one in text):
        return ""
    text = re.sub(r"(#)[,*#\s]*\d[\d,*#\s]*$", r"\1", text)
    text = re.sub(r"(?<![,*#])[,*#]++$", lambda keys: "#" if "#" in keys.group(0) else "", text)
    text = re.sub(r"(?<![,\s])[,\s]++$", "", text)
    return text if _DIAL.match(text) and not re.search(r"[A-Za-z]{2}", text) else ""


@lru_cache(maxsize=65_536)
def web_address(value: str) -> str:
    """An http or https address, or empty. "www." gets a scheme; entities are decoded; other schemes never pass."""
    text = stated(value)
    if text.lower().startswith("www."):
        text = f"https://{text}"
    elif re.match(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:org|com|net|edu|gov|us|info)(?:/|$)", text, re.I):
        text = f"https://{text}"
    text = re.sub(r"^(https?):/*", r"\1://", text, flags=re.I)
    text = re.sub(r"^https?", lambda scheme: scheme.group(0).lower(), text, flags=re.I)
    return text if len(text) <= 2000 and _WEB.match(text) else ""


def public_prose(value: object, longest: int = 2000) -> tuple[str, bool]:
    """Prose without lines that hold meeting ids, pass codes, links, numbers or mailboxes; and whether any did.

    Such lines name private rooms or members; links and dial-in numbers have fields of their own (quirk 25).
    """
    text = prose(value, 20_000) if value else ""
    if not _PRIVATE.search(text):
        return short(text, longest), False
    kept = [line for line in text.split("\n") if not _PRIVATE.search(line)]
    return prose("\n".join(kept), longest), True


def one_line(value: object, longest: int) -> str:
    """Plain text in one line within `longest` characters."""
    text = clean(value)
    return text if len(text) <= longest else text[:longest - 1].rstrip() + "…"
