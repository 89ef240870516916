from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from finder.errors import Invalid
from finder.exchange import mapping
from finder.exchange.reading import OutOfScope, Refused
from tests.exchange.make import listings, only, read, table
from tests.shared import ROOT

COLUMNS = {"id": "No", "name": "Name", "location.address_1": {"join": ["Street", "Unit"]}, "location.city": "City",
           "location.state": "State", "location.postal_code": "Zip", "focus": "Topics",
           "contact.phone": ["Phone", "Office"], "verified.on": "Checked", "session.day": "Day",
           "session.time": "From", "session.end_time": "To"}
PLAN: dict[str, Any] = {
    "columns": COLUMNS, "fixed": {"group_type": "peer_support", "verified.method": "phone", "cost.free": True},
    "values": {"focus": {"Sadness": "depression", "Fear": ["anxiety", "panic"]}}, "lists": {"focus": ";"},
    "dates": ["%m/%d/%Y"]}
ROW = {"No": "7", "Name": "Evening Circle", "Street": "1 Elm St", "Unit": "Suite 2", "City": "Salem", "State": "OR",
       "Zip": "97301", "Topics": "Fear; Sadness", "Phone": "", "Office": "503-555-0100", "Checked": "10/31/2026",
       "Day": "Mondays", "From": "6pm", "To": "7:30 PM"}


def rows(folder: Path, *cells: dict[str, str], **changes: Any) -> list[Any]:
    return read(table(folder, [{**ROW, **one} for one in cells or ({},)]), "csv", mapping.parse({**PLAN, **changes}))


def test_columns_values_and_fixed_values_make_a_listing(tmp_path: Path) -> None:
    found = only(rows(tmp_path))
    assert found["id"] == "7"
    assert found["focus"] == ["anxiety", "panic", "depression"]
    assert found["contact"] == {"phone": "+15035550100"}
    assert found["verified"] == {"method": "phone", "on": "2026-10-31"}
    (session,) = found["sessions"]
    assert session["location"]["address_1"] == "1 Elm St, Suite 2"
    assert (session["repeats"], session["start_time"], session["duration_minutes"], session["timezone"]) == \
        ("FREQ=WEEKLY;BYDAY=MO", "18:00", 90, "America/Los_Angeles")


@pytest.mark.parametrize(("cells", "refused"), [
    ({"Checked": "2026-10-31"}, Refused(2, "verified.on", "not_a_date")),
    ({"From": "sundown"}, Refused(2, "session.time", "not_a_time")),
    ({"Phone": "#####"}, Refused(2, "Phone", "unreadable_cell")),
])
def test_a_wrong_cell_refuses_its_row_alone(tmp_path: Path, cells: dict[str, str], refused: Refused) -> None:
    found = rows(tmp_path, cells, {"No": "8"})
    assert found[0] == refused
    assert len(listings(found)) == 1


def test_a_value_that_the_mapping_does_not_know_is_flagged(tmp_path: Path) -> None:
    (found,) = listings(rows(tmp_path, {"Topics": "Sadness;Weather"}))
    assert found.document["focus"] == ["depression"]
    assert found.flags == ("unknown_value:focus",)


def test_a_phone_that_cannot_be_read_stays_as_a_note(tmp_path: Path) -> None:
    (found,) = listings(rows(tmp_path, {"Office": "ask at the front desk"}))
    assert found.document["contact"] == {"note": "ask at the front desk"}
    assert found.flags == ("unreadable:contact.phone",)


def test_a_method_of_checking_without_a_day_is_left_out(tmp_path: Path) -> None:
    assert "verified" not in only(rows(tmp_path, {"Checked": ""}))


def test_a_repeated_id_is_refused(tmp_path: Path) -> None:
    assert rows(tmp_path, {}, {"Name": "Other"})[1] == Refused(3, "id", "repeated")


def test_without_an_id_name_and_address_make_the_key(tmp_path: Path) -> None:
    first, second, moved = (listings(rows(tmp_path, {"No": "", **cells}))[0].key
                            for cells in ({}, {"Phone": "503-555-0101"}, {"Street": "9 Oak Rd"}))
    assert first == second != moved


def test_a_row_without_a_group_type_is_out_of_scope(tmp_path: Path) -> None:
    assert rows(tmp_path, fixed={}) == [OutOfScope(2, "no_group_stated")]


def test_a_signed_rule_sets_fields_and_its_reason_is_kept(tmp_path: Path) -> None:
    rule = {"when": {"City": ["salem", "Bend"]}, "set": {"group_type": "skills"}, "signed_by": "A. Steward",
            "why": "Known."}
    found = only(rows(tmp_path, rules=[rule]))
    assert found["group_type"] == "skills"
    assert found["x"]["rules"] == [{"signed_by": "A. Steward", "why": "Known."}]


@pytest.mark.parametrize(("rule", "outcome"), [
    ({"status": "paused"}, ("publish", "paused")), ({"publish": False}, ("withhold", None))])
def test_a_rule_may_pause_or_withhold(tmp_path: Path, rule: dict[str, Any], outcome: tuple[str, str | None]) -> None:
    (found,) = listings(rows(tmp_path, rules=[{"when": {"City": "Salem"}, **rule}]))
    assert (found.status, found.document.get("status")) == outcome


def test_missing_columns_refuse_the_file(tmp_path: Path) -> None:
    path = table(tmp_path, [{"Other": "x"}])
    assert read(path, "csv", mapping.parse(PLAN)) == [Refused(0, "file", "no_table")]
    assert read(path, "csv") == [Refused(0, "file", "no_mapping")]


@pytest.mark.parametrize(("change", "field", "code"), [
    ({"colums": {}}, "colums", "unknown_key"), ({"columns": {"tel": "Phone"}}, "tel", "unknown_field"),
    ({"fellowship": "xx"}, "fellowship", "not_a_code"), ({"columns": []}, "columns", "wrong_type"),
    ({"rules": [{"set": {}}]}, "rules.0.when", "required"),
    ({"rules": [{"when": {"a": "b"}, "set": {"group_type": "iop"}}]}, "rules.0.signed_by", "required"),
    ({"rules": [{"when": {"a": "b"}, "then": {}}]}, "rules.0.then", "unknown_key"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_wrong_mapping_is_refused_by_name(change: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        mapping.parse({**PLAN, **change})
    assert [(name, problems[0].code) for name, problems in refused.value.errors.items()] == [(field, code)]


@pytest.mark.parametrize("path", sorted((ROOT / "seed_data" / "mappings").glob("*.json")), ids=lambda path: path.name)
def test_the_mappings_that_ship_can_be_read(path: Path) -> None:
    assert mapping.load(path).about


def test_a_mapping_may_be_toml(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('about = "x"\n[columns]\nname = "Name"\n')
    assert mapping.load(tmp_path / "m.toml").columns["name"].names == ("Name",)
    (tmp_path / "bad.toml").write_text("about = ")
    with pytest.raises(Invalid):
        mapping.load(tmp_path / "bad.toml")
