from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from finder.accounts.permissions import ANYBODY, TABLE, Action, Actor, Reach, Role, Scope
from finder.exchange import uploads
from finder.hooks import keeping
from finder.listings import alerts, changes, claims, review, tags
from finder.listings.models import Feed, ImportRun, Report
from finder.referrals import reading
from finder.referrals.models import Referral
from finder.teams import joining, membership, searches
from finder.web.account.people_pages import person_here
from finder.web.desk import GUARDS, listing_here
from finder.web.operator.new import draft_here, sent_here
from finder.web.operator.organization import organization_here
from finder.web.operator.referrals import task_here
from finder.web.provider.blueprint import referral_here
from finder.web.provider.searches import search_here
from finder.web.provider.team import colleague_here
from finder.web.steward.alerts import alert_here
from finder.web.steward.claims import claim_here
from finder.web.steward.feeds import feed_here
from finder.web.steward.hooks import hook_here
from finder.web.steward.import_look import upload_here
from finder.web.steward.imports import run_here
from finder.web.steward.proposal import proposal_here
from finder.web.steward.reports_page import report_here
from finder.web.steward.revert_page import account_here
from finder.web.steward.tables import table_here
from finder.web.steward.tags import tag_here
from finder.web.steward.teams import team_here
from tests.make import make_session
from tests.referrals.samples import make_referral, make_team
from tests.web.people import Person
from tests.web.site import Site, group

DESKS = frozenset(("account", "operator", "provider", "steward"))
OWN, OTHER, NONE = "own", "other", "none"
OWN_TEAM = "own team"
HERE = {"city": "Durham", "state": "NC"}
AWAY = {"city": "Reno", "state": "NV"}


@dataclass
class World:
    """A site with two listings in two states, and people who have to do with the first of them only."""

    site: Site
    slugs: dict[str, str]
    ids: dict[str, uuid.UUID]
    people: dict[str, Person]
    referrals: dict[str, str]


def values_of_listing(world: World, whose: str) -> dict[str, Any]:
    return {"slug": world.slugs[whose] if whose != NONE else "nothing-here"}


def values_of_person(world: World, whose: str) -> dict[str, Any]:
    return {"key": world.people["operator" if whose == OWN else "provider"].public_id if whose != NONE else "nobody"}


def values_of_organization(world: World, whose: str) -> dict[str, Any]:
    if whose == NONE:
        return {"key": "nothing-here"}
    with world.site.database.reading() as session:
        return {"key": str(changes.find(session, world.ids[whose]).organization_id)}


def values_of_claim(world: World, whose: str) -> dict[str, Any]:
    """A claim to the listing by somebody who has to do with neither."""
    if whose == NONE:
        return {"claim": "nothing-here"}
    with world.site.database.transaction() as session:
        person = world.people["provider"].id
        found = claims.current(session, world.ids[whose], person, now=world.site.clock())
        if found is None:
            found = claims.start(session, world.ids[whose], Actor(person, ""), "steward", now=world.site.clock(),
                                 note="Call me")
        return {"claim": str(found.id)}


def values_of_alert(world: World, whose: str) -> dict[str, Any]:
    """A banner for the state of the listing, or for the other one's."""
    if whose == NONE:
        return {"number": "0"}
    state, now = "US:NC" if whose == OWN else "US:NV", world.site.clock()
    wanted = alerts.Wanted([state], {"en": "Storm"}, "", None, now.date())
    with world.site.database.transaction() as session:
        found = next((one for one in alerts.coming(session, now) if state in one.states), None)
        return {"number": str((found or alerts.put_up(session, wanted, account_id=None, now=now)).number)}


def values_of_tag(world: World, whose: str) -> dict[str, Any]:
    with world.site.database.transaction() as session:
        if "by_bus" not in tags.known(session):
            tags.add(session, "by_bus", {"en": "On the bus line"}, ())
    return {"code": "by_bus" if whose != NONE else "nothing"}


def values_of_table(world: World, whose: str) -> dict[str, Any]:
    return {"name": {OWN: "listings", OTHER: "reports", NONE: "nothing"}[whose]}


