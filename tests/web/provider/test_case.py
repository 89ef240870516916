from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Request, Response
from werkzeug.test import EnvironBuilder

from finder.errors import Invalid
from finder.intake import severity
from finder.web.provider import case
from finder.web.provider.case import Case, CaseCookie
from tests.listings.database import NOW

ME = 7
FULL = Case("K7-41", 3, "judgment", "Seems worse", ("5f0c8a1e-0d4b-4f0e-9a3b-0d1f2a3b4c5d",))


def intake(**more: Any) -> dict[str, Any]:
    return {"format": "finder-intake/1", "asked_by": "provider", "needs": ["depression"], **more}


def sealed(cookie: CaseCookie, held: Case = FULL) -> str:
    response = Response()
    cookie.seal(response, held, ME, NOW)
    return response.headers["Set-Cookie"]


def browser(cookie: CaseCookie, value: str) -> Request:
    return Request(EnvironBuilder(headers={"Cookie": f"{cookie.name}={value}"}).get_environ())


@pytest.fixture
def cookie() -> CaseCookie:
    return CaseCookie(Fernet.generate_key(), secure=True)


def test_the_cookie_gives_back_what_was_sealed_and_shows_none_of_it(cookie: CaseCookie) -> None:
    sent = sealed(cookie)
    value = sent.split(";")[0].partition("=")[2]
    assert cookie.open(browser(cookie, value), ME, NOW) == FULL
    assert "K7-41" not in sent
    assert {"Secure", "HttpOnly", "SameSite=Strict"} <= set(sent.split("; "))
    assert sent.startswith("__Host-case=")


@pytest.mark.parametrize(("account", "later", "damage"), [
    (ME + 1, timedelta(0), ""), (ME, timedelta(minutes=31), ""), (ME, timedelta(0), "x"),
], ids=["another account", "too old", "damaged"])
def test_a_cookie_that_is_not_good_is_an_empty_case(cookie: CaseCookie, account: int, later: timedelta,
                                                    damage: str) -> None:
    value = damage + sealed(cookie).split(";")[0].partition("=")[2]
    assert cookie.open(browser(cookie, value), account, NOW + later) == Case()


def test_a_cookie_sealed_for_something_else_is_an_empty_case() -> None:
    key = Fernet.generate_key()
    cookie = CaseCookie(key, secure=False)
    for plain in (b"{}", b"[1]", b'{"account": 7, "name": "Ana"}', b"no"):
        value = Fernet(key).encrypt_at_time(plain, int(NOW.timestamp())).decode()
        assert cookie.open(browser(cookie, value), ME, NOW) == Case()


def test_without_a_level_of_their_own_the_answers_are_what_the_list_goes_by() -> None:
    said = intake(scores={"phq9": 14, "phq9_item9": 0})
    level = case.level_of(said, Case())
    assert (level.suggested, level.sources, level.level, level.is_own) == (2, ("phq9",), 2, False)
    assert case.searched(said, Case()) == case.carried(said, Case()) == said


def test_a_higher_level_stands_beside_the_totals_wherever_the_answers_go() -> None:
    said = intake(scores={"phq9": 14, "phq9_item9": 0})
    held = Case(level=4, reason="judgment")
    assert case.level_of(said, held).level == 4
    assert case.carried(said, held) == case.searched(said, held) == {**said, "stated_level": 4}
    assert case.level_of(case.carried(said, held), held).suggested == 2


def test_a_lower_level_leaves_the_totals_out_of_the_list_and_in_the_answers() -> None:
    said = intake(scores={"phq9": 21, "phq9_item9": 0, "gad7": 11})
    held = Case(level=1, reason="old_totals")
    assert case.carried(said, held) == said
    lowered = case.searched(said, held)
    assert severity.assess(lowered).level == 1
    assert lowered["scores"] == {"phq9_item9": 0}
    assert case.level_of(said, held).suggested == 4


@pytest.mark.parametrize(("more", "floor", "holds"), [
    ({"scores": {"phq9": 21, "phq9_item9": 1}}, 2, ("phq9_item9",)),
    ({"scores": {"phq9": 21, "phq9_item9": 0}, "safety": "active"}, 4, ("safety",)),
    ({"scores": {"phq9": 21, "phq9_item9": 0}, "urgent": ["mania"]}, 3, ("urgent",)),
], ids=["item 9", "safety", "urgent"])
def test_no_level_goes_below_what_keeps_somebody_safe(more: dict[str, Any], floor: int,
                                                      holds: tuple[str, ...]) -> None:
    said = intake(**more)
    level = case.level_of(said, Case(level=0, reason="wish"))
    assert (level.level, level.floor, level.holds) == (floor, floor, holds)
    assert severity.assess(case.searched(said, Case(level=0, reason="wish"))).level == floor


def test_without_totals_a_level_is_chosen_freely() -> None:
    held = case.read({"level": ["3"]}, intake(), ())
    assert held.level == 3
    assert case.searched(intake(), held)["stated_level"] == 3


def test_a_level_said_on_another_page_is_their_own_too() -> None:
    level = case.level_of(intake(stated_level=3, scores={"gad7": 5}), Case())
    assert (level.suggested, level.level) == (1, 3)


def test_the_suggested_level_is_no_choice_of_ones_own() -> None:
    said = intake(scores={"gad7": 11})
    assert case.read({"level": ["2"], "reason": ["wish"], "note": ["Late"]}, said, ()) == Case()


@pytest.mark.parametrize(("form", "field", "code"), [
    ({"code": ["Ana Morales"]}, "code", "not_a_client_code"),
    ({"code": ["1980-04-12"]}, "code", "not_a_client_code"),
    ({"level": ["9"]}, "level", "not_a_code"),
    ({"level": ["4"]}, "reason", "override_needed"),
    ({"level": ["4"], "reason": ["because"]}, "reason", "not_a_code"),
    ({"note": ["x" * 301]}, "note", "too_long"),
    ({"note": ["a\x00b"]}, "note", "bad_text"),
], ids=["name", "birth date", "level", "no reason", "no such reason", "long note", "no text"])
def test_a_wrong_field_is_named(form: dict[str, list[str]], field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        case.read(form, intake(scores={"gad7": 11}), ())
    assert [one.code for one in refused.value.errors[field]] == [code]


def test_a_code_is_read_in_capitals() -> None:
    assert case.read({"code": [" k7-41 "]}, intake(), ()).code == "K7-41"
