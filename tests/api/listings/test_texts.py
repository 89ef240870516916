from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from sqlalchemy import select

from finder.accounts.permissions import Role, Scope
from finder.api.listings.asked import MOST_BYTES
from finder.listings import by_program, changes, pauses, review, tags
from finder.listings.models import Proposal
from tests.api.listings.conftest import AWAY, HERE, Program, added, editor, steward
from tests.listings.database import NOW
from tests.make import make_session
from tests.web.account.letters import letters
from tests.web.site import Site, group

OLD_PHONE, NEW_PHONE = "919-555-0142", "919-555-0143"


def full(mail: str) -> dict[str, Any]:
    return group(1, description="A quiet circle.", contact={"phone": OLD_PHONE, "email": mail},
                 verified={"on": "2026-11-01", "method": "phone"}, source={"name": "The county"},
                 x={"their_code": "77"}, sessions=[make_session(location=HERE)], organization={"name": "River House"})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("texts")
    return Site(folder, [group(2, sessions=[make_session(location=AWAY)])], instance=folder)


@pytest.fixture(autouse=True)
def turned_back(site: Site) -> None:
    """A test may have moved the clock that all here share."""
    site.clock.at = NOW


@pytest.fixture
def mail() -> str:
    """The contact that stands in the listing."""
    return f"{uuid.uuid4().hex[:8]}@example.org"


@pytest.fixture
def key(site: Site, mail: str) -> str:
    """A listing of a test's own."""
    return added(site, full(mail))


@pytest.fixture
def sync(site: Site, key: str) -> Program:
    return editor(site, key)


def history(site: Site, key: str) -> list[changes.Entry]:
    with site.database.reading() as session:
        return changes.history(session, uuid.UUID(key))


# -- a whole text ----------------------------------------------------------------------------------------------------


def test_what_was_read_can_be_sent_back_and_changes_nothing(site: Site, key: str, sync: Program) -> None:
    read = sync.get(key)
    answer = sync.put(key, read["listing"])
    assert answer.status_code == 200
    assert answer.json["applied"] == []
    assert answer.json["waiting"] == []
    assert answer.json["version"] == read["version"]
    assert answer.json["listing"] == read["listing"]
    assert len(history(site, key)) == 1


def test_a_new_text_is_shown_at_once_and_says_what_is_different(site: Site, key: str, sync: Program) -> None:
    read = sync.get(key)
    answer = sync.put(key, {**read["listing"], "description": "Tea from six on.", "languages": ["en"]})
    assert answer.json["applied"] == ["description", "languages"]
    assert answer.headers["ETag"] == f'"{read["version"] + 1}"'
    shown = sync.client.get(f"/api/v1/programs/{key}").json["listing"]
    assert shown["description"] == "Tea from six on."
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_left_out_is_taken_away(key: str, sync: Program) -> None:
    listing = sync.get(key)["listing"]
    del listing["description"]
    assert sync.put(key, listing).json["applied"] == ["description"]
    assert "description" not in sync.get(key)["listing"]


def test_what_is_not_for_programs_to_say_may_be_left_out_and_stays(key: str, sync: Program) -> None:
    before = sync.get(key)["listing"]
    sent = {name: one for name, one in before.items() if name not in ("id", "verified", "source", "x")}
    answer = sync.put(key, {**sent, "description": "Tea."})
    assert answer.json["listing"] == {**before, "description": "Tea."}


@pytest.mark.parametrize(("field", "value"), [
    ("id", "another"), ("verified", {"on": "2026-11-24", "method": "operator"}), ("source", {"name": "Me"}),
    ("verified", None), ("source", None), ("x", {"their_code": "78"}), ("x", {}), ("x", {"their_code": "77", "y": 1})])
def test_A3_what_is_not_for_programs_to_say_is_refused_by_name(site: Site, key: str, sync: Program, field: str,
                                                              value: Any) -> None:
    before = sync.get(key)["listing"]
    answer = sync.put(key, {**before, "description": "Tea.", field: value})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]
    assert sync.get(key)["listing"] == before


