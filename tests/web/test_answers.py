from __future__ import annotations

import base64
import zlib
from datetime import timedelta
from typing import Any

import orjson
import pytest
from cryptography.fernet import Fernet
from flask import Flask, Request, Response
from werkzeug.test import EnvironBuilder

from finder.errors import Invalid
from finder.intake import document
from finder.secret import key_for
from finder.vocabulary import vocabulary
from finder.web.answers import LIFETIME_SECONDS, AnswerCookie, Answers
from tests.make import NOW, make_intake

KEY = key_for(b"a-secret-that-is-long-enough-for-tests", "answers")
SAID = make_intake(needs=["anxiety"], near={"text": "Durham, NC"}, safety="none", phq4=[1, 2, 0, 3])


def _request(cookies: dict[str, str]) -> Request:
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return Request(EnvironBuilder(headers={"Cookie": header}).get_environ())


def _sealed(cookie: AnswerCookie, answers: Answers) -> tuple[str, str]:
    """Value and attributes of the cookie that is sent."""
    response = Response()
    cookie.seal(response, answers, NOW)
    name_and_value, _, attributes = response.headers["Set-Cookie"].partition("; ")
    assert name_and_value.startswith(f"{cookie.name}=")
    return name_and_value.partition("=")[2], attributes


def test_answers_come_back_as_they_went_in() -> None:
    cookie = AnswerCookie(KEY, secure=False)
    value, _ = _sealed(cookie, Answers(SAID, {"led_by": {"any": ["peer"]}}))
    back = cookie.open(_request({"answers": value}), NOW)
    assert back is not None
    assert (back.intake, back.filters) == (SAID, {"led_by": {"any": ["peer"]}})


def test_W3_cookie_is_for_this_site_alone_and_for_half_an_hour() -> None:
    _, attributes = _sealed(AnswerCookie(KEY, secure=False), Answers(SAID))
    assert set(attributes.split("; ")) - {part for part in attributes.split("; ") if part.startswith("Expires")} == {
        "Max-Age=1800", "HttpOnly", "Path=/", "SameSite=Strict"}
    secure = AnswerCookie(KEY, secure=True)
    assert secure.name == "__Host-answers"
    assert "Secure" in _sealed(secure, Answers(SAID))[1].split("; ")


def test_P1_W3_cookie_hides_what_it_says() -> None:
    value, _ = _sealed(AnswerCookie(KEY, secure=False), Answers(SAID))
    padded = value + "=" * (-len(value) % 4)
    for text in (value.encode(), base64.urlsafe_b64decode(padded)):
        assert b"anxiety" not in text
        assert b"Durham" not in text


@pytest.mark.parametrize(("seconds", "good"), [(0, True), (LIFETIME_SECONDS - 1, True), (LIFETIME_SECONDS + 1, False),
                                               (-3600, False)])
def test_server_too_counts_the_half_hour(seconds: int, good: bool) -> None:
    cookie = AnswerCookie(KEY, secure=False)
    value, _ = _sealed(cookie, Answers(SAID))
    assert (cookie.open(_request({"answers": value}), NOW + timedelta(seconds=seconds)) is not None) is good


def _forged(plain: bytes, key: bytes = KEY) -> str:
    return Fernet(key).encrypt_at_time(plain, int(NOW.timestamp())).decode()


_GOOD = orjson.dumps({"intake": SAID, "filters": {}})


@pytest.mark.parametrize("value", [
    "", "x", "é", "gAAAAA", "a" * 5000, _forged(b"not zlib"), _forged(zlib.compress(b"not json")),
    _forged(zlib.compress(b"[]")), _forged(zlib.compress(b"{}")), _forged(zlib.compress(b"\xff")),
    _forged(zlib.compress(orjson.dumps({"intake": {**SAID, "name": "me"}, "filters": {}}))),
    _forged(zlib.compress(orjson.dumps({"intake": {**SAID, "age": 500}, "filters": {}}))),
    _forged(zlib.compress(orjson.dumps({"intake": SAID, "filters": {"focus": {"any": ["x"]}}}))),
    _forged(zlib.compress(b" " * 10_000_000 + _GOOD)), _forged(zlib.compress(b"[" * 100_000)),
    _forged(zlib.compress(_GOOD), Fernet.generate_key()),
], ids=range(16))
def test_what_is_not_ours_is_as_good_as_nothing(value: str) -> None:
    assert AnswerCookie(KEY, secure=False).open(_request({"answers": value}), NOW) is None


def test_fullest_intake_fits_into_a_cookie() -> None:
    lists = vocabulary().lists
    populations, access = list(lists["populations"].codes), list(lists["accessibility"].codes)
    everything: dict[str, Any] = make_intake(
        asked_by="provider", attending_as="person", age=120, gender="nonbinary", needs=list(document.FOCUS[:3]),
        needs_text="痛苦" * 100, phq4=[3, 2, 1, 0], impact=4, substance={"loss_of_control": 4, "consequences": 2},
        stated_level=4, safety="active", urgent=list(document.URGENT), goal="moderation", recently_using=True,
        takes_recovery_medication=True, near={"text": "é" * 200}, radius_miles=999.5, travel="transit",
        formats=list(document.FORMATS), formats_required=True, times=list(document.TIMES), times_required=True,
        languages=["en", "es", "zh", "vi", "ko", "ru", "ar", "ht", "tl", "fr"], identities=populations[:18],
        not_identities=populations[18:], identity_preference="prefer", cost={"kind": "up_to", "amount": 99.99},
        insurance=["medicaid", "medicare", "private"], access=access, access_required=True, led_by="either",
        avoid=list(lists["modalities"].codes[:12]), one_to_one_preferred=True, start_soon=True,
        scores={name: 1 for name in document.TOTALS})
    filters = {"focus": {"any": list(document.FOCUS)}, "populations": {"not": populations}}
    value, _ = _sealed(AnswerCookie(KEY, secure=True), Answers(everything, filters))
    assert len(value) < 3900


def test_what_would_not_fit_is_refused() -> None:
    noise = Answers({"format": "finder-intake/1", "needs_text": "".join(chr(0x4e00 + 7919 * n % 20000)
                                                                       for n in range(3000))})
    with pytest.raises(Invalid):
        _sealed(AnswerCookie(KEY, secure=False), noise)


@pytest.mark.parametrize(("said", "enough"), [
    ({}, False), ({"needs": ["grief"]}, False), ({"near": {"text": "27701"}}, False),
    ({"needs": ["grief"], "near": {"text": "27701"}}, True), ({"needs_text": "sad", "formats": ["phone"]}, True),
    ({"needs": ["grief"], "formats": ["in_person"]}, False), ({"needs": ["grief"], "formats": ["hybrid"]}, False),
], ids=str)
def test_a_search_needs_a_need_and_a_place_or_remote_ways(said: dict[str, Any], enough: bool) -> None:
    assert Answers(make_intake(**said)).can_search is enough


def test_clearing_takes_the_cookie_away(shared_app: Flask) -> None:
    client = shared_app.test_client()
    client.set_cookie("answers", "anything")
    answer = client.post("/answers/clear")
    assert answer.headers["Location"] == "/answers/cleared"
    assert client.get_cookie("answers") is None


@pytest.mark.parametrize("prefix", ["", "/es"])
def test_leaving_takes_the_cookie_away_and_goes_to_the_neutral_page_alone(shared_app: Flask, prefix: str) -> None:
    client = shared_app.test_client()
    client.set_cookie("answers", "anything")
    answer = client.get(f"{prefix}/leave?to=https://evil.example/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "https://www.weather.gov/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get_cookie("answers") is None
