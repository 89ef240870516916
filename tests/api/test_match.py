import json
import logging
import random
from functools import cache

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from finder.api.match import MOST_BYTES
from finder.api.schemas import document
from tests.shared import shared

INTAKE = {"format": "finder-intake/1", "needs": ["depression"], "near": {"text": "27701"}, "radius_miles": 25,
          "phq4": [1, 1, 2, 1], "formats": ["in_person", "online_video"], "times": ["evening"], "languages": ["en"]}


@cache
def validator():
    return Draft202012Validator(document("match"), format_checker=FormatChecker())


def ask(client, intake=INTAKE, query=""):
    answer = client.post(f"/api/v1/match{query}", json=intake)
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.mark.parametrize("name", ["listing", "intake", "match"])
def test_our_copy_of_a_schema_is_the_contract(name):
    assert document(name) == json.loads(shared("contract", f"{name}.schema.json").read_text())


@pytest.mark.parametrize("intake", [
    INTAKE, {"format": "finder-intake/1"}, {**INTAKE, "near": {"latitude": 35.99, "longitude": -78.9}},
    {**INTAKE, "near": {"text": "Franklin"}}, {**INTAKE, "near": {"text": "qqqqzzz"}},
    {**INTAKE, "safety": "active", "urgent": ["violence"]},
    {**INTAKE, "needs": ["grief"], "needs_text": "panick atacks"},
    {**INTAKE, "formats": ["phone"], "formats_required": True}, {**INTAKE, "women_only": True, "gender": "woman"},
    {**INTAKE, "access": ["step_free", "captions"], "access_required": ["captions"]},
], ids=["plain", "nothing", "point", "ambiguous", "nowhere", "danger", "words", "nobody", "women", "access"])
@pytest.mark.parametrize("query", ["", "?lang=es", "?hidden_ids=1"])
def test_every_answer_is_a_match_document(client, intake, query):
    found = ask(client, intake, query)
    assert [one.message for one in validator().iter_errors(found)] == []


@pytest.mark.parametrize("words", ["I want to kill myself", "no puedo más, quiero morir", "suicide"])
def test_Y3_words_of_dying_raise_the_offer_of_help_also_beside_three_needs(client, words):
    found = ask(client, {**INTAKE, "needs": ["grief", "anxiety", "sleep"], "needs_text": words})
    assert found["notices"] == ["offer_panel"]
    alone = {name: value for name, value in INTAKE.items() if name != "needs"}
    assert ask(client, {**alone, "needs_text": words})["notices"] == ["offer_panel"]


def test_the_answer_holds_what_fits_and_counts_what_does_not(client, ids):
    found = ask(client, query="?hidden_ids=1")
    listed = {one["listing"]["source_id"] for one in found["matches"]}
    assert listed == {"l1", "l2", "l3", "l4", "l7", "l8"}
    assert found["total"] == 6
    hidden = {one["reason"]: one["listing_ids"] for one in found["hidden"]}
    assert hidden["language"] == [ids["l5"]]
    assert len(hidden["program_closed"]) == 1
    assert {one["id"] for one in found["matches"]} == {ids[one] for one in listed}
    assert found["place"]["state"] == "NC"
    assert found["severity"] == {"level": 1, "sources": ["phq4"]}


def test_without_text_there_are_codes_and_values_only(client):
    found = ask(client, query="?text=0")
    assert found["matches"]
    for one in found["matches"]:
        assert not any("text" in line for line in one["reasons"] + one["check_first"])
    assert not any("listing_ids" in one for one in found["hidden"])


def test_sentences_are_in_the_language_asked_for(client):
    texts = {lang: [line["text"] for one in ask(client, query=f"?lang={lang}")["matches"] for line in one["reasons"]]
             for lang in ("en", "es")}
    assert len(texts["en"]) == len(texts["es"])
    assert all(english != spanish for english, spanish in zip(texts["en"], texts["es"], strict=True))