@pytest.mark.parametrize("name", ["owner", "account_id", "state", "version", "slug", "kept_fields", "organization_id",
                                  "merged_into", "role", "grants", "crisis_lines", "feed_open", "origin"])
def test_A3_a_field_that_is_no_field_of_a_listing_is_refused(key: str, sync: Program, name: str) -> None:
    before = sync.get(key)["listing"]
    for answer in (sync.put(key, {**before, name: 1}), sync.patch(key, {name: None})):
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == [name]
    assert sync.get(key)["listing"] == before


def test_what_is_wrong_is_named_by_its_dotted_field(key: str, sync: Program) -> None:
    answer = sync.patch(key, {"contact": {"email": "no"}, "sessions": [{**make_session(), "start_time": "99:00"}]})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["sessions.0.start_time", "contact.email"]


def test_only_words_that_stewards_have_set_are_tags(site: Site, key: str, sync: Program) -> None:
    extras = sync.get(key)["listing"]["x"]
    assert list(sync.patch(key, {"x": {"tags": ["by_bus"]}}).json["errors"]) == ["x.tags"]
    with site.database.transaction() as session:
        tags.add(session, "by_bus", {"en": "On the bus line"}, ())
    assert sync.patch(key, {"x": {"tags": ["by_bus"]}}).json["applied"] == ["x"]
    assert sync.get(key)["listing"]["x"] == {**extras, "tags": ["by_bus"]}
    refused = sync.patch(key, {"x": None})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["x"])
    assert sync.patch(key, {"x": {"tags": None}}).json["listing"]["x"] == extras


# -- what waits ------------------------------------------------------------------------------------------------------


def test_Y4_what_leads_people_to_a_stranger_waits_and_the_rest_does_not(site: Site, key: str, mail: str,
                                                                       sync: Program) -> None:
    answer = sync.patch(key, {"description": "Tea.", "contact": {"phone": NEW_PHONE}})
    assert answer.json["applied"] == ["description"]
    (waits,) = answer.json["waiting"]
    assert (waits["fields"], waits["state"], waits["kind"]) == (["contact.phone"], "waiting", "edit")
    assert sync.client.get(f"/api/v1/programs/{key}").json["listing"]["contact"]["phone"] == OLD_PHONE
    assert sync.get(key)["waiting"] == [waits]
    assert [one["fields"] for one in letters(site, mail, "contact_change")] == [["contact.phone"]]


@pytest.mark.parametrize(("patch", "piece"), [
    ({"contact": {"email": "other@example.org"}}, "contact.email"),
    ({"contact": {"url": "https://elsewhere.example"}}, "contact.url"),
    ({"organization": {"name": "River House", "phone": NEW_PHONE}}, "organization.phone"),
    ({"description": "Call 919-555-0199."}, "description"),
    ({"name": "Call 919-555-0199"}, "name"),
    ({"sessions": [make_session(location=AWAY)]}, "sessions"),
    ({"sessions": [make_session(location=HERE, join_url="https://elsewhere.example/room")]}, "sessions"),
])
def test_Y4_no_way_of_saying_it_gets_around_a_second_person(key: str, sync: Program, patch: dict[str, Any],
                                                          piece: str) -> None:
    before = sync.get(key)["listing"]
    answer = sync.patch(key, patch)
    assert answer.status_code == 200
    assert [one["fields"] for one in answer.json["waiting"]] == [[piece]]
    assert sync.get(key)["listing"] == before


def test_the_same_said_every_night_is_sent_to_the_stewards_once(site: Site, key: str, mail: str,
                                                                sync: Program) -> None:
    wanted = {**sync.get(key)["listing"], "contact": {"phone": NEW_PHONE, "email": mail},
              "sessions": [make_session(location=AWAY, start_time="19:00")]}
    first, second = (sync.put(key, wanted) for _ in range(2))
    assert first.json["waiting"] == second.json["waiting"]
    assert second.json["applied"] == []
    assert second.json["version"] == first.json["version"]
    assert len(letters(site, mail, "contact_change")) == 1
    with site.database.reading() as session:
        assert len(session.scalars(select(Proposal).where(Proposal.program_id == uuid.UUID(key))).all()) == 1


