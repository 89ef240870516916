"""The one library of input fields: what forms, the API and imports accept as text, number, code, date or address.

Strict on purpose: nothing is coerced, so that a number sent as text is an error with a name and not a surprise.
Every field raises marshmallow's ValidationError holding `Problem`s; `flatten` turns a nest of them into dotted paths.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from marshmallow import ValidationError, fields

from finder.errors import Problem

# C0 and DEL are never text. Line breaks and tabs are allowed only where a field says so.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Bidirectional overrides let a name read as another one (Unicode TR 36, "Trojan Source").
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_WEB_URL = re.compile(r"^https?://[^\s<>\"\x00-\x1f]+$")
_ANY_URL = re.compile(
    r"^(https?://[^\s<>\"\x00-\x1f]+|mailto:[^\s<>\"\x00-\x1f][^\s<>\"\x00-\x1f@]*@[^\s<>\"\x00-\x1f]+|tel:\+?[0-9().;=x\-]{3,40})$"
)
# A name that others read in letters holds no address that their mail would make a link of.
WITHOUT_LINK = re.compile(r"(?!.*(?:://|www\.)).*", re.IGNORECASE | re.DOTALL)
_EMAIL = re.compile(r"^[^@\s<>\"\x00-\x1f]{1,64}@[^@\s<>\"\x00-\x1f]{1,189}$")
# What mail programs read as more than one address, or as a remark beside one (RFC 5322, 3.2.2 and 3.4).
_NO_MAILBOX = re.compile(r"[(),:;\[\]\\]")
_PHONE = re.compile(r"^[0-9A-Za-z+(). \-#*,;/]{3,60}$")
_DATE = re.compile(r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")


def refuse(code: str, **values: object) -> ValidationError:
    """A validation error that carries one Problem."""
    return ValidationError([Problem(code, **values)])


class Field(fields.Field[Any]):
    """A field whose rule is `read`, and whose missing and null errors are Problems too."""

    default_error_messages = {
        "required": [Problem("required")],
        "null": [Problem("required")],
        "validator_failed": [Problem("invalid")],
    }

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        return refuse("required" if key in ("required", "null") else "invalid")

    def read(self, value: Any) -> Any:
        """The accepted value; raises ValidationError. `value` is neither missing nor null."""
        raise refuse("invalid")  # a field without a rule of its own accepts nothing

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self.read(value)


class Text(Field):
    """Text of `minimum`..`maximum` characters (after NFC), no control characters, no lone surrogate.

    `lines` allows tab and line breaks. `pattern` is a linear regular expression the whole text must match, else the
    problem `code` is given.
    """

    def __init__(self, maximum: int, minimum: int = 1, *, lines: bool = False, pattern: re.Pattern[str] | None = None,
                 code: str = "bad_text", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.maximum, self.minimum = maximum, minimum
        self.control = _CONTROL_BUT_LINES if lines else _CONTROL
        self.pattern, self.code = pattern, code

    def read(self, value: Any) -> str:
        if type(value) is not str:
            raise refuse("wrong_type", expected="text")
        if len(value) > self.maximum:
            raise refuse("too_long", max=self.maximum)
        if not (value.isascii() and value.isprintable()):
            value = self._unusual(value)
        if len(value) < self.minimum or (self.minimum and value.isspace()):
            raise refuse("too_short", min=self.minimum)
        if self.pattern is not None and not self.pattern.fullmatch(value):
            raise refuse(self.code)
        return str(value)

    def _unusual(self, value: str) -> str:
        value = composed(value)
        if len(value) > self.maximum:
            raise refuse("too_long", max=self.maximum)
        if self.control.search(value):
            raise refuse("bad_text")
        return value


def composed(text: str) -> str:
    """The text in Unicode's normal form C; a lone surrogate or a bidirectional override is a problem."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise refuse("bad_text") from None
    if _BIDI.search(text):
        raise refuse("bad_text")
    return unicodedata.normalize("NFC", text)


