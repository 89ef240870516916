from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.accounts import people
from finder.accounts.permissions import Role, Scope
from finder.db import Database
from finder.errors import Invalid, NotFound
from finder.intake.document import PATHS
from finder.outbox import Message
from finder.places import gazetteer
from finder.search import intake_schema
from finder.teams import searches
from finder.teams.models import SavedSearch, Team
from finder.vocabulary import vocabulary
from tests.listings.database import NOW, make_database
from tests.referrals.samples import join, make_team

WORLD: dict[str, Any] = {"gazetteer": gazetteer.load(), "vocabulary": vocabulary()}
MARK = "canary"
# Everything that an intake can hold, with what tells of a person marked where it is text.
FULL: dict[str, Any] = {
    "format": "finder-intake/1", "asked_by": "provider", "attending_as": "person", "age": 34, "gender": "woman",
    "needs": ["anxiety"], "needs_text": f"drinking too much, {MARK}", "phq4": [3, 3, 2, 1], "impact": 4,
    "substance": {"loss_of_control": 3, "consequences": 2}, "stated_level": 1,
    "scores": {"phq9": 21, "phq9_item9": 3, "gad7": 17, "k6": 20, "audit_c": 11, "dast10": 9, "pc_ptsd5": 5},
    "safety": "active", "urgent": ["withdrawal"], "goal": "moderation", "recently_using": True,
    "takes_recovery_medication": True, "near": {"text": "durham nc"}, "radius_miles": 25, "travel": "transit",
    "formats": ["in_person", "online_video"], "formats_required": ["in_person"], "times": ["evening"],
    "times_required": True, "languages": ["es"], "identities": ["veterans"], "not_identities": ["students"],
    "identity_preference": "prefer", "women_only": True, "cost": {"kind": "up_to", "amount": 20},
    "insurance": ["medicaid"], "access": ["step_free"], "access_required": ["step_free"], "led_by": "peer",
    "avoid": ["faith_recovery"], "one_to_one_preferred": True, "start_soon": True, "emphasis": {"cost": 2},
}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return make_database(tmp_path)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as found:
        yield found


def general(intake: dict[str, Any], level: int | None = 4) -> dict[str, Any]:
    return searches.general(intake_schema.load({"format": "finder-intake/1", **intake}), level=level, **WORLD)


def keep(session: Session, team: Team, account: int, name: str = "Evenings", fits: tuple[str, ...] = (),
         intake: dict[str, Any] | None = None) -> SavedSearch:
    return searches.keep(session, team.id, account, name, intake or general(FULL), fits=fits, now=NOW, **WORLD)


def test_the_sample_holds_every_part_that_an_intake_can_have() -> None:
    assert {path.partition(".")[0] for path in PATHS} | {"format", "emphasis"} == set(FULL)
    assert intake_schema.load(FULL) == FULL


def test_only_what_the_list_of_parts_names_can_be_kept(session: Session) -> None:
    team, (account,) = make_team(session)
    kept = keep(session, team, account, intake=FULL).intake
    assert set(kept) <= set(searches.KEPT)
    assert set(FULL) - set(kept) == {
        "format", "asked_by", "gender", "needs_text", "phq4", "impact", "substance", "scores", "safety", "urgent",
        "goal", "recently_using", "takes_recovery_medication", "identities", "not_identities", "identity_preference",
        "one_to_one_preferred", "start_soon"}
    assert MARK not in orjson.dumps(kept).decode()


def test_what_is_kept_is_a_search_of_the_same_wishes() -> None:
    kept = general(FULL)
    assert kept["needs"] == ["anxiety", "alcohol"]
    assert kept["near"] == {"text": "Durham, NC"}
    assert kept["stated_level"] == 4
    assert {name: kept[name] for name in ("formats_required", "times_required", "cost", "avoid", "emphasis")} == {
        name: FULL[name] for name in ("formats_required", "times_required", "cost", "avoid", "emphasis")}
    assert intake_schema.load({"format": "finder-intake/1", **kept})


def test_what_was_made_general_stays_as_it_is() -> None:
    kept = general(FULL)
    assert searches.general(kept, level=kept["stated_level"], **WORLD) == kept


@pytest.mark.parametrize(("age", "stands"), [(0, 15), (17, 15), (18, 21), (25, 21), (26, 40), (59, 40), (60, 70),
                                             (120, 70)])
def test_an_age_is_kept_as_its_group(age: int, stands: int) -> None:
    assert general({"age": age, "needs": ["grief"]})["age"] == stands


