"""Every route of kept listings, for every kind of token, about one's own listing, another's and none."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from werkzeug.routing import Rule

from finder.accounts import people, second_steps
from finder.accounts.models import Factor
from finder.accounts.permissions import Role, Scope
from finder.listings import changes, review
from tests.api.listings.conftest import AWAY, BOTH, HERE, PATH, Program, add_second_step, editor, steward
from tests.contracts.test_matrix import NONE, OTHER, OWN
from tests.listings.database import NOW
from tests.make import make_session
from tests.referrals.samples import join, make_team
from tests.web.people import Person
from tests.web.site import Site, group

READ, WRITE = ("listings.read",), ("listings.write",)
REFERRALS = ("referrals.read", "referrals.write")
# What a request of each kind sends, so that nothing but the right is wanting; a route without a line here fails.
BODIES: dict[tuple[str, str], Any] = {
    ("GET", "/api/v1/listings"): None, ("POST", "/api/v1/listings"): {
        "format": "finder-listing/1", "name": "Heron Pier", "group_type": "skills"},
    ("GET", "/api/v1/listings/<key>"): None, ("PUT", "/api/v1/listings/<key>"): {
        "format": "finder-listing/1", "name": "River Circle", "group_type": "peer_support"},
    ("PATCH", "/api/v1/listings/<key>"): {"description": "Tea."}, ("DELETE", "/api/v1/listings/<key>"): None,
    ("POST", "/api/v1/listings/<key>/pause"): {"back_on": "2026-12-24"},
    ("POST", "/api/v1/listings/<key>/resume"): None, ("POST", "/api/v1/listings/<key>/verify"): {},
    ("POST", "/api/v1/listings/<key>/undelete"): None, ("GET", "/api/v1/listings/sent"): None,
    ("GET", "/api/v1/listings/sent/<key>"): None, ("DELETE", "/api/v1/listings/sent/<key>"): None,
}
UNCHANGED = {200, 201, 202, 409}  # it was let in: 409 where the listing is not in the state for that deed


@dataclass
class World:
    """Two listings in two states, and programs that have to do with the first of them only."""

    site: Site
    programs: dict[str, Program]
    ids: dict[str, str]


def provider(site: Site) -> Program:
    """A program of a clinic."""
    made = Program.__new__(Program)
    made.site, made.client = site, site.app.test_client()
    with site.database.transaction() as session:
        made.account = join(session, make_team(session, "A clinic")[0], "clinic@example.org")
    made.secret = token_for(site, made.account, REFERRALS)
    made.headers = {"Authorization": f"Bearer {made.secret}"}
    return made


def token_for(site: Site, account: int, scopes: tuple[str, ...], days: int = 30) -> str:
    from finder.accounts import api_tokens

    with site.database.transaction() as session:
        return api_tokens.make(session, account, "A program", scopes, days=days, now=site.clock())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("rights")
    site = Site(folder, [group(1, sessions=[make_session(location=HERE)]),
                         group(2, sessions=[make_session(location=AWAY)])], instance=folder)
    own = site.ids[0]
    return World(site, {
        "editor": editor(site, own), "editor who reads": editor(site, own, scopes=READ),
        "editor who writes": editor(site, own, scopes=WRITE), "steward of the state": steward(site),
        "steward who reads": steward(site, scopes=READ), "steward of another state": steward(site, "US:PA"),
        "steward": steward(site, ""), "provider": provider(site),
        "steward without a second step": steward(site, second_step=False),
        "steward for longer than a steward's right is lent": steward(site, days=91),
        "administrator": Program(site, (Role.ADMINISTRATOR, Scope.ALL, "")),
        "nobody in particular": Program(site),
    }, {OWN: own, OTHER: site.ids[1], NONE: str(uuid.uuid4())})


def rules(site: Site) -> list[tuple[Rule, str]]:
    found = [(rule, method) for rule in site.app.url_map.iter_rules() if rule.rule.startswith(PATH)
             for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]
    return sorted(found, key=lambda one: (one[0].rule, one[1]))


def test_A1_every_route_has_its_samples(world: World) -> None:
    assert {(method, rule.rule) for rule, method in rules(world.site)} == set(BODIES)


NOBODY = frozenset(("steward without a second step", "steward for longer than a steward's right is lent",
                    "administrator", "nobody in particular"))  # whose token opens nothing here


def expected(name: str, method: str, whose: str | None) -> int:
    """The answer's status, worked out from what roles and scopes mean; 200 stands for being let in."""
    if name in NOBODY:
        return 401
    if name == "provider" or name.endswith("reads") and method != "GET" or name.endswith("writes") and method == "GET":
        return 403
    if whose == NONE or (whose == OTHER and name != "steward") or (whose == OWN and name == "steward of another state"):
        return 404
    return 200


