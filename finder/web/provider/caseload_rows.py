"""The rows of a caseload between looking and sending: with the groups that fit, sealed into the form, kept nowhere.

No total of a questionnaire is in what is sealed, only the level that it suggests.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

import orjson
from cryptography.fernet import InvalidToken
from flask import Flask, current_app

from finder import secret
from finder.errors import Invalid, Problem
from finder.intake import notices
from finder.intake.document import FORMAT
from finder.intake.need import needs_of
from finder.referrals.caseload import COLUMN_OF, Row
from finder.search import find, intake_schema
from finder.web.pages import services, snapshot
from finder.web.provider import case
from finder.web.provider.case import Case
from finder.web.provider.intake_form import PROVIDER
from finder.web.provider.refer_form import shows_substance

LIFETIME_SECONDS = 3600
MOST_GROUPS = 3
LONGEST_TOKEN = 200_000  # a hundred rows take a third of it
LONGEST_PLAIN = 500_000  # what a forged token may unpack to


@dataclass(frozen=True, slots=True)
class Offer:
    """One person and the groups that fit best, in order, with their bands. `level` is the one gone by."""

    number: int
    code: str
    needs: Sequence[str]
    suggested: int | None
    sources: Sequence[str]
    level: int | None
    groups: Sequence[Sequence[str]]  # id and band
    substance: bool
    notices: Sequence[str]

    @property
    def ids(self) -> list[str]:
        return [one[0] for one in self.groups]

    @property
    def is_own_level(self) -> bool:
        """Whether the sender goes by another level than the totals suggest."""
        return self.suggested is not None and self.level != self.suggested


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of one file that can be used. `key` names it, so that sending it twice is sending it once."""

    key: str
    account: int
    offers: Sequence[Offer]


def batch_of(rows: Sequence[Row], account: int) -> tuple[Batch, dict[int, Mapping[str, Sequence[Problem]]]]:
    """What fits each row, and what is wrong with the others: by row number, then by column."""
    offers: list[Offer] = []
    wrong: dict[int, Mapping[str, Sequence[Problem]]] = {}
    for row in rows:
        try:
            offers.append(_offer(row))
        except Invalid as found:
            wrong[row.number] = {_column(path): many for path, many in found.errors.items()}
    return Batch(secrets.token_urlsafe(16), account, offers), wrong


def _column(path: str) -> str:
    first, _, rest = path.partition(".")
    return rest if first == "scores" else COLUMN_OF.get(first, first)


def _offer(row: Row) -> Offer:
    """The groups for one row. Raises Invalid by part of the intake, or by column."""
    if row.problems:
        raise Invalid(row.problems)
    own = {} if row.level is None else {"stated_level": row.level}
    intake = case.without(intake_schema.load({"format": FORMAT, "asked_by": PROVIDER, **row.intake, **own}),
                          "stated_level")
    missing = intake_schema.searchable(intake)
    if missing:
        raise Invalid(missing)
    if not intake.get("near"):
        intake["formats_required"] = True  # without a place nothing else can be judged
    held, world = Case(level=row.level), services()
    level, needs = case.level_of(intake, held), needs_of(intake)
    found = find.match(case.searched(intake, held), snapshot=snapshot(), gazetteer=world.gazetteer,
                       vocabulary=world.vocabulary, now=world.now(), rules=world.rules, per_page=MOST_GROUPS,
                       documents=True)
    return Offer(row.number, row.code, needs, level.suggested, level.sources, level.level,
                 [(one["id"], one["band"]) for one in found["matches"]], shows_substance(needs, found["matches"]),
                 notices.raised(intake, needs, level.suggested))


class Seal:
    """Seals a batch into a token that is good for an hour, and for the account that looked."""

    def __init__(self, key: secret.Key) -> None:
        self._fernet = secret.fernet(key)

    def of(self, batch: Batch, now: datetime) -> str:
        plain = orjson.dumps([batch.key, batch.account, [astuple(one) for one in batch.offers]])
        return self._fernet.encrypt_at_time(zlib.compress(plain, 9), int(now.timestamp())).decode()

    def open(self, token: str, account: int, now: datetime) -> Batch | None:
        """The batch; None for one that is too old, another account's, or not ours."""
        if not token or len(token) > LONGEST_TOKEN:
            return None
        try:
            packed = self._fernet.decrypt_at_time(token.encode("ascii", "replace"), LIFETIME_SECONDS,
                                                  int(now.timestamp()))
            key, owner, rows = orjson.loads(zlib.decompressobj().decompress(packed, LONGEST_PLAIN))
            return Batch(key, owner, [Offer(*one) for one in rows]) if owner == account else None
        except (InvalidToken, zlib.error, TypeError, ValueError):
            return None


def install(app: Flask, key: secret.Key) -> None:
    """Hangs the seal on an app."""
    app.extensions["finder_caseload"] = Seal(key)


def seal() -> Seal:
    """What this instance seals batches with."""
    found: Seal = current_app.extensions["finder_caseload"]
    return found


def drafts(offer: Offer, consent: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """The document that `referrals.draft.load` checks, for a referral of one row to its groups in order."""
    more = {"override": {"reason": reason}} if offer.is_own_level else {}
    return {"code": offer.code, "programs": offer.ids, "shortlist": offer.ids, "needs": list(offer.needs),
            "suggested": offer.suggested, "sources": list(offer.sources), "level": offer.level, "asks_next": True,
            "consent": dict(consent), **more}
