"""Text of one cell made plain: entities, tags, broken encodings, invisible characters, words for nothing, capitals.

Nothing here knows a format; everything takes a value as found and gives text that the validator accepts.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from functools import lru_cache

# Characters of a cell that are looked at: of a line, and of prose, whose patterns take time by its length alone.
# Patterns for places, numbers and names try again from each blank; a line of 200,000 blanks would hold an import up.
LONGEST_LINE, LONGEST_PROSE = 5_000, 200_000
# Words that feeds write where they mean nothing (quirk 10); compared as a whole cell, never inside prose.
NOTHING = frozenset(("", "na", "n/a", "#n/a", "null", "none", "nan", "-", "--", "\\n", "http://", "https://",
                     "[removed]", "@removed", "."))
# UTF-8 read as Windows-1252 leaves these pairs; nothing else in English or Spanish text does.
_MOJIBAKE = re.compile("Ã[\x80-\xbf\u0192\u201a-\u2122]|â€|Â[\xa0-\xbf]")
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
# No tag reaches over the next one, and nothing is tried twice: a text of nothing but open tags is read in one go too.
_LINK = re.compile(r"<a\b[^<>]{0,500}?href\s*=\s*[\"']?([^\"'\s<>]++)[^<>]*+>((?:(?!<a\b).)*?)</a\s*>", re.I | re.S)
_BREAK = re.compile(r"<\s*(?:br|/p|/div|/li|/h\d)\b[^<>]*>", re.I)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
_SPACE = re.compile(r"\s+")
_MANY_LINES = re.compile(r"\n{3,}")
# Most cells are plain: printable ASCII without entity, tag or backslash needs only its blanks looked at.
_PLAIN = re.compile(r"[ -%'-;=-\[\]-~]*")

KEPT_UPPER = frozenset(
    "AA NA VA DBT CBT LLC LLP LP PC PLLC LGBTQ LGBT PTSD IOP PHP HIV AIDS US USA YMCA YWCA NAMI SUD DUI II III IV N S "
    "E W NE NW SE SW PO CA TX NY NYC LA SF FQHC".split()
)
SMALL = frozenset("a an and at by de del for in la of on or the to y".split())


def as_text(value: object) -> str:
    """A cell as text: whole floats lose their '.0', None and containers are empty."""
    if type(value) is str:
        return value
    if value is None or isinstance(value, dict | list | tuple | bool):
        return ""
    if isinstance(value, float):
        return str(int(value)) if value == value and abs(value) < 1e15 and value == int(value) else repr(value)
    return str(value)


def clean(value: object) -> str:
    """One line of plain text."""
    return _clean(as_text(value)) if value is not None else ""


@lru_cache(maxsize=65_536)
def _clean(text: str) -> str:
    text = text[:LONGEST_LINE]
    if not _PLAIN.fullmatch(text):
        text = _decoded(text).replace("\\n", " ")
    return _SPACE.sub(" ", text).strip()


def stated(value: object) -> str:
    """One line of plain text; words for nothing become empty."""
    return _stated(as_text(value)) if value is not None else ""


@lru_cache(maxsize=65_536)
def _stated(text: str) -> str:
    text = _clean(text)
    return "" if text.casefold() in NOTHING else text


def prose(value: object, longest: int = 5000) -> str:
    """Text of several lines: LF ends, no tags, blanks collapsed inside lines; words for nothing become empty."""
    if not value:
        return ""
    text = as_text(value)[:LONGEST_PROSE]
    if _PLAIN.fullmatch(text):
        text = _SPACE.sub(" ", text)
    else:
        text = _decoded(text).replace("\r\n", "\n").replace("\r", "\n").replace("\\n", "\n")
        text = "\n".join(_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    text = _MANY_LINES.sub("\n\n", text).strip()
    return "" if text.casefold() in NOTHING else short(text, longest)


def short(text: str, longest: int) -> str:
    """The text within `longest` characters, cut at a blank where there is one."""
    if len(text) <= longest:
        return text
    cut = text[:longest - 1]
    return (cut[:cut.rfind(" ")] if " " in cut[longest // 2:] else cut).rstrip() + "…"


def _decoded(text: str) -> str:
    if _MOJIBAKE.search(text):
        text = _repaired(text)
    if "&" in text:
        text = html.unescape(text)  # once: "&amp;lt;" is what somebody wrote about, not a tag
    if "<" in text:
        text = _LINK.sub(lambda found: _linked(found.group(1), found.group(2)), text)
        text = _TAG.sub("", _BREAK.sub("\n", _without_remarks(text)))
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def _without_remarks(text: str) -> str:
    kept, place = [], 0
    while (start := text.find("<!--", place)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[place:start])
        place = end + len("-->")
    return "".join((*kept, text[place:]))


def _linked(target: str, words: str) -> str:
    target = re.sub(r"^mailto:", "", target)
    return words if target in words or not re.match(r"https?://|[^@\s]+@", target) else f"{words} ({target})"


def _repaired(text: str) -> str:
    """UTF-8 that was read as Windows-1252, read again; left alone when that does not work out."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return text


@lru_cache(maxsize=65_536)
def display(text: str) -> str:
    """A readable form of text in capitals: title case but for known abbreviations; other text as it is (quirk 18)."""
    letters = [one for one in text if one.isalpha()]
    if len(letters) < 5 or not text.isupper():
        return text
    words = text.split(" ")
    return " ".join(_word(word, first=place == 0) for place, word in enumerate(words))


def _word(word: str, *, first: bool) -> str:
    bare = word.strip(".,()\"'")
    if bare in KEPT_UPPER or not bare:
        return word
    if not first and bare.lower() in SMALL:
        return word.lower()
    if any(one.isdigit() for one in bare):
        return re.sub(r"(?<=\d)(ST|ND|RD|TH)\b", lambda found: found.group(0).lower(), word)
    return re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)*", lambda found: _capital(found.group(0)), word)


def _capital(word: str) -> str:
    if word in KEPT_UPPER:
        return word
    if len(word) > 3 and word[1] in "'’":  # O'BRIEN
        return word[:2] + word[2:].capitalize()
    return word.capitalize()


@lru_cache(maxsize=131_072)
def normalized(text: str) -> str:
    """The text for comparing: folded, without accents and punctuation, single blanks."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(one if one.isalnum() else " " for one in folded if not unicodedata.combining(one))
    return " ".join(kept.split())


def digest(*parts: str) -> str:
    """Sixteen hex digits that stay the same for the same parts."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def slug(text: str, longest: int = 48) -> str:
    """Lower-case ASCII words joined by hyphens, for readable ids; may be empty."""
    plain = normalized(text).encode("ascii", "ignore").decode()
    return "-".join(plain.split())[:longest].strip("-")
