from __future__ import annotations

import io
import json
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest

from finder.catalog.listing_schema import load
from finder.crosswalks import Crosswalk, Row
from finder.exchange.hsds import own, tabular, write
from finder.exchange.hsds.supplied import NONE, Codes
from finder.exchange.reading import OutOfScope
from tests.exchange.hsds.documents import NOW, errors, kept
from tests.exchange.make import only, read
from tests.exchange.published import FULL, changed, entry

# Made-up codes: those of 211 are licensed, and none is here.
TABLE = Crosswalk("211", (
    Row("XX-1000", "Groups about low mood", "focus_areas", "depression"),
    Row("XX-1000", "Groups about low mood", "group_types", "peer_support"),
    Row("XX-2000", "Groups for veterans", "populations", "veterans"),
    Row("XX-3000", "Skills courses", "group_types", "skills"),
    Row("XX-4000", "Groups online", "session_formats", "online_video"),
    Row("XX-5000", "Places without steps", "accessibility", "step_free"),
    Row("XX-6000", "Child care on site", "accessibility", "childcare"),
    Row("XX-7000", "Medicaid", "cost_payment", "medicaid"),
    Row("XX-8000", "Peer-run organizations", "organization_kinds", "peer_run"),
    Row("XX-9000", "Sorrow or worry", "focus_areas", "grief"),
    Row("XX-9000", "Sorrow or worry", "focus_areas", "anxiety"),
))
CODES = Codes(TABLE)


def said(document: dict[str, Any]) -> list[str]:
    return sorted(CODES.of(load(document)))


def test_a_listing_has_the_codes_that_mean_what_it_says() -> None:
    assert said(FULL) == ["XX-1000", "XX-2000", "XX-4000", "XX-5000", "XX-7000", "XX-8000"]


@pytest.mark.parametrize(("path", "value", "code", "there"), [
    ("group_type", "skills", "XX-1000", False), ("group_type", "skills", "XX-3000", True),
    ("focus", ["grief"], "XX-1000", False), ("focus", ["anxiety"], "XX-9000", True),
    ("focus", ["grief"], "XX-9000", True),
    ("accessibility", {"childcare": "on_request"}, "XX-6000", True),
    ("accessibility", {"step_free": "no"}, "XX-5000", False)],
    ids=["one of two lists only", "another kind", "the other of two lists only", "one of two codes", "the other code",
         "on request", "no is no"])
def test_a_code_of_several_lists_needs_one_of_each(path: str, value: Any, code: str, there: bool) -> None:
    assert (code in said(changed(path, value))) is there


def test_codes_are_attributes_in_a_taxonomy_of_their_own_that_validates() -> None:
    service = write.service(entry(load(FULL)), NOW, CODES)
    assert errors(service, "service.min.json") == []
    found = [one for one in service["attributes"] if one["taxonomy_term"]["taxonomy"] == "211"]
    assert [one["taxonomy_term"]["code"] for one in found] == list(CODES.of(load(FULL)))
    assert all(uuid.UUID(one["id"]).version == 5 for one in found)
    assert len({one["id"] for one in service["attributes"]}) == len(service["attributes"])


def test_without_a_table_nothing_of_it_is_said() -> None:
    service = write.service(entry(load(FULL)), NOW)
    assert "211" not in {one["taxonomy_term"]["taxonomy"] for one in service["attributes"]}
    assert (NONE.taxonomies, NONE.terms, NONE.key, NONE.read(service)) == ([], [], "", {})


def test_our_own_listings_come_back_as_they_were_with_codes_beside() -> None:
    one = entry(load(FULL))
    assert load(own.listing(write.service(one, NOW, CODES))) == kept(one)


def test_a_package_holds_the_taxonomy_and_its_attributes() -> None:
    body = io.BytesIO()
    tabular.write_package([entry(load(FULL))], body, now=NOW, codes=CODES)
    with zipfile.ZipFile(body) as held:
        tables = {name: held.read(name).decode() for name in held.namelist()}
    assert CODES.taxonomies[0]["id"] in tables["taxonomies.csv"]
    assert all(one["id"] in tables["taxonomy_terms.csv"] for one in CODES.terms)
    assert CODES.term("XX-1000")["id"] in tables["attributes.csv"]
    assert CODES.term("XX-3000")["id"] not in tables["attributes.csv"]


def foreign(*terms: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.UUID(int=7)), "name": "River evening", "status": "active", **more, "attributes": [
        {"id": str(uuid.UUID(int=number)), "taxonomy_term": one} for number, one in enumerate(terms)]}


@pytest.mark.parametrize("term", [{"id": str(uuid.UUID(int=9)), "code": "XX-1000", "name": "Evenings"},
                                  {"id": "XX-1000", "name": "Evenings"}], ids=["by its code", "as packages of 2.0"])
def test_a_service_of_others_is_read_by_its_codes(tmp_path: Path, term: dict[str, Any]) -> None:
    (tmp_path / "one.json").write_text(json.dumps(foreign(term, {"id": "XX-2000", "name": "For them"})))
    assert [one.reason for one in read(tmp_path / "one.json", "hsds") if isinstance(one, OutOfScope)] == [
        "no_group_stated"]
    document = only(read(tmp_path / "one.json", "hsds", codes=CODES))
    assert (document["group_type"], document["focus"], document["populations"]) == (
        "peer_support", ["depression"], ["veterans"])


def test_two_tables_have_two_names_and_one_has_one() -> None:
    assert CODES.key == Codes(TABLE).key
    assert CODES.key != Codes(Crosswalk("211", TABLE.rows[:-1])).key