def test_pages_follow_one_another(client):
    whole = [one["id"] for one in ask(client)["matches"]]
    pages = [ask(client, query=f"?per_page=2&page={page}") for page in (1, 2, 3, 4)]
    assert [one["id"] for page in pages for one in page["matches"]] == whole
    assert [one["rank"] for page in pages for one in page["matches"]] == list(range(1, 7))


@pytest.mark.parametrize(("query", "kept"), [
    ("group_type=structured_therapy", {"l2"}), ("focus=anxiety,grief", {"l2"}),
    ("focus.all=anxiety,depression", {"l2"}), ("focus.not=depression", {"l8"}),
    ("formats=online_video", {"l4"}), ("gender_mix=women", {"l7"}),
    ("cost=free&led_by=peer", {"l1"}), ("capacity=waitlist", {"l2"}), ("accessibility=captions", {"l4"}),
    ("languages=es", set()), ("cost=unknown", {"l3", "l4", "l7", "l8"}),
])
def test_filters_narrow_the_answer(client, query, kept):
    found = ask(client, query=f"?{query}")
    assert {one["listing"]["source_id"] for one in found["matches"]} == kept
    assert found["total"] == len(kept)


def test_P9_a_hidden_address_is_nowhere_in_the_answer(client):
    said = client.post("/api/v1/match?hidden_ids=1", json=INTAKE).text
    assert "Quiet House" in said
    assert "Canary" not in said
    assert "35.994" not in said


def test_W4_W3_the_answer_is_kept_by_nobody_and_sets_no_cookie(client):
    answer = client.post("/api/v1/match", json=INTAKE)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "application/json"
    assert "Set-Cookie" not in answer.headers
    assert len(answer.headers["X-Request-ID"]) >= 8


def test_P2_nothing_of_an_intake_is_logged(client, caplog):
    caplog.set_level(logging.DEBUG)
    client.post("/api/v1/match", json={**INTAKE, "needs_text": "a very telling canary"})
    client.post("/api/v1/match", json={**INTAKE, "needs_text": "a very telling canary", "nonsense": 1})
    assert "canary" not in caplog.text
    assert "27701" not in caplog.text


WRONG = {
    "unknown key": (b'{"format":"finder-intake/1","colour":1}', 422, "colour"),
    "unknown key inside": (b'{"format":"finder-intake/1","cost":{"kind":"any","x":1}}', 422, "cost.x"),
    "no format": (b"{}", 422, "format"),
    "wrong code": (b'{"format":"finder-intake/1","needs":["sadness"]}', 422, "needs"),
    "NaN": (b'{"format":"finder-intake/1","radius_miles":NaN}', 422, "radius_miles"),
    "infinite": (b'{"format":"finder-intake/1","age":1e999}', 422, "age"),
    "10**30": (b'{"format":"finder-intake/1","age":1000000000000000000000000000000}', 422, "age"),
    "5000 digits": (b'{"format":"finder-intake/1","age":' + b"9" * 5000 + b"}", 422, "age"),
    "lone surrogate": (rb'{"format":"finder-intake/1","needs_text":"a\ud800"}', 422, "needs_text"),
    "lone surrogate code": (rb'{"format":"finder-intake/1","needs":["\udfff"]}', 422, "needs"),
    "lone surrogate key": (rb'{"format":"finder-intake/1","\ud800":1}', 422, "?"),
    "NUL": (rb'{"format":"finder-intake/1","needs_text":"a\u0000"}', 422, "needs_text"),
    "raw NUL": (b'{"format":"finder-intake/1","needs_text":"a\x00"}', 400, "body"),
    "radius -1": (b'{"format":"finder-intake/1","radius_miles":-1}', 422, "radius_miles"),
    "text for a number": (b'{"format":"finder-intake/1","age":"40"}', 422, "age"),
    "list": (b"[]", 422, "body"),
    "null": (b"null", 422, "body"),
    "key twice": (b'{"format":"finder-intake/1","age":1,"age":2}', 400, "age"),
    "no JSON": (b"{", 400, "body"),
    "nothing": (b"", 400, "body"),
    "no UTF-8": (b'{"format":"\xff"}', 400, "body"),
    "100k deep": (b"[" * 100_000 + b"]" * 100_000, 413, "body"),
    "20k deep": (b'{"format":' + b"[" * 20_000 + b"]" * 20_000 + b"}", 400, "body"),
    "2 MB": (b'{"format":"' + b"x" * 2_000_000 + b'"}', 413, "body"),
    "one byte too many": (b" " * (MOST_BYTES + 1), 413, "body"),
}


