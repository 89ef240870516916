from __future__ import annotations

import logging
import sqlite3
import threading
import uuid
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from finder.accounts import api_tokens
from finder.accounts.models import ApiToken
from finder.accounts.permissions import Role, Scope
from finder.api.referrals import MOST_BYTES
from finder.referrals import consents, moving, owners, pace, reading
from finder.referrals.exporting import PART_2
from finder.referrals.models import Referral, ReferralEvent
from finder.referrals.moving import RECEIVER
from finder.referrals.states import Move
from finder.teams.models import Team
from tests.exchange.fhir_judges import faults
from tests.listings.database import NOW
from tests.referrals.samples import document, join, make_team, sender
from tests.web.people import Person
from tests.web.site import Site, group

PATH = "/api/v1/referrals"
BOTH = ("referrals.read", "referrals.write")
NAME, NOTE = "Canary Kestrel", "heron at noon"
GONE = "A" * 22


class Program:
    """A provider's own program, which holds a token; of a new team, or of a colleague's."""

    def __init__(self, site: Site, scopes: Sequence[str] = BOTH, *, colleague: Program | None = None) -> None:
        self.site, self.client = site, site.app.test_client()
        with site.database.transaction() as session:
            team = session.get_one(Team, colleague.team) if colleague else make_team(session, "Eastside Clinic")[0]
            self.team, self.email = team.id, f"{uuid.uuid4().hex[:8]}@example.org"
            self.account = join(session, team, self.email)
            self.secret = api_tokens.make(session, self.account, "EHR", scopes, days=30, now=site.clock())
        self.headers = {"Authorization": f"Bearer {self.secret}"}

    def get(self, path: str = "", **headers: str) -> TestResponse:
        return self.client.get(f"{PATH}{path}", headers={**self.headers, **headers})

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.client.post(f"{PATH}{path}", json=body,
                                headers={**self.headers, **{name.replace("_", "-"): value
                                                            for name, value in headers.items()}})

    def make(self, once: str | None = None, **more: Any) -> dict[str, Any]:
        answer = self.post("", draft(self.site, **more), Idempotency_Key=once or uuid.uuid4().hex)
        assert answer.status_code in (200, 201), answer.json
        found: dict[str, Any] = answer.json
        return found

    def move(self, one: dict[str, Any], move: str, task: int = 0, version: int | None = None,
             **more: Any) -> TestResponse:
        told = one["tasks"][task]
        return self.post(f"/{one['id']}/tasks/{told['id']}/moves", {"move": move, **more},
                         If_Match=f'"{version or told["version"]}"')


def draft(site: Site, **more: Any) -> dict[str, Any]:
    """A draft for two groups that are not about substance use."""
    return document(more.pop("programs", site.ids[:2]), **more)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("referrals"),
                [group(1, focus=["grief"]), group(2, focus=["anxiety"]), group(3, focus=["alcohol"])])


@pytest.fixture(autouse=True)
def turned_back(site: Site) -> None:
    """A test may have moved the clock that all here share."""
    site.clock.at = NOW


@pytest.fixture
def owner(site: Site) -> Program:
    return Program(site)


