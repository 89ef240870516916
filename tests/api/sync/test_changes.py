import base64
import sqlite3
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from finder.api.sync.shapes import EXAMPLE
from finder.catalog.models import Program
from finder.exchange.changes import read, written
from finder.listings import changes
from tests.api.sync.instances import BY, PATH, Instance, group
from tests.contracts.test_openapi import run_cases
from tests.listings.database import NOW


class Asked(Instance):
    """An instance whose changes are asked for."""

    def ask(self, status=200, headers=None, **query):
        answer = self.client.get(PATH, query_string=query, headers=headers)
        assert answer.status_code == status, answer.text
        return answer

    @property
    def client(self):
        self.open()
        return self.app.test_client()

    def walk(self, after=None, limit=500):
        """All pages from a place on."""
        pages = []
        while True:
            pages.append(self.ask(limit=limit, **({"after": after} if after else {})).json)
            after = pages[-1]["next"]
            if not pages[-1]["more"]:
                return pages


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """One that nobody changes."""
    quiet = Asked(tmp_path_factory.mktemp("quiet"))
    quiet.take(group(1))
    return quiet


def told(pages):
    """What became of each listing, in the order it was told."""
    return [(one["listing"]["id"] if one["state"] == "published" else one["slug"], one["state"])
            for page in pages for one in page["changes"]]


@pytest.fixture
def one(tmp_path):
    return Asked(tmp_path / "one")


def test_all_that_is_published_is_told_in_whole_documents(one):
    one.take(group(1, sessions=[{"format": "online_video", "join_url": "https://example.org/room"}]), group(2))
    page = one.ask().json
    assert page["instance"] == {"id": page["changes"][0]["origin"]["instance"], "name": "one", "license": None,
                                "address": "https://one.example", "demonstration": False}
    first = next(change for change in page["changes"] if change["listing"]["id"] == "g1")
    program = one.program("g1")
    assert (first["id"], first["slug"], first["state"]) == (str(program.id), program.slug, "published")
    assert first["listing"] == program.document
    assert first["origin"] == {"instance": page["instance"]["id"], "id": str(program.id),
                               "address": f"https://one.example/programs/{program.slug}"}
    assert (len(page["changes"]), page["more"], page["complete"]) == (2, False, True)


def test_P9_a_hidden_place_keeps_its_address_to_itself(one):
    place = {"city": "Durham", "state": "NC", "address_1": "12 Canary Lane", "latitude": 35.99, "longitude": -78.9}
    one.take(group(1, sessions=[{"format": "in_person", "location": {**place, "hidden": True}}]))
    assert "Durham" in (said := one.ask().text)
    assert "Canary" not in said
    assert "35.99" not in said


def test_an_empty_catalog_gives_a_place_to_ask_from_later(one):
    page = one.ask().json
    assert (page["changes"], page["more"], page["complete"]) == ([], False, True)
    one.take(group(1))
    later = one.ask(after=page["next"]).json
    assert told([later]) == [("g1", "published")]
    assert later["complete"] is False


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_pages_follow_one_another_in_one_order(one, limit):
    one.take(*(group(number) for number in range(6)))
    one.take(*(group(number, name="New") for number in range(3)), *(group(number) for number in range(3, 6)))
    pages = one.walk(limit=limit)
    assert all(len(page["changes"]) <= limit for page in pages)
    assert all(page["complete"] for page in pages)
    assert told(pages) == told(one.walk())
    assert sorted(told(pages)) == [(f"g{number}", "published") for number in range(6)]
    assert {key for key, _ in told(pages)[3:]} == {"g0", "g1", "g2"}  # those that changed last come last


def test_whoever_has_read_to_the_end_is_told_only_what_changed_since(one):
    one.take(group(1), group(2), group(3))
    end = one.walk()[-1]["next"]
    assert told(one.walk(end)) == []
    one.change("g2", document=group(2, name="New"))
    assert told(one.walk(end)) == [("g2", "published")]


