"""Two texts of one listing side by side, when somebody else changed it first: each piece can be chosen, and nothing
that was typed is lost."""

from __future__ import annotations

from typing import Any

from finder.listings import pieces
from finder.listings.changes import Listing
from finder.listings.drafts import Kept
from finder.web.desk import render
from finder.web.operator import piece_words
from finder.web.operator.editing import Subject


def page(there: Listing, subject: Subject, mine: dict[str, Any], draft: Kept) -> str:
    """The page to choose on. What only the other person changed is theirs unless one says otherwise."""
    own = set(pieces.changed(subject.base, mine))
    compared = [{"row": one.row, "mine": bool(own & set(one.row.names))}
                for one in piece_words.changes(there.document, mine)]
    return render("operator/stale", listing=there, draft=draft, changes=compared)
