from __future__ import annotations

import logging
import random
import threading
from collections.abc import Iterator

import pytest
from flask import Flask

from finder.exchange.fhir import finding
from tests.api.conftest import LISTINGS
from tests.api.fhir.asking import FORM, Asking, ids
from tests.api.fhir.conftest import make_app
from tests.exchange.published import FULL
from tests.listings.database import take

SEARCH = "/fhir/HealthcareService/_search"
TYPES = ("HealthcareService", "Location", "Organization", "Questionnaire")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = make_app(tmp_path_factory.mktemp("hostile"), [*LISTINGS, FULL])
    yield made
    made.extensions["finder"].database.close()


@pytest.fixture
def asking(app: Flask) -> Asking:
    return Asking(app)


BODIES = {
    "ten thousand parameters": (b"&".join(b"a%d=1" % number for number in range(10_000))[:60_000], 400),
    "ten thousand parameters that are known": (b"&".join([b"name=x"] * 9_000), 400),
    "ten thousand alternatives": (b"name=" + b",".join([b"x"] * 10_000), 400),
    "a huge value": (b"name=" + b"x" * 60_000, 400),
    "a huge name": (b"x" * 60_000 + b"=1", 400),
    "too much": (b"name=" + b"x" * 70_000, 413),
    "far too much": (b"name=" + b"x" * 1_000_000, 413),
    "a null": (b"name=%00", 400), "a null as it is": (b"name=\x00", 400), "a null in a name": (b"na%00me=x", 400),
    "a broken percent sign": (b"name=%zz", 400), "half a percent sign": (b"name=x%", 400),
    "no UTF-8": (b"name=%ff%fe", 400), "no UTF-8 as it is": (b"name=\xff\xfe", 400),
    "half of a pair": (b"name=%ed%a0%80", 400), "an overlong stroke": (b"name=%c0%af", 400),
    "a bomb of brackets": (b"name=" + b"%5B" * 400, 200), "deep chains": (b"location." * 1000 + b"name=x", 400),
    "signs only": (b"&=&==&;;&%26", 400), "a text that ends all": (b"name=%EF%BF%BF%F4%8F%BF%BF", 200),
    "a regular expression": (b"name=(a%2B)%2B%24", 200), "a formula": (b"name=%3DHYPERLINK(1)", 200),
    "SQL": (b"name='%20OR%201%3D1--&identifier=';DROP%20TABLE%20program", 200),
    "a bomb of accents": (b"name=e" + b"%CC%81" * 400, 200),
    "a number of many digits": (b"_count=" + b"9" * 900, 400), "a huge offset": (b"_offset=999999999", 200),
    "a number that is none": (b"location.near=1e999|nan", 400),
    "an hour that is none": (b"_lastUpdated=2026-11-24T99:99", 400),
}


@pytest.mark.parametrize("case", BODIES)
def test_odd_forms_get_an_outcome_and_never_a_fault(asking: Asking, case: str) -> None:
    body, status = BODIES[case]
    response = asking.answered(SEARCH, "POST", status=status, data=body, content_type=FORM)
    if status == 400:
        assert len(response.get_data()) < 20_000
    if len(body) < 8000:
        sent = asking.client.open("/fhir/HealthcareService", base_url="https://finder.example",
                                  environ_overrides={"QUERY_STRING": body.decode("latin-1")})
        assert sent.status_code == status
        assert sent.json["resourceType"] == ("OperationOutcome" if status != 200 else "Bundle")


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", "x",
                                  "application/fhir+json", "application/xml", "application/x-www-form-urlencoded2"])
def test_a_body_that_is_no_form_is_refused(asking: Asking, kind: str) -> None:
    for body in (b"name=x", b"{}", b""):
        assert asking.refused(SEARCH, status=415, method="POST", data=body, content_type=kind) == [
            ("not-supported", "wrong_content_type")]


def test_a_form_in_another_alphabet_by_its_own_word_is_read_as_utf_8(asking: Asking) -> None:
    sent = asking.answered(SEARCH, "POST", data="name=c%C3%ADrculo", content_type=f"{FORM}; charset=ISO-8859-1")
    assert sent.json["total"] == 1


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PURGE", "FOO"])
def test_methods_that_change_things_are_refused_everywhere(asking: Asking, method: str) -> None:
    for path in ("/fhir/metadata", "/fhir/Location", "/fhir/Location/1", "/fhir/Questionnaire/intake-en"):
        response = asking.answered(path, method, status=405)
        assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert asking.answered(SEARCH, method, status=405).headers["Allow"] == "POST, OPTIONS" \
        or asking.answered(SEARCH, method, status=405).headers["Allow"] == "GET, POST, HEAD, OPTIONS"
    asking.answered("/fhir/Patient", method, status=404)


