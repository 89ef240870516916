"""What is worked out once per listing for showing it, whoever asks: its own facts only, nothing of a search."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

from finder.matching.chosen import Offers


class Facts(NamedTuple):
    """One listing as its reasons and questions read it.

    `listing` holds the fields of the document that these read (`explanation.READ`), no others. `pieces`: by criterion,
    what that criterion reads, in writing, so that listings alike in it share a reason; see `explanation`.
    `questions`: the rules of `doubts` that can ask anything about such a listing.
    """

    listing: Mapping[str, Any]
    pieces: Mapping[str, Hashable]
    offers: Offers
    questions: tuple[Any, ...]