def test_a_listing_that_changes_during_a_walk_is_met_at_its_end(one):
    one.take(*(group(number) for number in range(4)))
    first = one.ask(limit=2).json
    moved = first["changes"][0]["listing"]["id"]
    one.change(moved, document={**group(0, name="New"), "id": moved})
    rest = one.walk(first["next"], limit=2)
    assert [key for key, _ in told(rest)][-1] == moved
    assert len(told([first])) + len(told(rest)) == 5


def test_a_listing_that_goes_during_a_walk_is_told_as_gone(one):
    one.take(*(group(number) for number in range(4)))
    first = one.ask(limit=2).json
    there = one.program(first["changes"][0]["listing"]["id"])
    one.change(there.document["id"], state="withheld")
    assert told(one.walk(first["next"]))[-1] == (there.slug, "gone")


@pytest.mark.parametrize("state", ["withheld", "deleted", "gone"])
def test_what_was_published_and_is_not_any_more_is_told_as_gone(one, state):
    one.take(group(1), group(2))
    end, there = one.walk()[-1]["next"], one.program("g1")
    one.change("g1", state=state)
    (change,) = one.ask(after=end).json["changes"]
    assert change == {"id": str(there.id), "slug": there.slug, "state": "gone", "into": None,
                      "changed_at": "2026-11-24T12:00:00Z", "origin": change["origin"]}
    assert change["origin"]["id"] == str(there.id)


@pytest.mark.parametrize("state", ["withheld", "deleted"])
def test_what_was_never_shown_is_never_told_of(one, state):
    one.take(group(1), publish=False)
    with one.database.transaction() as session:
        there = changes.find(session, one_withheld(session))
        if state != "withheld":
            changes.change(session, there.id, base=there.version, author=BY, now=NOW, state=state)
    one.take(group(2), source="Another")
    assert told(one.walk()) == [("g2", "published")]
    assert there.slug not in one.ask().text


def one_withheld(session):
    return session.execute(select(Program.id)).scalar_one()


def test_a_listing_that_is_brought_back_is_published_again(one):
    one.take(group(1))
    there = one.program("g1")
    one.change("g1", state="gone")
    end = one.walk()[-1]["next"]
    with one.database.transaction() as session:
        changes.change(session, there.id, base=there.version + 1, author=BY, now=NOW, state="published")
    assert told(one.walk(end)) == [("g1", "published")]


def test_a_merged_listing_names_the_one_that_stays(one):
    one.take(group(1), group(2))
    end, gone, stays = one.walk()[-1]["next"], one.program("g1"), one.program("g2")
    one.merge("g1", "g2")
    change = next(change for change in one.ask(after=end).json["changes"] if change["state"] == "gone")
    instance = one.ask().json["instance"]["id"]
    assert change["id"] == str(gone.id)
    assert change["into"] == {"id": str(stays.id), "slug": stays.slug,
                              "origin": {"instance": instance, "id": str(stays.id)}}


def test_rows_of_a_transaction_that_raised_no_version_wait_for_the_next(one):
    one.take(group(1))
    end = one.walk()[-1]["next"]
    one.take(group(5), publish=False, source="Hidden")  # a version that no reader has to hear of
    assert told(one.walk(end)) == []
    end = one.walk(end)[-1]["next"]
    one.change("g1", document=group(1, name="New"))
    assert told(one.walk(end)) == [("g1", "published")]


# -- places in the list ----------------------------------------------------------------------------------------------


def refused(answer):
    assert answer.json["code"] == "cursor_unknown"
    assert "Start again" in answer.json["errors"]["after"][0]
    return True


@pytest.mark.parametrize("cursor", ["x", "A" * 78, "A" * 200, base64.urlsafe_b64encode(bytes(58)).decode().rstrip("=")])
def test_a_place_that_is_none_means_start_over(quiet, cursor):
    assert refused(quiet.ask(410, after=cursor))


def test_the_place_of_another_instance_means_start_over(one, tmp_path):
    other = Asked(tmp_path / "other", "other", 1)
    for instance in (one, other):
        instance.take(group(1))
    assert refused(one.ask(410, after=other.walk()[-1]["next"]))