def values_of_proposal(world: World, whose: str) -> dict[str, Any]:
    """A visitor's suggestion about the listing."""
    if whose == NONE:
        return {"key": "nothing-here"}
    with world.site.database.transaction() as session:
        there = changes.find(session, world.ids[whose])
        waiting = review.of_listing(session, there.id)
        sent = waiting[0].id if waiting else review.propose(
            session, there.id, {**there.document, "description": "Tea."}, base=there.version,
            sender=review.Sender(review.Trust.ANYBODY), now=world.site.clock()).waiting
    return {"key": str(sent)}


def values_of_report(world: World, whose: str) -> dict[str, Any]:
    if whose == NONE:
        return {"number": "0"}
    with world.site.database.transaction() as session:
        found = session.scalars(select(Report).where(Report.program_id == world.ids[whose])).first()
        if found is None:
            now = world.site.clock()
            found = Report(program_id=world.ids[whose], kind="time", sent_on=now.date(), sent_hour=now.hour)
            session.add(found)
            session.flush()
        return {"number": str(found.id)}


def values_of_run(world: World, whose: str) -> dict[str, Any]:
    """The import that brought both listings; imports are nobody's own."""
    with world.site.database.reading() as session:
        return {"run": str(session.scalars(select(ImportRun.id)).one()) if whose != NONE else "nothing"}


def values_of_feed(world: World, whose: str) -> dict[str, Any]:
    with world.site.database.transaction() as session:
        if session.get(Feed, 1) is None:
            session.add(Feed(id=1, name="A feed", url="https://example.org/a.json", format="listing",
                             made_at=world.site.clock().replace(tzinfo=None)))
    return {"feed": "1" if whose != NONE else "99", "deed": "pause"}


def values_of_hook(world: World, whose: str) -> dict[str, Any]:
    """A program that is told of changes; they are nobody's own."""
    if whose == NONE:
        return {"hook": "nothing", "deed": "pause"}
    with world.site.database.transaction() as session:
        found = next(iter(keeping.every(session)), None) or keeping.add(
            session, world.site.app.extensions["finder_hooks"], name="A program", url="https://example.org/in",
            account_id=None, now=world.site.clock())[0]
        return {"hook": str(found.id), "deed": "pause"}


def values_of_upload(world: World, whose: str) -> dict[str, Any]:
    """A spreadsheet that waits for its columns; uploads are nobody's own."""
    if whose == NONE:
        return {"upload": "nothing"}
    instance = world.site.app.extensions["finder"].settings.instance
    with world.site.database.transaction() as session:
        found = next(iter(uploads.open_ones(session, uploads.NEW, uploads.WAITING)), None)
        if found is None:
            key, folder = uploads.make_room(instance)
            uploads.save(io.BytesIO(b"name\nA group\n"), folder / "list.csv")
            found = uploads.keep(session, key, folder / "list.csv", name="A file", fmt="csv", now=world.site.clock())
        return {"upload": str(found.id)}


def values_of_referral(world: World, whose: str) -> dict[str, Any]:
    """A referral of the team, one of another team, and none."""
    return {"key": world.referrals[whose] if whose != NONE else "AAAAAAAAAAAAAAAAAAAAAA"}


def values_of_colleague(world: World, whose: str) -> dict[str, Any]:
    """A member of the team, one of another team, and nobody."""
    if whose == NONE:
        return {"key": "nobody"}
    with world.site.database.reading() as session:
        return {"key": membership.members(session, reading.find(session, world.referrals[whose]).team_id)[-1].public_id}


def values_of_team(world: World, whose: str) -> dict[str, Any]:
    """A request for a team; stewards decide about each."""
    if whose == NONE:
        return {"key": "nothing-here"}
    number = world.people["operator" if whose == OWN else "signed in"].id
    with world.site.database.transaction() as session:
        found = joining.asked(session, number) or joining.ask(session, number, joining.read({"name": "Northgate"}),
                                                              now=world.site.clock())
        return {"key": str(found.id)}


def values_of_task(world: World, whose: str) -> dict[str, Any]:
    """What a clinic asks of the listing, of the other one, and of none."""
    if whose == NONE:
        return {"task": "AAAAAAAAAAAAAAAAAAAAAA"}
    with world.site.database.reading() as session:
        return {"task": session.get_one(Referral, world.referrals[whose]).tasks[0].key}


