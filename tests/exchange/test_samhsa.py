from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from finder.exchange.reading import OutOfScope, Refused
from tests.exchange.make import facility, listings, read, table


def kinds(folder: Path, codes: str, **fields: str) -> dict[str, dict[str, Any]]:
    rows = read(table(folder, [facility(codes, **fields)]), "samhsa")
    return {one.document["group_type"]: one.document for one in listings(rows)}


def test_a_facility_without_a_stated_group_is_out_of_scope(tmp_path: Path) -> None:
    path = table(tmp_path, [facility("MH * OP * CBT IPT"), facility("", name1="Other")])
    assert read(path, "samhsa") == [OutOfScope(2, "no_group_stated"), OutOfScope(3, "no_group_stated")]


def test_groups_inside_a_hospital_or_a_residence_are_out_of_scope(tmp_path: Path) -> None:
    path = table(tmp_path, [facility("MH * HI RES * GT CFT")])
    assert read(path, "samhsa") == [OutOfScope(2, "not_outpatient")]


def test_a_house_for_partial_hospitalization_is_no_group_by_its_type_alone(tmp_path: Path) -> None:
    assert kinds(tmp_path, "MH * OP * PH") == {}
    assert set(kinds(tmp_path, "MH * PHDT * PH")) == {"php"}


def test_intensive_outpatient_of_the_other_code_book_is_read(tmp_path: Path) -> None:
    table(tmp_path, [{"service_code": "OIT", "service_name": "Intensive outpatient treatment"}], "service_codes.csv")
    assert set(kinds(tmp_path, "SA * OIT")) == {"iop"}


def test_group_therapy_says_what_the_dictionary_says(tmp_path: Path) -> None:
    found = kinds(tmp_path, "MH SA * OP * GT")["process"]
    assert found["name"] == "Group therapy, North Site"
    assert found["organization"]["name"] == "River Care Inc"
    assert found["focus"] == ["general_mh", "general_recovery"]
    assert found["modalities"] == ["interpersonal_process"]
    assert found["contact"]["phone"] == "+13345550101 x12"
    assert found["sessions"][0]["location"]["precision"] == "postal_code"


def test_what_is_not_stated_stays_unstated(tmp_path: Path) -> None:
    found = kinds(tmp_path, "MH * OP * GT")["process"]
    assert not {"severity", "age", "cost", "capacity", "languages", "populations", "restricted_to", "verified",
                "gender_mix", "attendees"} & set(found)
    assert "start_time" not in found["sessions"][0]


def test_payment_codes_become_payers_and_help_with_the_fee(tmp_path: Path) -> None:
    found = kinds(tmp_path, "MH * OP * GT * MC MD SF * SS")["process"]
    assert found["cost"] == {"free": False, "insurance": ["medicare", "medicaid"], "sliding_scale": True}
    assert kinds(tmp_path, "MH * OP * GT * SF")["process"]["cost"] == {"free": False}


@pytest.mark.parametrize(("codes", "age"), [
    ("ADLT SNR YAD", {"min": 18}), ("CHLD", {"max": 17}), ("CHLD YAD ADLT SNR", None), ("SNR", {"min": 65}),
    ("ADLT", {"min": 26, "max": 64}), ("CHLD SNR", None), ("CHLD YAD", {"max": 25}),
])
def test_ages_accepted_become_limits_without_gaps(tmp_path: Path, codes: str, age: dict[str, int] | None) -> None:
    assert kinds(tmp_path, f"MH * OP * GT * {codes}")["process"].get("age") == age


def test_languages_of_treatment_stand_beside_english_and_signing_is_on_request(tmp_path: Path) -> None:
    found = kinds(tmp_path, "MH * OP * GT * SP FX F92 AH")["process"]
    assert found["languages"] == ["en", "es", "vi"]
    assert found["accessibility"] == {"asl": "on_request"}


@pytest.mark.parametrize(("code", "focus", "populations"), [
    ("TRMA", ["general_mh", "trauma_ptsd"], None), ("ALZ", ["general_mh", "dementia"], None),
    ("PED", ["general_mh", "eating_disorder"], None), ("SED", ["general_mh"], ["children", "teens"]),
    ("SMI", ["general_mh"], ["smi"]), ("HV", ["general_mh"], ["hiv"]), ("VAMC", ["general_mh"], ["veterans"]),
])
def test_special_programs_add_what_their_words_say_and_no_more(tmp_path: Path, code: str, focus: list[str],
                                                              populations: list[str] | None) -> None:
    found = kinds(tmp_path, f"MH * OP * GT * {code}")["process"]
    assert (found["focus"], found.get("populations")) == (focus, populations)


def test_telehealth_makes_no_online_session_but_a_question_to_ask(tmp_path: Path) -> None:
    found = kinds(tmp_path, "MH * OP * GT TELE")["process"]
    assert [one["format"] for one in found["sessions"]] == ["in_person"]
    assert "telehealth" in found["contact"]["note"]


def test_family_programs_are_for_relatives_too(tmp_path: Path) -> None:
    found = kinds(tmp_path, "MH * OP * CFT FPSY")
    assert found["family_therapy"]["policies"] == {"partners_welcome": True}
    assert found["psychoed"]["focus"][0] == "family_of_mi"
    assert {one["attendees"] for one in found.values()} == {"anyone"}


def test_unknown_codes_are_flagged_and_kept(tmp_path: Path) -> None:
    table(tmp_path, [{"service_code": code, "service_name": name} for code, name in
                     (("MH", "Mental health"), ("OP", "Outpatient"), ("GT", "Group therapy"))], "service_codes.csv")
    (found,) = listings(read(table(tmp_path, [facility("MH * OP * GT * ZZZ")]), "samhsa"))
    assert found.flags == ("unknown_code",)
    assert found.document["x"]["unknown_codes"] == ["ZZZ"]


def test_a_workbook_with_its_dictionary_equals_the_csv(tmp_path: Path) -> None:
    row = facility("MH * OP * GT PEER")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(row))
    sheet.append(list(row.values()))
    codes = book.create_sheet("Codes")
    for pair in (("service_code", "service_name"), ("MH", "Mental health"), ("OP", "Outpatient"),
                 ("GT", "Group therapy"), ("PEER", "Mentoring/peer support")):
        codes.append(pair)
    book.save(tmp_path / "facilities.xlsx")
    from_book = [one.document for one in listings(read(tmp_path, "samhsa"))]
    from_csv = [one.document for one in listings(read(table(tmp_path, [row], "f.csv"), "samhsa"))]
    assert from_book == from_csv


def test_a_file_that_is_no_workbook_is_refused_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "f.xlsx").write_bytes(b"not a workbook")
    assert read(tmp_path / "f.xlsx", "samhsa") == [Refused(0, "file", "not_a_workbook")]


def test_a_row_without_a_name_is_refused_alone(tmp_path: Path) -> None:
    path = table(tmp_path, [facility("MH * OP * GT", name1=""), facility("MH * OP * GT")])
    rows = read(path, "samhsa")
    assert rows[0] == Refused(2, "name1", "required")
    assert len(listings(rows)) == 1