@pytest.fixture
def described(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = site.app.test_client().get("/openapi.json").json
    return found


def wrong(described: dict[str, Any], name: str, value: Any) -> list[str]:
    """What is wrong with a value by a schema of the description."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
    return [one.message for one in Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(value)]


def events(site: Site, key: str, kind: str) -> list[ReferralEvent]:
    with site.database.reading() as session:
        return [one for one in reading.history(session, key) if one.kind == kind]


# -- who gets in -----------------------------------------------------------------------------------------------------


ROUTES = [("GET", ""), ("POST", ""), ("GET", f"/{GONE}"), ("GET", f"/{GONE}/fhir"),
          ("POST", f"/{GONE}/tasks/{GONE}/moves")]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("sent", [None, "Bearer", "Bearer fndr_no", "Basic am95Ong=", "Bearer x y"])
def test_A12_without_a_good_token_nobody_gets_in(site: Site, method: str, path: str, sent: str | None) -> None:
    headers = {} if sent is None else {"Authorization": sent}
    answer = site.app.test_client().open(f"{PATH}{path}", method=method, headers=headers, json={})
    assert (answer.status_code, answer.json["code"]) == (401, "token_needed")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="finder"' + (', error="invalid_token"' if sent else "")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_A12_a_token_does_only_what_it_is_for(site: Site, method: str, path: str) -> None:
    has, lacks = ("referrals.write", "referrals.read") if method == "GET" else ("referrals.read", "referrals.write")
    headers = Program(site, [has]).headers
    answer = site.app.test_client().open(f"{PATH}{path}", method=method, headers=headers, json={})
    assert (answer.status_code, answer.json["code"]) == (403, "scope_needed")
    assert f'error="insufficient_scope", scope="{lacks}"' in answer.headers["WWW-Authenticate"]


def test_A12_a_token_that_may_not_read_is_told_where_its_deeds_stand_and_no_more(
        site: Site, owner: Program, described: dict[str, Any]) -> None:
    writer = Program(site, ["referrals.write"], colleague=owner)
    key, body = owner.make("one", needs=["grief"])["id"], draft(site, needs=["grief"])
    for answer in (writer.post("", body, Idempotency_Key="one"), writer.post("", body, Idempotency_Key="two")):
        assert set(answer.json) == {"id", "state", "tasks", "short_code"}
        assert wrong(described, "ReferralAnswer", answer.json) == []
        assert {frozenset(one) for one in answer.json["tasks"]} == {frozenset(("id", "state", "version", "moves"))}
        assert bool(answer.json["short_code"]) is (answer.json["id"] != key)
    moved = writer.move(answer.json, "accept", first_on="2026-12-01")
    assert (set(moved.json), moved.json["tasks"][0]["state"]) == ({"id", "state", "tasks"}, "accepted")
    assert wrong(described, "ReferralStand", moved.json) == []
    assert events(site, key, "read") == []


def test_history_names_no_account_where_a_referral_changes_hands(site: Site, owner: Program) -> None:
    key, colleague = owner.make()["id"], Program(site, colleague=owner)
    with site.database.transaction() as session:
        owners.take_over(session, reading.find(session, key), sender(colleague.account), now=site.clock())
    assert [one["facts"] for one in owner.get(f"/{key}").json["history"] if one["kind"] == "owner"] == [{}]


def test_A12_a_token_that_was_ended_or_is_old_is_none(site: Site) -> None:
    ended, old = Program(site), Program(site)
    assert ended.get().status_code == 200
    with site.database.transaction() as session:
        one = session.scalars(select(ApiToken).where(ApiToken.account_id == ended.account)).one()
        api_tokens.end(session, ended.account, str(one.id), now=site.clock())
    assert ended.get().status_code == 401
    site.wait(31 * 86_400)
    assert old.get().status_code == 401


def test_A6_a_cookie_signs_in_nobody(site: Site, owner: Program) -> None:
    person = Person(site, owner.email, (Role.PROVIDER, Scope.TEAM, str(owner.team)))
    assert person.client.get("/provider/").status_code == 200
    assert person.client.get(PATH).status_code == 401


def test_a_browser_of_another_site_may_not_read_and_nothing_is_kept(owner: Program) -> None:
    made = owner.make()
    for answer in (owner.get(), owner.get(f"/{made['id']}"), owner.get(f"/{made['id']}/fhir"), owner.get(f"/{GONE}")):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_token_says_the_day_it_was_used(site: Site, owner: Program) -> None:
    owner.get()
    with site.database.reading() as session:
        used = session.scalars(select(ApiToken.used_on).where(ApiToken.account_id == owner.account)).one()
    assert used == site.clock().date()


def test_A1_anothers_one_that_is_gone_and_none_are_answered_alike(site: Site, owner: Program) -> None:
    theirs, mine = Program(site).make(), owner.make()
    gone = owner.make()
    with site.database.transaction() as session:
        session.delete(session.get_one(Referral, gone["id"]))
    task = theirs["tasks"][0]["id"]
    bodies = []
    for key in (theirs["id"], gone["id"], GONE, "x"):
        for answer in (owner.get(f"/{key}"), owner.get(f"/{key}/fhir"),
                       owner.post(f"/{key}/tasks/{task}/moves", {"move": "withdraw"}, If_Match='"1"')):
            assert answer.status_code == 404
            bodies.append({**answer.json, "request_id": ""})
    assert all(one == bodies[0] for one in bodies)
    assert owner.post(f"/{mine['id']}/tasks/{task}/moves", {"move": "withdraw"}, If_Match='"2"').status_code == 404


def test_A2_anothers_and_one_that_is_gone_cost_the_same_work(site: Site, owner: Program) -> None:
    theirs, gone = Program(site).make(), owner.make()
    with site.database.transaction() as session:
        session.delete(session.get_one(Referral, gone["id"]))
    owner.get()  # notes the day
    owner.get(f"/{GONE}")  # and the hour in which refusals are counted
    statements: list[str] = []

    def note(*call: Any) -> None:
        statements.append(call[2])

    event.listen(site.database.engine, "before_cursor_execute", note)
    done = []
    for key in (theirs["id"], gone["id"], GONE):
        statements.clear()
        assert owner.get(f"/{key}").status_code == 404
        done.append(list(statements))
    event.remove(site.database.engine, "before_cursor_execute", note)
    assert done[0] == done[1] == done[2] != []


# -- the list --------------------------------------------------------------------------------------------------------


def test_a_list_holds_the_teams_own_in_pages(site: Site, owner: Program, described: dict[str, Any]) -> None:
    Program(site).make()
    made = set()
    for _ in range(5):
        site.wait(60)
        made.add(owner.make()["id"])
    seen, after = [], ""
    while True:
        page = owner.get(f"?limit=2{after}").json
        assert wrong(described, "ReferralList", page) == []
        seen += [one["id"] for one in page["referrals"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == 5
    assert set(seen) == made


def test_a_list_says_nothing_of_the_person(owner: Program) -> None:
    owner.make(code="ZZ9-77", needs=["grief"])
    text = owner.get().text
    for word in ("ZZ9", "grief", "River Circle"):
        assert word not in text


def test_open_and_closed_ones_are_told_apart(owner: Program) -> None:
    one, other = owner.make(), owner.make()
    assert owner.move(one, "attend").status_code == 200
    assert [found["id"] for found in owner.get("?state=closed").json["referrals"]] == [one["id"]]
    assert [found["id"] for found in owner.get("?state=open").json["referrals"]] == [other["id"]]


@pytest.mark.parametrize("query", ["?state=odd", "?limit=0", "?limit=101", "?limit=x", "?limit=", "?limit=%C2%B2",
                                   "?after=x", "?limit=1&limit=2", "?page=1"])
def test_a_wrong_parameter_is_named(owner: Program, query: str) -> None:
    answer = owner.get(query)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [query[1:].partition("=")[0]]


# -- making ----------------------------------------------------------------------------------------------------------


def test_a_referral_is_made_once_and_its_short_code_told_once(owner: Program, described: dict[str, Any]) -> None:
    first = owner.post("", draft(owner.site), Idempotency_Key="one")
    again = owner.post("", draft(owner.site), Idempotency_Key="one")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["Location"] == f"{PATH}/{first.json['id']}"
    assert len(first.json["short_code"]) == 14
    assert again.json == {**first.json, "short_code": None}
    for answer in (first, again):
        assert wrong(described, "Referral", answer.json) == []
    assert [one["state"] for one in first.json["tasks"]] == ["sent", "planned"]
    assert len(owner.get().json["referrals"]) == 1


def test_the_same_key_with_another_body_is_refused_and_shows_nothing(owner: Program) -> None:
    owner.post("", draft(owner.site, code="K7-41"), Idempotency_Key="one")
    refused = owner.post("", draft(owner.site, code="Z9-99"), Idempotency_Key="one")
    assert (refused.status_code, refused.json["code"]) == (409, "key_reused")
    assert "history" not in refused.json
    assert len(owner.get().json["referrals"]) == 1


def test_letters_by_moves_take_turns_of_the_teams_hour(site: Site, owner: Program) -> None:
    made = owner.make("one")
    with site.database.transaction() as session:
        for _ in range(pace.REFERRALS.most - 1):
            pace.take_turn(session, owner.team, site.clock())
    refused = owner.post(f"/{made['id']}/tasks/{made['tasks'][1]['id']}/moves", {"move": "send"}, If_Match="1")
    assert (refused.status_code, refused.json["code"]) == (429, "too_often")
    assert refused.headers["Retry-After"]


def test_the_same_key_of_another_team_is_another_referral(site: Site, owner: Program) -> None:
    assert owner.make("one")["id"] != Program(site).make("one")["id"]


def test_C4_many_at_once_with_one_key_make_one_row(site: Site, owner: Program) -> None:
    answers: list[TestResponse] = []

    def send() -> None:
        answers.append(site.app.test_client().post(
            PATH, json=draft(site), headers={**owner.headers, "Idempotency-Key": "one"}))

    threads = [threading.Thread(target=send) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(one.status_code for one in answers) == [200] * 11 + [201]
    assert len({one.json["id"] for one in answers}) == 1
    assert sum(one.json["short_code"] is not None for one in answers) == 1
    with site.database.reading() as session:
        assert session.scalar(select(func.count()).where(Referral.team_id == owner.team)) == 1


@pytest.mark.parametrize("key", [None, "", "x" * 65, "two words", "caf\xe9"])
def test_a_referral_needs_a_key_of_its_own(owner: Program, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency_Key": key}
    answer = owner.post("", draft(owner.site), **headers)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["Idempotency-Key"]


@pytest.mark.parametrize(("more", "field"), [
    ({"code": "Jane Roe"}, "code"), ({"programs": []}, "programs"), ({"programs": [str(uuid.uuid4())]}, "programs"),
    ({"name": NAME}, "name"), ({"needs": ["nothing"]}, "needs"), ({"suggested": 1, "level": 2}, "override.reason"),
    ({"identity": {"name": NAME}}, "identity"), ({"consent": {"until": "2020-01-01"}}, "consent.until"),
    ({"consent": {"confirmed": False}}, "consent.confirmed"), ({"phq9": 12}, "phq9"),
], ids=lambda one: one if isinstance(one, str) else "")
def test_what_is_wrong_with_a_draft_is_named_and_not_echoed(owner: Program, more: dict[str, Any], field: str) -> None:
    answer = owner.post("", draft(owner.site, **more), Idempotency_Key="one")
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]
    assert answer.json["errors"][field] != ["Please check this answer."]
    assert NAME not in answer.text
    assert owner.get().json["referrals"] == []


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"x"'])
def test_a_body_that_is_no_object_is_a_problem(owner: Program, body: bytes) -> None:
    made = owner.make()
    task = made["tasks"][0]["id"]
    for path, more in (("", {"Idempotency-Key": "two"}), (f"/{made['id']}/tasks/{task}/moves", {"If-Match": "2"})):
        answer = owner.client.post(f"{PATH}{path}", data=body, headers={**owner.headers, **more},
                                   content_type="application/json")
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["body"])


def test_a_body_must_be_json_and_short(owner: Program) -> None:
    headers = {**owner.headers, "Idempotency-Key": "one"}
    for data, kind, status in ((b"{", "application/json", 400), (b"a=1", "application/x-www-form-urlencoded", 415),
                               (b" " * (MOST_BYTES + 1), "application/json", 413)):
        assert owner.client.post(PATH, data=data, headers=headers, content_type=kind).status_code == status


def test_L1_a_team_makes_so_many_an_hour_and_no_more(site: Site, owner: Program) -> None:
    with site.database.transaction() as session:
        for _ in range(pace.REFERRALS.most - 1):
            pace.take_turn(session, owner.team, site.clock())
    first = owner.make("last")
    answer = owner.post("", draft(site), Idempotency_Key="too-many")
    assert (answer.status_code, answer.json["code"]) == (429, "too_often")
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert len(owner.get().json["referrals"]) == 1
    assert owner.make("last")["id"] == first["id"]
    site.wait(3600)
    owner.make("too-many")


# -- reading ---------------------------------------------------------------------------------------------------------


def test_one_referral_tells_its_tasks_what_can_be_done_and_what_happened(owner: Program,
                                                                         described: dict[str, Any]) -> None:
    made = owner.make(level=2, suggested=1, override={"reason": "judgment"})
    found = owner.get(f"/{made['id']}").json
    assert wrong(described, "Referral", found) == []
    assert (found["code"], found["level"], found["suggested"], found["override"]) == ("K7-41", 2, 1, "judgment")
    assert found["tasks"][0]["moves"] == ["accept", "ask", "attend", "decline", "receive", "wait", "withdraw"]
    assert found["tasks"][1]["moves"] == ["send", "withdraw"]
    assert [one["kind"] for one in found["history"]][0] == "created"
    assert {one["by"] for one in found["history"]} == {"provider"}
    assert "short_code" not in found


def test_sealed_words_come_only_when_asked_for_and_who_it_is_never(owner: Program, described: dict[str, Any]) -> None:
    made = owner.make(needs=["grief"], identity={"name": NAME}, hand_off={"way": "call", "note": NOTE},
                      suggested=1, level=2, override={"reason": "other", "note": "ibis"},
                      consent={"what": ["needs", "level", "reach", "identity"]})
    said = owner.move(made, "ask", asked=["age"], note="stork").json
    plain, full = owner.get(f"/{made['id']}"), owner.get(f"/{made['id']}?words=1")
    for word in ("grief", NOTE, "ibis", "stork"):
        assert word not in plain.text
        assert word in full.text
    for answer in (plain, full):
        assert wrong(described, "Referral", answer.json) == []
        assert NAME not in answer.text
    assert said["tasks"][0]["asked"] == ["age"]


def test_part_2_goes_with_what_shows_care_for_substance_use(owner: Program) -> None:
    made = owner.make(programs=owner.site.ids[2:])
    assert owner.get(f"/{made['id']}").json["notice"] == PART_2
    assert owner.make()["notice"] is None


def test_O3_a_colleagues_program_is_noted_and_the_owners_is_not(site: Site, owner: Program) -> None:
    key = owner.make("one")["id"]
    for path in (f"/{key}", f"/{key}/fhir"):
        owner.get(path)
    assert events(site, key, "read") == []
    colleague = Program(site, colleague=owner)
    colleague.get()
    assert events(site, key, "read") == []
    for path in (f"/{key}", f"/{key}/fhir"):
        assert colleague.get(path).status_code == 200
    assert colleague.make("one")["id"] == key
    read = events(site, key, "read")
    assert [one.facts for one in read] == [{"how": "api"}] * 3
    assert {one.account_id for one in read} == {colleague.account}


def test_a_referral_is_valid_fhir_and_holds_needs_only_when_asked_for(owner: Program) -> None:
    made = owner.make(needs=["grief"])
    plain, full = owner.get(f"/{made['id']}/fhir"), owner.get(f"/{made['id']}/fhir?needs=1")
    assert plain.mimetype == "application/fhir+json"
    assert [len(one.json["entry"]) for one in (plain, full)] == [3, 3]
    assert "grief" not in plain.text
    assert full.json["entry"][0]["resource"]["reasonCode"][0]["coding"][0]["code"] == "grief"
    assert faults([plain.json, full.json]) == []


# -- moving ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("move", "more", "state"), [
    ("withdraw", {}, "withdrawn"), ("attend", {}, "attended"), ("receive", {}, "received"),
    ("accept", {"first_on": "2026-12-01"}, "accepted"), ("wait", {"weeks": 0}, "waiting"),
    ("decline", {"reason": "full"}, "declined"), ("ask", {"asked": ["age"], "note": "stork"}, "asked")])
def test_a_sender_says_what_became_of_a_program(owner: Program, described: dict[str, Any], move: str,
                                                more: dict[str, Any], state: str) -> None:
    answer = owner.move(owner.make(), move, **more)
    assert answer.status_code == 200
    assert wrong(described, "Referral", answer.json) == []
    assert answer.json["tasks"][0]["state"] == state
    assert wrong(described, "ReferralMove", {"move": move, **more}) == []


@pytest.mark.parametrize(("move", "more", "field"), [
    ("fly", {}, "move"), ("open", {}, "move"), ("decline", {}, "reason"), ("decline", {"reason": "rude"}, "reason"),
    ("ask", {}, "asked"), ("accept", {"first_on": "2020-01-01"}, "first_on"), ("wait", {"weeks": 261}, "weeks"),
    ("accept", {"first_on": "soon"}, "first_on"), ("withdraw", {"why": "no"}, "why"),
    ("ask", {"asked": ["age"], "note": "x" * 501}, "note")])
def test_what_is_wrong_with_a_move_is_named(owner: Program, move: str, more: dict[str, Any], field: str) -> None:
    answer = owner.move(owner.make(), move, **more)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


@pytest.mark.parametrize("match", [None, "", "*", "x", 'W/"2"', "1" * 10])
def test_C1_a_move_says_which_version_was_read(owner: Program, match: str | None) -> None:
    made = owner.make()
    headers = {} if match is None else {"If_Match": match}
    answer = owner.post(f"/{made['id']}/tasks/{made['tasks'][0]['id']}/moves", {"move": "withdraw"}, **headers)
    assert (answer.status_code, answer.json["code"]) == (428, "version_needed")


def test_C1_who_read_an_older_one_is_told_so_and_changes_nothing(site: Site, owner: Program) -> None:
    made = owner.make()
    with site.database.transaction() as session:
        moving.move(session, moving.find(session, made["tasks"][0]["id"]), Move.RECEIVE, RECEIVER, now=site.clock())
    answer = owner.move(made, "withdraw")
    assert (answer.status_code, answer.json["code"]) == (409, "stale")
    assert owner.get(f"/{made['id']}").json["tasks"][0]["state"] == "received"


def test_C4_an_illegal_move_is_refused_by_name(owner: Program) -> None:
    answer = owner.move(owner.make(), "miss")
    assert (answer.status_code, answer.json["code"]) == (409, "illegal_move")


def test_nobody_is_asked_without_the_persons_consent(site: Site, owner: Program) -> None:
    made = owner.make()
    with site.database.transaction() as session:
        consents.end_of_task(session, made["tasks"][1]["id"], "client", now=site.clock())
    answer = owner.move(made, "send", task=1)
    assert (answer.status_code, answer.json["code"]) == (409, "no_consent")


def test_a_planned_program_can_be_asked_now(owner: Program) -> None:
    assert owner.move(owner.make(), "send", task=1).json["tasks"][1]["state"] == "sent"


# -- its description -------------------------------------------------------------------------------------------------


def test_every_example_in_the_description_obeys_its_schema(described: dict[str, Any]) -> None:
    seen = 0
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            if not path.startswith(PATH) or method == "parameters":
                continue
            assert operation["security"] in ([{"token": ["referrals.read"]}], [{"token": ["referrals.write"]}])
            contents = [operation.get("requestBody", {}), *operation["responses"].values()]
            for content in (one for each in contents for one in each.get("content", {}).values() if "example" in one):
                seen += 1
                assert wrong(described, content["schema"]["$ref"].rpartition("/")[2], content["example"]) == []
    assert seen >= 8


def test_what_the_description_takes_as_a_draft_is_taken(owner: Program, described: dict[str, Any]) -> None:
    example = described["paths"][PATH]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert owner.post("", {**example, "programs": [str(owner.site.ids[0])]}, Idempotency_Key="one").status_code == 201
    assert wrong(described, "ReferralDraft", draft(owner.site)) == []


def test_P2_nothing_personal_lies_open_in_the_database_or_the_log(site: Site, owner: Program,
                                                                  caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    owner.post("", draft(site, code=NAME, hand_off={"note": NOTE}), Idempotency_Key="one")
    owner.make(identity={"name": NAME}, hand_off={"way": "call", "note": NOTE},
               consent={"what": ["reach", "identity"]})
    with closing(sqlite3.connect(site.database.engine.url.database or "")) as raw:
        dump = "\n".join(raw.iterdump())
    for word in (NAME, NOTE, owner.secret):
        assert word not in dump
        assert word not in caplog.text