def values_of_search(world: World, whose: str) -> dict[str, Any]:
    """A search that the team keeps, or another team does."""
    if whose == NONE:
        return {"key": "nothing-here"}
    with world.site.database.transaction() as session:
        team = session.get_one(Referral, world.referrals[whose]).team_id
        services = world.site.app.extensions["finder"]
        found = searches.of_team(session, team) or [searches.keep(
            session, team, world.people["operator"].id, "Evenings", {"needs": ["grief"]}, fits=(),
            gazetteer=services.gazetteer, vocabulary=services.vocabulary, now=world.site.clock())]
        return {"key": str(found[0].id)}


def values_of_account(world: World, whose: str) -> dict[str, Any]:
    person = world.people["operator" if whose == OWN else "provider"]
    return {"account": person.public_id if whose != NONE else "nobody"}


def values_of_nobody(world: World, whose: str) -> dict[str, Any]:
    """Drafts and what was sent: nobody here has any, and each is its own account's alone (tests/web/operator)."""
    return {"key": "nothing-here"}


# What an `about` needs in the address, for one's own thing, somebody else's, and none at all.
SUBJECTS: dict[Callable[..., Any], Callable[[World, str], dict[str, Any]]] = {
    listing_here: values_of_listing, person_here: values_of_person, organization_here: values_of_organization,
    alert_here: values_of_alert, tag_here: values_of_tag, table_here: values_of_table,
    proposal_here: values_of_proposal, report_here: values_of_report, run_here: values_of_run,
    feed_here: values_of_feed, hook_here: values_of_hook, upload_here: values_of_upload,
    account_here: values_of_account,
    claim_here: values_of_claim, referral_here: values_of_referral, task_here: values_of_task,
    colleague_here: values_of_colleague,
    team_here: values_of_team, search_here: values_of_search, draft_here: values_of_nobody, sent_here: values_of_nobody}

MORE = {"number": "1"}  # variables of an address beside its subject