def sent_by(world: World, program: Program, whose: str | None) -> str:
    """Something this account sent, something another one did, and nothing."""
    if whose == NONE:
        return str(uuid.uuid4())
    account = program.account if whose == OWN else world.programs["editor"].account
    if whose == OTHER and account == program.account:
        account = world.programs["steward"].account
    with world.site.database.transaction() as session:
        return str(review.propose_new(session, BODIES["POST", PATH], now=world.site.clock(), sender=review.Sender(
            review.Trust.EDITOR, account)).waiting)


def cases(world: World) -> Iterator[tuple[str, Rule, str, str | None]]:
    for name in world.programs:
        for rule, method in rules(world.site):
            for whose in (OWN, OTHER, NONE) if rule.arguments else (None,):
                yield name, rule, method, whose


def ask(world: World, name: str, rule: Rule, method: str, whose: str | None) -> Any:
    program, key = world.programs[name], ""
    if rule.arguments:
        key = sent_by(world, program, whose) if "/sent/" in rule.rule else world.ids[str(whose)]
    version, body = 1, BODIES[method, rule.rule]
    if whose in (OWN, OTHER) and "/sent/" not in rule.rule:
        with world.site.database.reading() as session:
            there = changes.find(session, key)
            version, body = there.version, there.document if method == "PUT" else body
    return program.client.open(rule.rule.replace("<key>", key), method=method, json=body, headers={
        **program.headers, "If-Match": f'"{version}"', "Idempotency-Key": uuid.uuid4().hex})


@pytest.mark.turns(2)
def test_A1_every_token_gets_into_what_its_maker_may_and_nothing_else(world: World) -> None:
    wrong = []
    for name, rule, method, whose in cases(world):
        world.site.clock.at += timedelta(seconds=61)  # sixty changes an hour are no matter here
        whose_sent = whose if "/sent/" not in rule.rule else {OWN: OWN, OTHER: NONE, NONE: NONE}[str(whose)]
        wanted = expected(name, method, whose_sent)
        if "/sent/" in rule.rule and whose == OWN and wanted == 404:
            wanted = 200  # what one sent oneself is one's own, wherever the group meets
        got = ask(world, name, rule, method, whose).status_code
        if got != wanted and not (wanted == 200 and got in UNCHANGED):
            wrong.append((name, method, rule.rule, whose, wanted, got))
    world.site.clock.at = NOW
    assert wrong == []


def test_A1_what_is_anothers_answers_as_what_is_not_there(world: World) -> None:
    program = world.programs["editor"]
    for rule, method in rules(world.site):
        if not rule.arguments:
            continue
        bodies = []
        for whose in (OTHER, NONE):
            answer = ask(world, "editor", rule, method, whose)
            assert answer.status_code == 404, (method, rule.rule)
            answer.json.pop("request_id")
            bodies.append((answer.json | {"request_id": ""}, answer.headers.get("ETag")))
        assert bodies[0] == bodies[1]
    broken = program.client.put(f"{PATH}/{world.ids[OTHER]}", json={"name": 5}, headers={
        **program.headers, "If-Match": '"99"'})
    assert broken.status_code == 404  # neither the version nor the text is judged before the right


def test_A12_a_token_that_may_not_read_is_told_no_text(world: World) -> None:
    for method, path, body in (("PATCH", "", {"description": "Milk."}), ("POST", "/verify", {})):
        program = world.programs["editor who writes"]
        with world.site.database.reading() as session:
            version = changes.find(session, world.ids[OWN]).version
        answer = program.send(method, f"/{world.ids[OWN]}{path}", body, If_Match=version)
        assert answer.status_code == 200
        assert set(answer.json) == {"id", "slug", "state", "version", "applied", "waiting"}