@pytest.mark.parametrize("path", [
    "/fhir", "/fhir/", "/fhir/Patient", "/fhir/Location/", "/fhir/Location/x/_history", "/fhir/Location/x/_history/1",
    "/fhir/Location/%00", "/fhir/%00", "/fhir/..%2f..%2fetc", "/fhir/Location/..%2f", "/fhir/%ff", "/fhir/Location/%ff",
    "/fhir/$export", "/fhir/healthcareservice", "/fhir/Location/" + "x" * 5000, "/fhir/" + "x/" * 2000,
    "/fhir/Location/é", "/fhir/Location/123e4567-e89b-12d3-a456-426614174000"])
def test_what_is_not_there_is_an_outcome(asking: Asking, path: str) -> None:
    assert asking.refused(path, status=404) == [("not-found", "not_found")]


def test_a_request_for_another_host_is_an_outcome_too(asking: Asking) -> None:
    for path in ("/fhir/Location", "/fhir/nothing"):
        sent = asking.client.get(path, base_url="https://elsewhere.example")
        assert (sent.status_code, sent.json["resourceType"]) == (400, "OperationOutcome")


def test_P2_nothing_that_was_sent_comes_back_or_is_logged(asking: Asking, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for query in ("near=secret|1", "_lastUpdated=secret", "_include=secret", "_summary=secret", "_count=secret",
                  "_format=secret", "name=%00secret"):
        response = asking.client.get(f"/fhir/Location?{query}", base_url="https://finder.example")
        assert response.status_code in (400, 406)
        assert "secret" not in response.get_data(as_text=True)
    assert "secret" not in caplog.text


def test_W7_P2_a_fault_that_nobody_foresaw_is_an_outcome_and_is_logged_without_words(
        asking: Asking, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    words = "sec" + "ret"

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(words)

    monkeypatch.setattr(finding, "find", broken)
    response = asking.answered("/fhir/HealthcareService?name=secret", status=500)
    assert response.json["issue"][0]["code"] == "exception"
    assert response.headers["Cache-Control"] == "no-store"
    assert "RuntimeError" in caplog.text
    assert response.headers["X-Request-ID"] in caplog.text
    assert "secret" not in caplog.text


def test_V6_a_database_that_does_not_answer_is_a_fault_that_passes(
        app: Flask, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    database = app.extensions["finder"].database
    monkeypatch.setattr(type(database), "catalog_version", _gone)
    response = asking.answered("/fhir/Location", status=503)
    assert response.json["issue"][0]["code"] == "transient"
    assert response.headers["Retry-After"]


def _gone(_: object) -> int:
    from finder.errors import Unavailable
    raise Unavailable("database")


def test_many_at_once_and_a_listing_that_changes_meanwhile_are_answered_right(
        tmp_path_factory: pytest.TempPathFactory) -> None:
    app = make_app(tmp_path_factory.mktemp("many"), [FULL | {"id": f"n{number}"} for number in range(30)])
    wrong: list[object] = []

    def ask(seed: int) -> None:
        chance, asking = random.Random(seed), Asking(app)
        try:
            for _ in range(12):
                path = chance.choice(("HealthcareService?name=evening", "Location?near=44.94|-123.03", "Organization",
                                      "HealthcareService?location.address-city=salem&_include=HealthcareService:location"))
                bundle = asking.answered(f"/fhir/{path}").json
                assert len(ids(bundle)) <= bundle["total"]
        except BaseException as broken:  # noqa: BLE001 - told in the main thread
            wrong.append(broken)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(6)]
    for one in threads:
        one.start()
    for number in range(4):
        take(app.extensions["finder"].database, [FULL | {"id": f"n{n}", "description": f"{number}"} for n in range(30)])
    for one in threads:
        one.join()
    assert wrong == []
    assert Asking(app).read("HealthcareService", {"name": "evening"})["total"] == 30
    app.extensions["finder"].database.close()


@pytest.mark.parametrize("type_", TYPES)
def test_a_blank_search_of_every_type_is_a_search(asking: Asking, type_: str) -> None:
    assert asking.read(type_, {"_count": "200"})["total"] > 0