def copied(instance, to):
    """A copy of its database, as a backup makes one."""
    with sqlite3.connect(instance.folder / "finder.db") as there, sqlite3.connect(to) as copy:
        there.backup(copy)


@pytest.mark.sqlite  # it puts a file back
@pytest.mark.parametrize("made_since", [0, 1, 4])
def test_a_place_of_before_a_backup_was_put_back_means_start_over(one, tmp_path, made_since):
    one.take(group(1), group(2))
    before = one.walk()[-1]["next"]
    copied(one, tmp_path / "backup.db")
    for number in range(2):
        one.change("g1", document=group(1, name=f"Lost {number}"))
    lost = one.walk()[-1]["next"]
    one.database.close()
    with sqlite3.connect(tmp_path / "backup.db") as there, sqlite3.connect(one.folder / "finder.db") as copy:
        there.backup(copy)
    for number in range(made_since):
        one.now += timedelta(minutes=1)
        one.change("g2", document=group(2, name=f"Later {number}"))
    assert refused(one.ask(410, after=lost))
    one.ask(after=before)


def test_an_instance_without_any_listing_yet_knows_its_own_places(one):
    end = one.ask().json["next"]
    one.take(group(1))
    assert told(one.walk(end)) == [("g1", "published")]


# -- other questions -------------------------------------------------------------------------------------------------


def test_only_what_changed_after_an_instant_is_told(one):
    one.take(group(1), group(2))
    one.now += timedelta(hours=1)
    one.change("g2", document=group(2, name="New"))
    page = one.ask(modified_after="2026-11-24T12:30:00Z").json
    assert (told([page]), page["complete"]) == ([("g2", "published")], False)
    assert told([one.ask(modified_after="2026-11-24T13:00:00+00:00").json]) == []
    assert len(told([one.ask(modified_after="2026-11-24T11:59:59.5Z").json])) == 2
    assert told([one.ask(modified_after="2026-11-24T12:30:00Z", after=one.walk()[-1]["next"]).json]) == []
    assert told([one.ask(modified_after="2020-01-01T00:00:00Z", after=page["next"]).json]) == []


@pytest.mark.parametrize(("query", "field"), [
    ("after=", "after"), ("after=a%20b", "after"), ("after=" + "a" * 201, "after"), ("after=a&after=b", "after"),
    ("modified_after=yesterday", "modified_after"), ("modified_after=2026-11-24", "modified_after"),
    ("modified_after=2026-11-24T12:00:00", "modified_after"), ("modified_after=2026-13-24T12:00:00Z", "modified_after"),
    ("modified_after=0001-01-01T00:00:00%2B14:00", "modified_after"),
    ("modified_after=9999-12-31T23:59:59-23:59", "modified_after"),
    ("limit=0", "limit"), ("limit=501", "limit"), ("limit=-1", "limit"), ("limit=1e2", "limit"),
    ("limit=" + "9" * 40, "limit"), ("limit=٣", "limit"), ("since=1", "since"), ("limit=1&limit=2", "limit")])
def test_a_wrong_parameter_is_named(quiet, query, field):
    answer = quiet.client.get(f"{PATH}?{query}")
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


def test_nothing_is_sent_to_who_has_read_to_the_end(one):
    one.take(group(1))
    end = one.walk()[-1]["next"]
    first = one.ask(after=end)
    known = {"If-None-Match": first.headers["ETag"]}
    again = one.ask(304, headers=known, after=end)
    assert again.data == b""
    assert (again.headers["ETag"], again.headers["Cache-Control"]) == (first.headers["ETag"], "no-cache")
    one.change("g1", document=group(1, name="New"))
    assert told([one.ask(headers=known, after=end).json]) == [("g1", "published")]


def test_the_name_of_one_answer_is_not_that_of_another(one):
    one.take(group(1), group(2))
    first = one.ask(limit=1)
    end = one.walk()[-1]["next"]
    tags = [first.headers["ETag"], one.ask(limit=2).headers["ETag"], one.ask(after=first.json["next"]).headers["ETag"],
            one.ask(after=end).headers["ETag"], one.ask(modified_after="2026-01-01T00:00:00Z").headers["ETag"]]
    assert len(set(tags)) == 5
    one.ask(304, headers={"If-None-Match": tags[0]}, limit=1)
    one.ask(200, headers={"If-None-Match": tags[3]}, after=first.json["next"])


