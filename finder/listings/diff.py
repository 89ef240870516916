"""What differs between two texts, word by word, so that a page can underline it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_WORDS = 400  # differing in one place; more than these count as one change, for comparing costs their square
_WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text, and whether the other text says something else there."""

    text: str
    changed: bool


def words(was: str, would_be: str) -> tuple[list[Part], list[Part]]:
    """Both texts in stretches that alternate; the texts of the parts together are each text itself."""
    old, new = _WORDS.findall(was), _WORDS.findall(would_be)
    left, right = [one.strip() for one in old], [one.strip() for one in new]
    start = _shared(left, right)
    end = _shared(left[start:][::-1], right[start:][::-1])
    blocks = _middle(left[start : len(left) - end], right[start : len(right) - end])
    steps = [("equal", 0, start, 0, start)] + [(name, a + start, b + start, c + start, d + start)
                                               for name, a, b, c, d in blocks]
    steps.append(("equal", len(left) - end, len(left), len(right) - end, len(right)))
    return (_joined([("".join(old[a:b]), name != "equal") for name, a, b, _, _ in steps]),
            _joined([("".join(new[c:d]), name != "equal") for name, _, _, c, d in steps]))


def _shared(left: Sequence[str], right: Sequence[str]) -> int:
    """How many words two texts begin with alike."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _middle(left: Sequence[str], right: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    if max(len(left), len(right)) > MOST_WORDS:
        return [("replace", 0, len(left), 0, len(right))]
    return list(SequenceMatcher(None, left, right, autojunk=False).get_opcodes())


def _joined(stretches: Sequence[tuple[str, bool]]) -> list[Part]:
    """The stretches with neighbors of one kind made one; the space after a change is none itself."""
    merged: list[Part] = []
    for text, changed in stretches:
        _append(merged, text, changed)
    found: list[Part] = []
    for one in merged:
        bare = one.text.rstrip() if one.changed else one.text
        _append(found, bare or one.text, one.changed)
        _append(found, one.text[len(bare) :] if bare else "", False)
    return found


def _append(found: list[Part], text: str, changed: bool) -> None:
    if text and found and found[-1].changed == changed:
        found[-1] = Part(found[-1].text + text, changed)
    elif text:
        found.append(Part(text, changed))


def lines(was: Sequence[str], would_be: Sequence[str]) -> tuple[list[list[Part]], list[list[Part]]]:
    """The same for texts of several lines, each side line by line; a line that both have is whole."""
    old, new = [[Part(one, False)] for one in was], [[Part(one, False)] for one in would_be]
    if max(len(was), len(would_be)) > MOST_WORDS:
        return [[Part(one, True)] for one in was], [[Part(one, True)] for one in would_be]
    for name, a, b, c, d in SequenceMatcher(None, was, would_be, autojunk=False).get_opcodes():
        if name == "equal":
            continue
        for place, other in zip(range(a, b), range(c, d), strict=False):
            old[place], new[other] = words(was[place], would_be[other])
        for place in range(a + min(b - a, d - c), b):
            old[place] = [Part(was[place], True)]
        for place in range(c + min(b - a, d - c), d):
            new[place] = [Part(would_be[place], True)]
    return old, new
