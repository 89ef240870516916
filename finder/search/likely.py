"""The published listing that a new one of an import may be, for those who decide whether to take it in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finder.search import alike
from finder.search.snapshot import Snapshot

# New listings of one import; the nightly look for repeats finds the others once they are in. Each takes up to a tenth
# of a second, so somebody who waits for a page has fewer.
MOST_LOOKED_AT = 5000
MOST_AT_ONCE = 100
VERDICTS = ("same", "likely")


class Likely:
    """Asked for one listing after another; after `most` of them it finds no more."""

    def __init__(self, snapshot: Snapshot, most: int = MOST_AT_ONCE) -> None:
        self._held, self._left = snapshot, most

    def __call__(self, document: Mapping[str, Any]) -> tuple[str, str | None, float, str] | None:
        """Name, slug, score (0..100) and verdict of the likeliest one; None when nothing looks like it."""
        self._left -= 1
        found = alike.find(self._held, document, most=1) if self._left >= 0 else ()
        best = next((one for one in found if one.likeness.verdict in VERDICTS), None)
        if best is None:
            return None
        return str(best.document.get("name", "")), best.slug, best.likeness.score, best.likeness.verdict