@pytest.mark.parametrize(("near", "kept"), [
    ({"text": "27701"}, {"text": "Durham, NC 27701"}),
    ({"text": "14 Elm Street, Durham NC 27701"}, {"text": "Durham, NC 27701"}),
    ({"text": "Springfield"}, {"text": "Springfield"}),
    ({"text": f"{MARK} lives here"}, None),
    ({"latitude": 35.99401, "longitude": -78.89862}, {"latitude": 35.99, "longitude": -78.9}),
], ids=["zip", "street", "several", "no place", "point"])
def test_a_place_is_kept_as_coarse_as_it_can_be(near: dict[str, Any], kept: dict[str, Any] | None) -> None:
    assert general({"needs": ["grief"], "near": near}).get("near") == kept


def test_a_name_is_needed_and_belongs_to_one_search_of_a_team(session: Session) -> None:
    team, (account,) = make_team(session)
    other, (stranger,) = make_team(session, "Other")
    found = keep(session, team, account, "  Teens,   evenings ")
    assert found.name == "Teens, evenings"
    keep(session, other, stranger, "Teens, evenings")
    for name, code in (("teens, EVENINGS", "name_taken"), ("", "required"), (" ", "required"), ("x" * 101, "too_long"),
                       ("a\x00b", "bad_text"), ("www.example.org", "has_link"), ("x HTTPS://a.b", "has_link")):
        with pytest.raises(Invalid) as wrong:
            keep(session, team, account, name)
        assert wrong.value.errors["name"][0].code == code, name
    searches.rename(session, found, "TEENS, evenings")
    assert found.name == "TEENS, evenings"


def test_a_team_keeps_fifty_searches_at_most(session: Session) -> None:
    team, (account,) = make_team(session)
    for number in range(searches.MOST):
        keep(session, team, account, f"Search {number}")
    with pytest.raises(Invalid) as wrong:
        keep(session, team, account, "One more")
    assert wrong.value.errors[""][0].code == "too_many_searches"
    searches.drop(session, searches.of_team(session, team.id)[0])
    keep(session, team, account, "One more")


def test_a_search_is_found_by_its_id_only(session: Session) -> None:
    team, (account,) = make_team(session)
    found = keep(session, team, account)
    assert searches.find(session, str(found.id)) is found
    for key in ("", "nothing", "0" * 32):
        with pytest.raises(NotFound):
            searches.find(session, key)


def told(session: Session, account: int, fits: list[str], days: int = 0) -> bool:
    found = searches.with_letters(session).get(account, [])
    return searches.tell(session, account, {one.key: fits for one in found}, now=NOW + timedelta(days))


def letters(session: Session) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.kind == "new_groups").order_by(Message.id)))


def test_who_keeps_a_search_is_told_once_of_what_is_new(session: Session) -> None:
    team, (account,) = make_team(session)
    found = keep(session, team, account, fits=("a", "b"))
    assert not told(session, account, ["a", "b"])
    assert told(session, account, ["a", "b", "c"])
    assert not told(session, account, ["a", "b", "c"], days=1)
    assert searches.unseen(found, ["a", "b", "c"]) == ["c"]
    (letter,) = letters(session)
    assert letter.facts == {"count": 1, "searches": 1}


def test_a_listing_that_was_gone_for_a_while_is_not_new(session: Session) -> None:
    team, (account,) = make_team(session)
    found = keep(session, team, account, fits=("a", "b"))
    assert told(session, account, ["b", "c"])
    assert not told(session, account, ["b"], days=1)
    assert not told(session, account, ["a", "b", "c"], days=2)
    searches.looked(session, found, ["b"], now=NOW)
    assert searches.unseen(found, ["a", "b", "c"]) == []


def test_there_is_one_letter_a_day_for_all_searches_and_nothing_is_lost(session: Session) -> None:
    team, (account,) = make_team(session)
    keep(session, team, account, "One", fits=("a",))
    keep(session, team, account, "Two", fits=("a",))
    assert told(session, account, ["a", "b"])
    assert not told(session, account, ["a", "b", "c"])
    assert told(session, account, ["a", "b", "c"], days=1)
    assert [one.facts for one in letters(session)] == [{"count": 1, "searches": 2}, {"count": 1, "searches": 2}]


def test_nobody_is_told_who_has_turned_letters_off_or_left_the_team(session: Session) -> None:
    team, (joy, sam) = make_team(session, "Clinic", "joy@example.org", "sam@example.org")
    found = keep(session, team, joy)
    assert set(searches.with_letters(session)) == {joy}
    searches.set_letters(session, found, None)
    assert searches.with_letters(session) == {}
    searches.set_letters(session, found, sam)
    assert set(searches.with_letters(session)) == {sam}
    people.take(session, sam, Role.PROVIDER, scope=Scope.TEAM, value=str(team.id))
    assert searches.with_letters(session) == {}
    join(session, team, "sam@example.org")
    team.state = "ended"
    session.flush()
    assert searches.with_letters(session) == {}