@pytest.mark.parametrize("sent", [None, "Bearer", "Bearer fndr_no", "Basic am95Ong=", "Bearer x y"])
def test_A12_without_a_good_token_nobody_gets_in(world: World, sent: str | None) -> None:
    for rule, method in rules(world.site):
        answer = world.site.app.test_client().open(
            rule.rule.replace("<key>", world.ids[OWN]), method=method, json={},
            headers={} if sent is None else {"Authorization": sent})
        assert (answer.status_code, answer.json["code"]) == (401, "token_needed")


def test_A6_a_cookie_is_no_token(world: World) -> None:
    person = Person(world.site, "ann@example.org", Role.STEWARD)
    for rule, method in rules(world.site):
        answer = person.client.open(rule.rule.replace("<key>", world.ids[OWN]), method=method, json={})
        assert answer.status_code == 401


# -- no stronger than the person -------------------------------------------------------------------------------------


def opens(program: Program) -> bool:
    return program.send("GET").status_code == 200


def test_A10_a_stewards_token_is_worth_nothing_when_the_second_step_is_gone(world: World) -> None:
    program = steward(world.site)
    assert opens(program)
    with world.site.database.transaction() as session:
        session.execute(delete(Factor).where(Factor.account_id == program.account))
    assert not opens(program)


def test_A10_a_second_step_of_later_vouches_for_no_earlier_token(world: World) -> None:
    """As after a way back: whoever made the token may have been somebody else."""
    site, program = world.site, steward(world.site)
    site.clock.at += timedelta(days=1)
    with site.database.transaction() as session:
        second_steps.remove_all(session, program.account)
        add_second_step(session, program.account, site.clock())
    assert not opens(program)
    fresh = token_for(site, program.account, BOTH)
    site.clock.at = NOW
    assert program.client.get(PATH, headers={"Authorization": f"Bearer {fresh}"}).status_code == 200


def test_A10_without_a_second_step_a_steward_keeps_the_rights_of_an_editor(world: World) -> None:
    own = world.ids[OWN]
    program = Program(world.site, (Role.STEWARD, Scope.ALL, ""), (Role.OPERATOR, Scope.PROGRAM, own),
                      second_step=False)
    assert [one["id"] for one in program.send("GET").json["listings"]] == [own]
    assert program.send("GET", f"/{world.ids[OTHER]}").status_code == 404
    answer = program.patch(own, {"contact": {"phone": "919-555-0177"}})
    assert [one["fields"] for one in answer.json["waiting"]] == [["contact.phone"]]


def test_a_token_loses_what_its_maker_loses_and_never_gets_it_back(world: World) -> None:
    site, own, other = world.site, world.ids[OWN], world.ids[OTHER]
    program = Program(site, (Role.OPERATOR, Scope.PROGRAM, own), (Role.OPERATOR, Scope.PROGRAM, other))

    def take(key: str) -> None:
        with site.database.transaction() as session:
            people.take(session, program.account, Role.OPERATOR, scope=Scope.PROGRAM, value=key)

    take(other)
    assert [one["id"] for one in program.send("GET").json["listings"]] == [own]
    take(own)
    assert not opens(program)
    with site.database.transaction() as session:
        people.give(session, program.account, Role.OPERATOR, by="x", now=NOW, scope=Scope.PROGRAM, value=own)
    assert not opens(program)


def test_leaving_a_team_ends_no_token_for_listings(world: World) -> None:
    site, program = world.site, editor(world.site, world.ids[OWN])
    with site.database.transaction() as session:
        team, _ = make_team(session, "Northgate")
        people.give(session, program.account, Role.PROVIDER, by="x", now=NOW, scope=Scope.TEAM, value=str(team.id))
    clinic = token_for(site, program.account, REFERRALS)
    with site.database.transaction() as session:
        people.take(session, program.account, Role.PROVIDER, scope=Scope.TEAM, value=str(team.id))
    assert opens(program)
    assert program.client.get("/api/v1/referrals", headers={"Authorization": f"Bearer {clinic}"}).status_code == 401


def test_A12_a_token_for_listings_opens_no_referral(world: World) -> None:
    site, program = world.site, editor(world.site, world.ids[OWN])
    with site.database.transaction() as session:
        team, _ = make_team(session, "Southgate")
        people.give(session, program.account, Role.PROVIDER, by="x", now=NOW, scope=Scope.TEAM, value=str(team.id))
    answer = program.client.get("/api/v1/referrals", headers=program.headers)
    assert (answer.status_code, answer.json["code"]) == (403, "scope_needed")
