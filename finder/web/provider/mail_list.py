"""Sending a list to the person: by letter, or as a link to copy or to text. It holds ids of groups and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from marshmallow import ValidationError

from finder import outbox
from finder.accounts.people import plain
from finder.errors import Invalid, TooOften
from finder.fields import flatten, mailbox
from finder.limits import Limit, spend
from finder.referrals import pace
from finder.web.account.keys import tools
from finder.web.keep_pages import keys_of, list_address
from finder.web.pages import services
from finder.web.provider.blueprint import my_team
from finder.wordings.language import language

KIND = "list"  # of the letter
# Of one team to one address. Of one team, for an answer that counts others' letters would tell of them.
TO_ONE = Limit("list_to", 2, 86_400)
_ADDRESS = mailbox()


def ways(listings: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The address of the list, and the one that opens the phone's messages with it."""
    address = list_address(listings)
    # "?&body=" is what both large makers of phones take.
    return {"address": address, "by_text": f"sms:?&body={quote(address, safe='')}"}


def send(listings: Sequence[Mapping[str, Any]], typed: str) -> None:
    """Writes the letter to an address, which is forgotten when it has gone. Raises Invalid at "email" and TooOften."""
    held = services()
    try:
        address = _ADDRESS.deserialize(typed.strip())
    except ValidationError as wrong:
        raise Invalid(flatten({"email": wrong.messages})) from None
    with held.database.transaction() as session:
        seconds = spend(session, TO_ONE, tools().hashed(TO_ONE.kind, str(my_team()), plain(address)), held.now())
        if seconds:
            raise TooOften(TO_ONE.kind, seconds=seconds)
        pace.take_turn(session, my_team(), held.now(), pace.LISTS)
        outbox.write(session, KIND, address, {"keys": keys_of(listings)}, now=held.now(), locale=language())