def test_pages_of_other_sites_may_read_it(one):
    assert one.ask().headers["Access-Control-Allow-Origin"] == "*"
    assert one.ask(410, after="x").headers["Access-Control-Allow-Origin"] == "*"
    assert one.client.head(PATH).status_code == 200


def test_an_instance_without_a_public_address_names_none(tmp_path):
    one = Asked(tmp_path / "one", base_url="", data_license="CC0-1.0")
    one.take(group(1))
    page = one.ask(headers={"Host": "evil.example"}).json
    assert (page["instance"]["address"], page["instance"]["license"]) == (None, "CC0-1.0")
    assert "address" not in page["changes"][0]["origin"]
    assert "evil" not in str(page)


def test_made_up_listings_are_said_to_be_made_up(one):
    one.take(group(1), source="Demonstration", demonstration=True)
    assert one.ask().json["instance"]["demonstration"] is True


def test_what_is_given_out_is_what_another_instance_reads(one):
    one.take(group(1), group(2), group(3))
    one.merge("g1", "g2")
    one.change("g3", state="gone")
    answer = one.ask().json
    page = read(answer)
    assert [one.state for one in page.changes] == [one["state"] for one in answer["changes"]]
    assert [str(one.id) for one in page.changes] == [one["id"] for one in answer["changes"]]
    assert (str(page.keeper.id), page.next) == (answer["instance"]["id"], answer["next"])


def test_the_example_of_the_description_is_a_page(quiet):
    assert written(read(EXAMPLE)) == EXAMPLE
    described = quiet.client.get("/openapi.json").json["paths"][PATH]["get"]
    assert described["responses"]["200"]["content"]["application/json"]["example"] == EXAMPLE


def test_other_sites_may_ask_whether_they_may(quiet):
    answer = quiet.client.options(PATH, headers={"Origin": "https://x.example", "Access-Control-Request-Method": "GET",
                                                 "Access-Control-Request-Headers": "if-none-match"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]


def test_generated_requests_get_described_answers(one):
    one.take(*(group(number) for number in range(5)))
    one.change("g3", state="gone")
    assert run_cases(one.app, 12, only=PATH) > 20


# -- one program by its id -------------------------------------------------------------------------------------------


def test_a_merged_program_leads_to_the_one_that_stays(one):
    one.take(group(1), group(2))
    gone, stays = one.program("g1"), one.program("g2")
    one.merge("g1", "g2")
    for key in (gone.id, gone.slug):
        answer = one.client.get(f"/api/v1/programs/{key}")
        assert (answer.status_code, answer.headers["Location"]) == (308, f"/api/v1/programs/{stays.slug}")
    assert one.client.get(f"/api/v1/programs/{gone.id}", follow_redirects=True).json["id"] == str(stays.id)


def test_a_program_that_is_gone_is_told_from_one_that_never_was(one):
    one.take(group(1), group(2))
    there = one.program("g1")
    one.change("g1", state="gone")
    for key in (there.id, there.slug):
        answer = one.client.get(f"/api/v1/programs/{key}")
        assert (answer.status_code, answer.json["code"]) == (410, "gone")
    assert one.client.get(f"/api/v1/programs/{uuid.uuid4()}").status_code == 404


def test_a_program_that_was_never_shown_does_not_exist(one):
    one.take(group(1), publish=False)
    with one.database.reading() as session:
        there = changes.find(session, one_withheld(session))
    assert one.client.get(f"/api/v1/programs/{there.id}").status_code == 404


def test_a_merged_program_whose_other_one_is_gone_is_gone_too(one):
    one.take(group(1), group(2))
    gone = one.program("g1")
    one.merge("g1", "g2")
    one.change("g2", state="gone")
    assert one.client.get(f"/api/v1/programs/{gone.id}").status_code == 410