class Code(Field):
    """One code of a closed list."""

    def __init__(self, codes: Collection[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.codes = frozenset(codes)

    def read(self, value: Any) -> str:
        if type(value) is not str:
            raise refuse("wrong_type", expected="text")
        if value not in self.codes:
            raise refuse("not_a_code", value=shown(value))
        return value


class Codes(Field):
    """A list of different codes, at most `maximum`; order is kept. `pattern` takes the place of a closed list."""

    def __init__(self, codes: Collection[str] | None, maximum: int, minimum: int = 0, *,
                 pattern: re.Pattern[str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.codes = None if codes is None else frozenset(codes)
        self.maximum, self.minimum, self.pattern = maximum, minimum, pattern

    def read(self, value: Any) -> list[str]:
        if type(value) is not list:
            raise refuse("wrong_type", expected="list")
        if len(value) > self.maximum:
            raise refuse("too_many", max=self.maximum)
        if len(value) < self.minimum:
            raise refuse("too_few", min=self.minimum)
        if self.pattern is not None:
            value = [one if type(one) is not str or one.isascii() else composed(one) for one in value]
        for one in value:
            if type(one) is not str:
                raise refuse("wrong_type", expected="text")
            if one not in self.codes if self.codes is not None else not self._shaped(one):
                raise refuse("not_a_code", value=shown(one))
        if len(value) > 1 and len(set(value)) != len(value):
            raise refuse("repeated")
        return list(value)

    def _shaped(self, one: str) -> bool:
        return self.pattern is not None and len(one) <= 80 and self.pattern.fullmatch(one) is not None


class Whole(Field):
    """A whole number within `minimum`..`maximum`, both included; true and 2.0 are not whole numbers."""

    def __init__(self, minimum: int, maximum: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minimum, self.maximum = minimum, maximum

    def read(self, value: Any) -> int:
        if type(value) is not int:
            if type(value) is float and math.isfinite(value) and value == int(value):
                value = int(value)  # JSON has one number type: 2.0 is the integer 2 (JSON Schema 2020-12, 6.1.1)
            else:
                raise refuse("not_a_number")
        if not self.minimum <= value <= self.maximum:
            raise refuse("out_of_range", min=self.minimum, max=self.maximum)
        return int(value)


class Number(Field):
    """A finite number within `minimum`..`maximum`; `above` excludes the lower end."""

    def __init__(self, minimum: float, maximum: float, *, above: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minimum, self.maximum, self.above = minimum, maximum, above

    def read(self, value: Any) -> float | int:
        if type(value) not in (int, float) or not (type(value) is int or math.isfinite(value)):
            raise refuse("not_a_number")
        if not self.minimum <= value <= self.maximum or (self.above and value == self.minimum):
            raise refuse("out_of_range", min=self.minimum, max=self.maximum)
        return value  # type: ignore[no-any-return]


class Flag(Field):
    """true or false, nothing that merely looks like it."""

    def read(self, value: Any) -> bool:
        if type(value) is not bool:
            raise refuse("wrong_type", expected="true_or_false")
        return value


class Day(Field):
    """A calendar date YYYY-MM-DD from 1900 to 2199 that exists; stays text."""

    def read(self, value: Any) -> str:
        if type(value) is not str or not is_day(value):
            raise refuse("not_a_date")
        return value


class Days(Field):
    """A list of different dates."""

    def __init__(self, maximum: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.maximum = maximum

    def read(self, value: Any) -> list[str]:
        if type(value) is not list:
            raise refuse("wrong_type", expected="list")
        if len(value) > self.maximum:
            raise refuse("too_many", max=self.maximum)
        if not all(type(one) is str and is_day(one) for one in value):
            raise refuse("not_a_date")
        if len(set(value)) != len(value):
            raise refuse("repeated")
        return value


class CodeMap(Field):
    """An object whose keys and values come from closed lists, or whose values are dates when `values` is None.

    Keys come back in the order of their list.
    """

    def __init__(self, keys: Collection[str], values: Collection[str] | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.keys, self.values = dict.fromkeys(keys), None if values is None else frozenset(values)

    def read(self, value: Any) -> dict[str, str]:
        if type(value) is not dict:
            raise refuse("wrong_type", expected="object")
        for key, one in value.items():
            if key not in self.keys:
                raise ValidationError({shown(key): [Problem("unknown_key")]})
            if self.values is None and not (type(one) is str and is_day(one)):
                raise ValidationError({key: [Problem("not_a_date")]})
            if self.values is not None and (type(one) is not str or one not in self.values):
                raise ValidationError({key: [Problem("not_a_code", value=shown(one))]})
        return {key: value[key] for key in self.keys if key in value} if len(value) > 1 else value


def is_day(text: str) -> bool:
    """Whether the text is a real date of the years 1900-2199."""
    return len(text) == 10 and _is_day(text)


@lru_cache(maxsize=65_536)
def _is_day(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def web_url(**kwargs: Any) -> Text:
    """An http or https address."""
    return Text(2000, pattern=_WEB_URL, code="not_a_url", **kwargs)


def any_url(**kwargs: Any) -> Text:
    """An http, https, mailto or tel address; no other scheme can run or fetch anything."""
    return Text(2000, pattern=_ANY_URL, code="not_a_url", **kwargs)


def email(**kwargs: Any) -> Text:
    """An e-mail address by shape; only mail proves that it works."""
    return Text(254, 3, pattern=_EMAIL, code="not_an_email", **kwargs)


class _Mailbox(Text):
    def read(self, value: Any) -> str:
        text: str = super().read(value)
        if _NO_MAILBOX.search(text):
            raise refuse(self.code)
        return text


def mailbox(**kwargs: Any) -> Text:
    """An e-mail address that letters go to and that people are known by: written in one way only, so that limits
    which count by address, and whose domain it is, cannot be talked round."""
    return _Mailbox(254, 3, pattern=_EMAIL, code="not_an_email", **kwargs)


class Phone(Text):
    """A telephone number as people write it: 3-60 characters, at least one digit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(60, 3, pattern=_PHONE, code="not_a_phone", **kwargs)

    def read(self, value: Any) -> str:
        text: str = super().read(value)
        if not any(one.isdigit() for one in text):
            raise refuse("not_a_phone")
        return text


def shown(value: object) -> str:
    """A short, safe echo of a wrong value: at most 40 characters, printable, never a lone surrogate."""
    text = value if isinstance(value, str) else type(value).__name__
    return "".join(one if one.isprintable() else "?" for one in text[:40])


def flatten(messages: object, path: str = "") -> dict[str, list[Problem]]:
    """Dotted field path -> Problems, from marshmallow's nest of messages. The root's own problems stand under ''."""
    if isinstance(messages, Mapping):
        found: dict[str, list[Problem]] = {}
        for key, inner in messages.items():
            step = "" if key == "_schema" else shown(str(key))
            for field, problems in flatten(inner, f"{path}.{step}" if path and step else path or step).items():
                found.setdefault(field, []).extend(problems)
        return found
    items = messages if isinstance(messages, list) else [messages]
    return {path: [one if isinstance(one, Problem) else _known(str(one)) for one in items]}


def _known(message: str) -> Problem:
    if message.startswith("Unknown field"):
        return Problem("unknown_key")
    return Problem("wrong_type", expected="object") if "type" in message else Problem("invalid")