PEOPLE: dict[str, tuple[tuple[Role, Scope, str] | None, bool]] = {
    "signed in": (None, True),
    "operator": ((Role.OPERATOR, Scope.PROGRAM, OWN), False),
    "provider": ((Role.PROVIDER, Scope.TEAM, OWN_TEAM), False),
    "provider of no team": ((Role.PROVIDER, Scope.ALL, ""), False),
    "steward of the state": ((Role.STEWARD, Scope.STATE, "US:NC"), True),
    "steward of another state": ((Role.STEWARD, Scope.STATE, "US:PA"), True),
    "steward": ((Role.STEWARD, Scope.ALL, ""), True),
    "steward without a second step": ((Role.STEWARD, Scope.ALL, ""), False),
    "administrator": ((Role.ADMINISTRATOR, Scope.ALL, ""), True),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return populated(tmp_path_factory.mktemp("matrix"))


def populated(folder: Path, **facts: Any) -> World:
    """Both listings say `facts`, each is in its own state and organization; everybody of PEOPLE is there."""
    site = Site(folder, [
        group(1, **facts | {"sessions": [make_session(location=HERE)], "organization": {"name": "One"}}),
        group(2, **facts | {"sessions": [make_session(location=AWAY)], "organization": {"name": "Two"}})],
        instance=folder)
    ids = {OWN: uuid.UUID(site.ids[0]), OTHER: uuid.UUID(site.ids[1])}
    people, referrals = {}, {}
    with site.database.transaction() as session:
        teams = {whose: make_team(session, f"{whose} clinic") for whose in (OWN, OTHER)}
        for whose, (team, (member,)) in teams.items():
            made = make_referral(session, team, member, [ids[whose]], keys=site.app.extensions["finder_referrals"])
            referrals[whose] = made.referral.key
        places = {OWN: str(ids[OWN]), OWN_TEAM: str(teams[OWN][0].id)}
    for name, (grant, second_step) in PEOPLE.items():
        grants = [(grant[0], grant[1], places.get(grant[2], grant[2]))] if grant else []
        people[name] = Person(site, f"{name.replace(' ', '-')}@example.org", *grants, second_step=second_step)
    return World(site, {OWN: site.slugs[0], OTHER: site.slugs[1]}, ids, people, referrals)


def rules(site: Site) -> list[Rule]:
    return [rule for rule in site.app.url_map.iter_rules() if rule.endpoint.split(".")[0] in DESKS]


def test_A1_every_subject_of_a_page_has_its_samples(world: World) -> None:
    abouts = {guard.about for guard in GUARDS.values() if guard is not None and guard.about is not None}
    assert abouts <= set(SUBJECTS), {about.__name__ for about in abouts - set(SUBJECTS)}


def expected(action: Action, person: str, whose: str | None) -> bool:
    """Whether the table lets somebody in, worked out from what roles mean and not by the code under test."""
    grant, second_step = PEOPLE[person]
    if action in ANYBODY:
        return whose is None
    if grant is not None and (grant[0] is Role.PROVIDER) is not (grant[1] is Scope.TEAM):
        return False
    if grant is None or grant[0] not in TABLE[action]:
        return False
    if grant[0] in (Role.STEWARD, Role.ADMINISTRATOR) and not second_step:
        return False
    if TABLE[action][grant[0]] is Reach.ANY and whose == NONE:
        return False
    if TABLE[action][grant[0]] is Reach.ANY:
        return grant[1] is Scope.ALL or action in (Action.SEE_QUEUE, Action.SET_ALERT, Action.SEE_INSIGHT)
    if action is Action.EDIT_ORGANIZATION and grant[1] is Scope.PROGRAM:
        return whose is None  # one of its groups is not the whole organization
    return whose is None or (whose == OWN and grant[2] != "US:PA") or (whose == OTHER and grant[1] is Scope.ALL)


def got_in(response: TestResponse) -> bool:
    """Whether a page was shown, or led on to another page of the desk; being asked for a second step is no entry."""
    led_to = response.headers.get("Location", "")
    return response.status_code < 400 and not led_to.startswith(("/account/sign-in", "/account/second-step"))


def path_of(world: World, rule: Rule, whose: str | None) -> str:
    """The address of a page about one's own thing, somebody else's, or none."""
    guard = GUARDS[rule.endpoint]
    about = guard.about if guard is not None else None
    values = MORE | (SUBJECTS[about](world, whose) if whose is not None and about is not None else {})
    wanted = {name: values[name] for name in rule.arguments}
    return str(world.site.app.url_map.bind("localhost").build(rule.endpoint, wanted))


def cases(world: World) -> Iterator[tuple[str, Rule, str, str | None]]:
    for person in world.people:
        for rule in rules(world.site):
            guard = GUARDS[rule.endpoint]
            if guard is None:
                continue
            for whose in (OWN, OTHER, NONE) if guard.about in SUBJECTS else (None,):
                yield person, rule, rule.endpoint, whose


def test_A1_everybody_gets_into_what_the_table_says_and_nothing_else(world: World, record_property: Any) -> None:
    wrong = []
    seen = set()
    tried = 0
    for name, rule, endpoint, whose in cases(world):
        if "GET" not in rule.methods:
            continue
        guard, person = GUARDS[endpoint], world.people[name]
        assert guard is not None
        path = path_of(world, rule, whose)
        seen.add(endpoint)
        tried += 1
        if got_in(person.client.get(path)) != expected(guard.action, name, whose):
            wrong.append((name, path, whose))
    assert wrong == []
    assert seen == {rule.endpoint for rule in rules(world.site) if "GET" in rule.methods and GUARDS[rule.endpoint]}
    record_property("figure", f"{tried:,} pages and people")


def test_A1_a_form_sent_to_anothers_thing_is_answered_as_for_nothing(world: World) -> None:
    wrong = []
    for name, rule, endpoint, whose in cases(world):
        if "POST" not in rule.methods or whose in (None, OWN):
            continue
        guard, person = GUARDS[endpoint], world.people[name]
        assert guard is not None
        assert guard.about is not None
        if whose == OTHER and expected(guard.action, name, OTHER):
            continue
        path = path_of(world, rule, whose)
        token = person.get("/account/").one("form", action="/account/sign-out").all("input", name="form_token")[0]
        page = person.client.post(path, data={"form_token": token["value"]},
                                  headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
        if page.status_code not in (404, 303):
            wrong.append((name, path, whose, page.status_code))
    assert wrong == []


def test_A1_others_things_and_missing_things_look_the_same(world: World) -> None:
    operator = world.people["operator"]
    for rule in rules(world.site):
        guard = GUARDS[rule.endpoint]
        if guard is None or guard.about is None or "GET" not in rule.methods or \
                Role.OPERATOR not in TABLE.get(guard.action, {}):
            continue
        bodies = []
        for whose in (OTHER, NONE):
            page = operator.get(path_of(world, rule, whose))
            assert page.status == 404
            bodies.append(page.main.text.replace(page.response.headers["X-Request-ID"], ""))
        assert bodies[0] == bodies[1]