@pytest.mark.parametrize(("body", "status", "field"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_body_is_a_problem_that_names_the_field(client, body, status, field):
    answer = client.post("/api/v1/match", data=body, content_type="application/json")
    assert answer.status_code == status, answer.json
    assert answer.mimetype == "application/problem+json"
    assert list(answer.json["errors"]) == [field]
    assert all(answer.json["errors"][field])
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_another_content_type_is_refused(client, kind):
    answer = client.post("/api/v1/match", data=json.dumps(INTAKE), content_type=kind)
    assert answer.status_code == 415
    assert list(answer.json["errors"]) == ["Content-Type"]


def test_a_charset_beside_the_content_type_is_fine(client):
    answer = client.post("/api/v1/match", data=json.dumps(INTAKE), content_type="application/json; charset=utf-8")
    assert answer.status_code == 200


@pytest.mark.parametrize(("query", "field"), [
    ("page=0", "page"), ("per_page=101", "per_page"), ("lang=fr", "lang"), ("text=yes", "text"), ("focus=x", "focus"),
    ("near=27701", "near"), ("band=strong", "band"), ("page=1&page=2", "page"), ("year=0", "year"),
])
def test_a_wrong_parameter_is_a_problem_that_names_it(client, query, field):
    answer = client.post(f"/api/v1/match?{query}", json=INTAKE)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


def test_errors_are_in_the_language_asked_for(client):
    english, spanish = (client.post(f"/api/v1/match?page=0&lang={lang}", json=INTAKE).json["errors"]["page"]
                        for lang in ("en", "es"))
    assert english != spanish


PARTS = (b"null", b"NaN", b"-1", b"1e400", b"9" * 40, b'"', b"{", b"[", b"}", b"]", b",", b":", rb"\ud800", rb"\u0000",
         b"\x00", b"\xff", b"\xed\xa0\x80", b"true", b'"x":', b"1.5", "\u202e".encode(), b"[[[[[[[[[[[[")


def garbled(chance):
    """The bytes of a good intake after a few random injuries."""
    body = bytearray(json.dumps({**INTAKE, "cost": {"kind": "up_to", "amount": 5}, "scores": {"phq9": 7}}).encode())
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(body) + 1)
        body[at:at + chance.choice((0, 0, 1, 2, 9))] = chance.choice(PARTS)
    return bytes(body)


def assert_answered_or_refused(client, count):
    chance = random.Random(20261124)
    for _ in range(count):
        query = "".join(f"&{chance.choice(('page', 'focus', 'lang', 'text', 'x', 'cost.not'))}="
                        f"{chance.choice(('1', '0', '%00', 'grief', '%ED%A0%80', '-1', '', '%', '1e9', '٣'))}"
                        for _ in range(chance.choice((0, 0, 1, 2))))
        body = garbled(chance)
        answer = client.post(f"/api/v1/match?text=0{query}", data=body, content_type="application/json")
        assert answer.status_code in (200, 400, 422), (answer.status_code, query, body)
        if answer.status_code != 200:
            assert answer.mimetype == "application/problem+json"
            assert answer.json["errors"], (query, body)


def test_garbled_requests_are_answered_or_refused_by_name(client):
    assert_answered_or_refused(client, 300)


@pytest.mark.soak
def test_many_garbled_requests_are_answered_or_refused_by_name(client):
    assert_answered_or_refused(client, 10_000)