def test_something_new_takes_the_place_of_what_waits(key: str, sync: Program) -> None:
    sync.patch(key, {"contact": {"phone": NEW_PHONE}})
    answer = sync.patch(key, {"contact": {"phone": "919-555-0150"}})
    (waits,) = answer.json["waiting"]
    assert sorted(one["state"] for one in sync.send("GET", "/sent").json["sent"]) == ["waiting", "withdrawn"]
    assert sync.send("GET", f"/sent/{waits['id']}").json["fields"] == ["contact.phone"]


def test_a_stewards_word_is_shown_at_once_also_where_it_waited(site: Site, key: str, sync: Program) -> None:
    keeper = steward(site)
    keeper.patch(key, {"description": "Tea."})
    answer = keeper.patch(key, {"contact": {"phone": NEW_PHONE}})
    assert answer.json["applied"] == ["contact.phone"]
    assert answer.json["waiting"] == []


def test_a_stewards_word_in_another_state_is_an_editors(site: Site) -> None:
    """An editor of a listing elsewhere who is a steward here."""
    key = str(site.ids[0])
    both = Program(site, (Role.STEWARD, Scope.STATE, "US:NC"), (Role.OPERATOR, Scope.PROGRAM, key))
    assert [one["fields"] for one in both.patch(key, {"contact": {"phone": NEW_PHONE}}).json["waiting"]] == [
        ["contact.phone"]]


def test_a_number_that_costs_the_caller_is_refused(key: str, sync: Program) -> None:
    answer = sync.patch(key, {"contact": {"phone": "900-555-0142"}})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["contact.phone"])


# -- a patch ---------------------------------------------------------------------------------------------------------


def test_a_patch_sets_what_it_names_and_takes_away_what_is_null(key: str, mail: str, sync: Program) -> None:
    answer = sync.patch(key, {"description": None, "contact": {"note": "Ring twice."}, "languages": ["es", "en"]})
    assert answer.json["applied"] == ["description", "languages", "contact.note"]
    listing = sync.get(key)["listing"]
    assert listing["contact"] == {"phone": OLD_PHONE, "email": mail, "note": "Ring twice."}
    assert "description" not in listing


def test_a_patch_may_come_under_the_name_of_its_standard(key: str, sync: Program) -> None:
    for kind, status in (("application/merge-patch+json", 200), ("application/json", 200), ("text/plain", 415),
                         ("application/json-patch+json", 415)):
        answer = sync.client.patch(f"/api/v1/listings/{key}", data=b'{"description": "Tea."}', content_type=kind,
                                   headers={**sync.headers, "If-Match": str(sync.get(key)["version"])})
        assert answer.status_code == status, kind
    assert sync.client.put(f"/api/v1/listings/{key}", data=b"{}", content_type="application/merge-patch+json",
                           headers={**sync.headers, "If-Match": "1"}).status_code == 415


@pytest.mark.parametrize("name", ["id", "format", "verified", "source"])
def test_A3_a_patch_does_not_name_what_is_not_for_programs_to_say(key: str, sync: Program, name: str) -> None:
    for value in (None, sync.get(key)["listing"][name]):
        answer = sync.patch(key, {name: value})
        assert (answer.status_code, list(answer.json["errors"])) == (422, [name])


def test_a_word_on_places_is_of_today_unless_it_says_another_day(key: str, sync: Program) -> None:
    today = NOW.date().isoformat()
    sync.patch(key, {"capacity": {"status": "open"}})
    assert sync.get(key)["listing"]["capacity"] == {"status": "open", "as_of": today}
    sync.patch(key, {"capacity": {"status": "full", "as_of": "2026-11-20"}})
    assert sync.get(key)["listing"]["capacity"] == {"status": "full", "as_of": "2026-11-20"}
    assert sync.patch(key, {"capacity": None}).json["applied"] == ["capacity"]


