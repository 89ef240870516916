"""Two listings that may be one: fact by fact side by side, then merged, told apart, or left for later."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts.permissions import Action, Role, may
from finder.errors import Conflict, NotFound
from finder.listings import doubles, pieces
from finder.listings.changes import Listing
from finder.listings.doubles import Pair
from finder.web.desk import render, target_of
from finder.web.pages import link, services
from finder.web.signed_in import actor, author
from finder.web.steward.blueprint import desk
from finder.wordings.doubles import reasons
from finder.wordings.language import N_, gettext
from finder.wordings.pieces import lines, row_of, title

ONE, TWO = "one", "two"
MOST_LOOKED_AT = 50  # pairs, until one is found that this steward may decide about
SAID: Mapping[str, str] = {
    "merged": N_("Merged. The old address leads to the listing that stays."),
    "apart": N_("Noted. We will not ask about these two again."),
    "changed": N_("One of the two has changed meanwhile. Here is how they stand now."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of both listings. `pieces` are those it stands for; `differs`: there is something to choose."""

    name: str
    title: str
    one: tuple[str, ...]
    two: tuple[str, ...]
    pieces: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return self.one != self.two


@desk.page("/doubles", Action.MERGE_LISTINGS, methods=("GET", "POST"))
def doubles_waiting() -> ResponseReturnValue:
    """Are these the same group?"""
    if request.method == "POST":
        return redirect(link()("steward.doubles_waiting", said=_decide()), 303)
    after = _after()
    with services().database.reading() as session:
        found = doubles.waiting(session, most=MOST_LOOKED_AT, after=after, states=actor().regions(Role.STEWARD))
        count = doubles.count(session)
    pair = next((one for one in found if _may_merge(one)), None)
    said = gettext(SAID.get(request.args.get("said", ""), ""))
    if pair is None:
        return render("steward/doubles", pair=None, count=count, after=after, said=said)
    speaks_for, against = reasons(pair.reasons)
    today = services().now().date()
    checked = [wording.freshness_text((one.document.get("verified") or {}).get("on"), today)
               for one in (pair.one, pair.two)]
    return render("steward/doubles", pair=pair, rows=_rows(pair), count=count, after=after, said=said,
                  speaks_for=speaks_for, against=against, checked=checked, stays=_better(pair))


def _after() -> int:
    sent = request.args.get("after", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 7 else 0


def _may_merge(pair: Pair) -> bool:
    """Whoever looks after both may say that they are one."""
    return all(may(actor(), Action.MERGE_LISTINGS, target_of(one)) for one in (pair.one, pair.two))


def _rows(pair: Pair) -> list[Row]:
    """Every fact that either states; those to choose from first."""
    names: dict[str, list[str]] = {}
    one, two = pieces.pieces(pair.one.document), pieces.pieces(pair.two.document)
    for piece in [*one, *(name for name in two if name not in one)]:
        names.setdefault(row_of(piece), []).append(piece)
    rows = [Row(name, title(name), tuple(lines(name, pair.one.document)), tuple(lines(name, pair.two.document)),
                tuple(parts)) for name, parts in names.items()]
    return sorted(rows, key=lambda row: not row.differs)


def _better(pair: Pair) -> str:
    """Which of the two is offered as the one that stays: what people edited, else what was checked last, else the
    fuller one."""
    return max((ONE, TWO), key=lambda which: _worth(pair.one if which == ONE else pair.two))


def _worth(listing: Listing) -> tuple[bool, str, int]:
    checked = (listing.document.get("verified") or {}).get("on") or ""
    return bool(listing.kept_fields), checked, len(pieces.pieces(listing.document))


def _decide() -> str:
    held, form = services(), request.form
    number = int(form["pair"]) if form.get("pair", "").isascii() and form.get("pair", "").isdigit() else 0
    with held.database.transaction() as session:
        pair = doubles.find(session, number)
        if not _may_merge(pair):
            raise NotFound("pair")
        if form.get("do") == "apart":
            doubles.tell_apart(session, number, account_id=actor().account_id, now=held.now())
            return "apart"
    stays = TWO if form.get("do") == "two" else ONE
    taken = [piece for row in _rows(pair) if form.get(f"keep-{row.name}", stays) != stays for piece in row.pieces]
    try:
        with held.database.transaction() as session:
            doubles.merge(session, number, stays=(pair.one if stays == ONE else pair.two).id, bases=_bases(pair),
                          taken=taken, author=author(), now=held.now())
    except Conflict:
        return "changed"
    return "merged"


def _bases(pair: Pair) -> dict[uuid.UUID, int]:
    """The versions that the steward saw, as the form carries them."""
    found = {}
    for which, one in ((ONE, pair.one), (TWO, pair.two)):
        sent = request.form.get(f"version-{which}", "")
        found[one.id] = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0
    return found
