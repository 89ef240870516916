"""I1: forms and addresses made up from what everybody is shown: whoever sends them gets an answer that we meant."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from finder.accounts import api_tokens
from finder.accounts.permissions import Role, Scope
from tests.contracts.made_up_requests import Caller
from tests.contracts.test_matrix import OWN, PEOPLE, World, populated
from tests.contracts.test_openapi import run_cases
from tests.hooks.receiver import Receiver
from tests.journeys.test_every_desk_page import LETTERS, DeskWorld
from tests.web.operator.desk import RICH
from tests.web.people import Person

SEED = 20261127
VISITOR, EVERYTHING = "visitor", "everything at once"
SENDERS = (VISITOR, *PEOPLE, EVERYTHING)
TODAY = date.today().toordinal()  # noqa: DTZ011 - which requests a run sends, nothing else
FEW, MANY = 30, 2_500  # requests of one person
MANY_OF_EACH = 15  # requests to each operation, good and bad


class Crowd(DeskWorld):
    """The people of the matrix, listings that say much, and letters that lead somewhere."""

    def __init__(self, folder: Path) -> None:
        made = populated(folder, **RICH)
        World.__init__(self, made.site, made.slugs, made.ids, made.people, made.referrals)
        self.joy = self.people[EVERYTHING] = Person(
            self.site, "joy@example.org", Role.STEWARD, Role.ADMINISTRATOR,
            (Role.OPERATOR, Scope.PROGRAM, str(self.ids[OWN])))
        self.site.app.extensions["finder_post"] = Receiver()

    def caller(self, name: str, seed: int) -> Caller:
        router = self.site.app.url_map.bind("localhost")
        letters = {router.match(letter(self))[0]: partial(letter, self) for letter in LETTERS.values()}
        return Caller(self, random.Random(f"{name} {seed}"), self.people.get(name), letters)


def test_I1_made_up_forms_of_every_role_get_answers_that_we_meant(tmp_path: Path) -> None:
    crowd, had = Crowd(tmp_path), Counter[int]()
    for name in SENDERS:
        caller = crowd.caller(name, TODAY)
        while caller.sent < FEW:
            caller.one()
        assert caller.wrong == [], "\n".join(caller.wrong)
        had += caller.had
    assert min(had[200], had[303], had[404]) > FEW, had  # they come through doors, and not only against them


@pytest.mark.soak
@pytest.mark.parametrize("name", SENDERS)
def test_I1_thousands_of_made_up_forms_get_answers_that_we_meant(tmp_path: Path, name: str,
                                                                 record_property: Any) -> None:
    caller = Crowd(tmp_path).caller(name, SEED)
    caller.walk()
    while caller.sent < MANY:
        caller.one()
    assert caller.wrong == [], "\n".join(caller.wrong[:12])
    record_property("figure", f"{name}: {caller.sent:,} requests, {len(caller.reached)} kinds of forms taken, "
                              f"0 errors of ours")


def signs(crowd: Crowd) -> dict[str, dict[str, str]]:
    """What programs and browsers show of who they are: the cookie of every role, and tokens of every scope alone."""
    shown = {name: {"Cookie": f"sid={cookie_of(person)}"} for name, person in crowd.people.items()}
    with crowd.site.database.transaction() as session:
        for scope in api_tokens.TokenScope:
            owner = crowd.joy if scope.area == api_tokens.LISTINGS else crowd.people["provider"]
            secret = api_tokens.make(session, owner.id, scope.value, [scope], days=1, now=crowd.site.clock())
            shown[scope.value] = {"Authorization": f"Bearer {secret}"}
    return shown


def cookie_of(person: Person) -> str:
    cookie = person.client.get_cookie("sid")
    assert cookie is not None
    return cookie.value


@pytest.mark.turns(3)
def test_I1_generated_requests_with_the_sign_of_somebody_get_described_answers(tmp_path: Path) -> None:
    """Every few days, and each time that of another one; the long run below has them all."""
    crowd = Crowd(tmp_path)
    shown = signs(crowd)
    assert run_cases(crowd.site.app, 1, shown[sorted(shown)[TODAY // 3 % len(shown)]]) > FEW


@pytest.mark.soak
def test_I1_many_generated_requests_with_every_sign_get_described_answers(tmp_path: Path, record_property: Any) -> None:
    crowd, sent = Crowd(tmp_path), 0
    shown = signs(crowd)
    for headers in shown.values():
        sent += run_cases(crowd.site.app, MANY_OF_EACH, headers)
    assert sent > 10_000
    record_property("figure", f"{sent:,} requests with {len(shown)} cookies and tokens, 0 errors of ours")