def test_a_word_on_places_never_holds_longer_than_its_day(key: str, sync: Program) -> None:
    """It is noon in London, so that somewhere it is tomorrow already."""
    for day, status in (("2026-11-25", 200), ("2026-11-26", 422), ("2199-01-01", 422)):
        answer = sync.patch(key, {"capacity": {"status": "open", "as_of": day}})
        assert answer.status_code == status
        assert status == 200 or list(answer.json["errors"]) == ["capacity.as_of"]


def test_an_empty_patch_changes_nothing(site: Site, key: str, sync: Program) -> None:
    assert sync.patch(key, {}).json["applied"] == []
    assert len(history(site, key)) == 1


@pytest.mark.parametrize("value", [{"description": {"a": 1}}, {"sessions": {"0": {}}}, {"name": None},
                                   {"contact": [1]}, {"contact": {"phone": {"x": None}}}, {"cost": {"free": "yes"}}])
def test_a_patch_that_makes_no_listing_is_refused(key: str, sync: Program, value: dict[str, Any]) -> None:
    before = sync.get(key)["listing"]
    assert sync.patch(key, value).status_code == 422
    assert sync.get(key)["listing"] == before


# -- who was first ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path", "body"), [
    ("PUT", "", {}), ("PATCH", "", {}), ("DELETE", "", None), ("POST", "/pause", {"back_on": "2026-12-24"}),
    ("POST", "/resume", None), ("POST", "/verify", {}), ("POST", "/undelete", None)])
@pytest.mark.parametrize("sent", [None, "", "*", '"x"', 'W/"1"', '"1", "2"', "1" * 10, "-1"])
def test_C1_a_change_says_which_version_it_was_made_from(key: str, sync: Program, method: str, path: str, body: Any,
                                                       sent: str | None) -> None:
    headers = {} if sent is None else {"If-Match": sent}
    answer = sync.client.open(f"/api/v1/listings/{key}{path}", method=method, json=body,
                              headers={**sync.headers, **headers})
    assert (answer.status_code, answer.json["code"]) == (428, "version_needed")


def test_C1_an_older_version_is_refused_and_the_present_one_named(key: str, sync: Program) -> None:
    first = sync.get(key)["version"]
    sync.patch(key, {"description": "Tea."})
    for answer in (sync.patch(key, {"description": "Milk."}, first), sync.put(key, {"format": "?"}, first),
                   sync.send("DELETE", f"/{key}", If_Match=first),
                   sync.deed(key, "pause", {"back_on": "2026-12-24"}, first),
                   sync.deed(key, "resume", None, first), sync.deed(key, "verify", {}, first)):
        assert (answer.status_code, answer.json["code"]) == (409, "stale")
        assert answer.headers["ETag"] == f'"{first + 1}"'
    assert sync.get(key)["listing"]["description"] == "Tea."


def test_C1_of_many_at_once_with_one_version_one_wins(key: str, sync: Program) -> None:
    version, codes = sync.get(key)["version"], []

    def say(number: int) -> None:
        codes.append(sync.patch(key, {"description": f"Tea at {number}."}, version).status_code)

    threads = [threading.Thread(target=say, args=(number,)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(codes) == [200, 409, 409, 409, 409, 409]
    assert sync.get(key)["version"] == version + 1


# -- down and back ---------------------------------------------------------------------------------------------------


def test_a_listing_is_taken_down_and_brought_back(key: str, sync: Program) -> None:
    before = sync.get(key)["listing"]
    gone = sync.send("DELETE", f"/{key}", If_Match=sync.get(key)["version"])
    assert (gone.status_code, gone.json["state"]) == (200, "deleted")
    assert sync.client.get(f"/api/v1/programs/{key}").status_code == 410
    assert sync.get(key)["state"] == "deleted"
    assert sync.deed(key, "undelete").json["state"] == "published"
    assert sync.get(key)["listing"] == before
    again = sync.deed(key, "undelete")
    assert (again.status_code, again.json["code"]) == (409, "not_deleted")


# -- history, how often, and odd bodies ------------------------------------------------------------------------------


def test_history_names_the_program_beside_its_person(site: Site, key: str, sync: Program) -> None:
    sync.patch(key, {"description": "Tea."})
    sync.deed(key, "verify", {})
    assert [one.actor for one in history(site, key)[:2]] == [f"operator:{sync.account} by program Night sync",
                                                             f"editor:{sync.account} by program Night sync"]
    assert {one.account_id for one in history(site, key)[:2]} == {sync.account}


def test_L1_programs_of_one_account_make_sixty_changes_an_hour(site: Site, key: str, sync: Program) -> None:
    colleague = editor(site, key)
    for number in range(by_program.WRITES.most):
        assert sync.patch(key, {"description": f"Cups: {number}."}).status_code == 200
    assert sync.patch(key, {"description": f"Cups: {number}."}).status_code == 200  # says nothing new
    refused = sync.patch(key, {"description": "One more."})
    assert (refused.status_code, refused.json["code"]) == (429, "too_often")
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert sync.get(key)["listing"]["description"] == f"Cups: {number}."
    assert colleague.patch(key, {"description": "Tea."}).status_code == 200
    site.wait(3600)
    assert sync.patch(key, {"description": "One more."}).status_code == 200


def test_L1_what_waits_counts_too(site: Site, key: str, sync: Program) -> None:
    for number in range(by_program.WRITES.most):
        assert sync.patch(key, {"contact": {"phone": f"919-555-{number:04}"}}).status_code == 200
    assert sync.patch(key, {"contact": {"phone": NEW_PHONE}}).status_code == 429


@pytest.mark.parametrize(("body", "status", "code"), [
    (b"", 400, "bad_json"), (b"{", 400, "bad_json"), (b"[]", 422, "invalid"), (b"null", 422, "invalid"),
    (b'{"name": "a", "name": "b"}', 400, "bad_json"), (b"[" * 10_000, 400, "bad_json"), (b"\xff", 400, "bad_json"),
    (b'{"name": "\\ud800"}', 422, "invalid"), (b'{"name": "a\\u0000"}', 422, "invalid"),
    (b'{"cost": {"free": false, "amount": 1e999}}', 422, "invalid"),
    (b'{"cost": {"free": false, "amount": NaN}}', 422, "invalid"),
    (b'{"severity": {"min": 100000000000000000000000, "max": 1}}', 422, "invalid"),
    (b" " * (MOST_BYTES + 1), 413, "body_too_large")],
    ids=["empty", "cut", "list", "null", "twice", "deep", "latin", "surrogate", "nul", "endless", "nan", "huge int",
         "long"])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_odd_body_is_a_clear_refusal(key: str, sync: Program, method: str, body: bytes, status: int,
                                        code: str) -> None:
    answer = sync.client.open(f"/api/v1/listings/{key}", method=method, data=body, content_type="application/json",
                              headers={**sync.headers, "If-Match": "1"})
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_listing_that_no_longer_pauses_forgets_its_day(site: Site, key: str, sync: Program) -> None:
    sync.deed(key, "pause", {"back_on": "2026-12-24"})
    sync.patch(key, {"status": None})
    with site.database.reading() as session:
        assert pauses.back_on(session, uuid.UUID(key)) is None


def test_what_a_steward_decided_is_told(site: Site, key: str, sync: Program) -> None:
    (waits,) = sync.patch(key, {"contact": {"phone": NEW_PHONE, "url": "https://river.example"}}).json["waiting"]
    with site.database.transaction() as session:
        review.decide(session, uuid.UUID(waits["id"]), {"contact.phone": "accept", "contact.url": "reject"},
                      author=changes.Author("steward:99"), now=site.clock(), reason="We do not know that page.")
    told = sync.send("GET", f"/sent/{waits['id']}").json
    assert (told["state"], told["fields"], told["reason"]) == ("partly", [], "We do not know that page.")
    assert told["choices"] == {"contact.phone": "accept", "contact.url": "reject"}
    assert sync.get(key)["waiting"] == []
