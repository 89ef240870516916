from __future__ import annotations

import csv
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.errors import Invalid, Problem
from finder.intake.document import REMOTE
from finder.places import gazetteer
from finder.referrals import caseload
from finder.referrals.caseload import Row, Sheet
from finder.search import intake_schema
from finder.vocabulary import vocabulary

WORLD: dict[str, Any] = {"gazetteer": gazetteer.load(), "vocabulary": vocabulary()}


def read(text: str | bytes) -> Sheet:
    return caseload.read(text.encode() if isinstance(text, str) else text, **WORLD)


def row(header: str, cells: str) -> Row:
    """The only row of a file with these columns beside a code and a need."""
    (found,) = read(f"code,need,{header}\nK7-41,grief,{cells}\n").rows
    return found


def refused(text: str | bytes) -> Problem:
    with pytest.raises(Invalid) as wrong:
        read(text)
    assert list(wrong.value.errors) == ["file"]
    return wrong.value.errors["file"][0]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_template_can_be_sent_as_it_is(language: str) -> None:
    (found,) = read(caseload.template(language)).rows
    assert found.problems == {}
    assert found.code == "K7-41"
    assert intake_schema.load({"format": "finder-intake/1", **found.intake}) == {
        "format": "finder-intake/1", "age": 34, "gender": "woman", "needs": ["anxiety"],
        "scores": {"phq9": 11, "phq9_item9": 0, "gad7": 9}, "near": {"text": "Durham, NC 27701"},
        "formats": ["in_person", "online_video"], "times": ["evening"], "languages": ["en"]}


def test_a_spanish_file_with_semicolons_reads_like_an_english_one() -> None:
    english = read("code,need,place,ways,times,language,gender,level\n"
                   "K7-41,alcohol|anxiety,27701,in_person|online_video,evening,es,woman,3\n")
    spanish = read("\ufeffCódigo;Necesidad;Código postal;Modalidad;Horario;Idioma;Género;Nivel\r\n"
                   "K7-41;alcohol, ansiedad;27701;en persona, video;noche;español;mujer;3\r\n")
    assert spanish.rows == english.rows
    assert english.rows[0].level == 3


def test_a_file_of_an_old_spreadsheet_is_read() -> None:
    assert read("código;necesidad\nK7-41;ansiedad\n".encode("cp1252")).rows[0].intake == {"needs": ["anxiety"]}


@pytest.mark.parametrize("heading", ["Name", "first_name", "Client Name", "clientName", "DOB", "Date of birth", "SSN",
                                     "phone", "Cell", "E-mail", "Street address", "MRN", "Chart #", "Nombre",
                                     "Apellidos", "Fecha de nacimiento", "Teléfono", "Correo", "Medicaid ID"])
def test_a_file_that_tells_who_people_are_is_refused_whole(heading: str) -> None:
    problem = refused(f"code,need,{heading}\nK7-41,grief,x\n")
    assert (problem.code, problem.values) == ("identity_column", {"value": heading})


@pytest.mark.parametrize("heading", [*caseload.COLUMNS, *caseload.SPANISH.values(), "notes", "clinic", "risk", ""])
def test_other_headings_tell_nobody(heading: str) -> None:
    assert not caseload.tells_identity(heading)


@pytest.mark.parametrize(("text", "code"), [
    ("", "required"), (" \n \n", "required"), ("code,place\nK7-41,27701\n", "no_columns"), ("hello", "no_columns"),
    ("code,need\n", "no_rows"), ("code,need\n,\n , \n", "no_rows"), ("code,need,need\nK7-41,grief,x\n", "column_twice"),
    ("code,need\n" + "K7-41,grief\n" * 101, "too_many_rows"), (b"code,need\nK\x007,grief\n", "not_a_table"),
    ("code,need\n" + "x" * caseload.MOST_BYTES, "file_too_large"),
    ("code,need\nK7-41," + "x" * (csv.field_size_limit() + 1), "not_a_table"),
    ("code,need" + ",x" * 100 + "\nK7-41,grief\n", "no_columns"), (b"\x89PNG\r\n\x1a\n", "no_columns"),
], ids=lambda one: one if isinstance(one, str) and one.isidentifier() else "")
def test_a_file_that_is_none_is_refused_with_a_reason(text: str | bytes, code: str) -> None:
    assert refused(text).code == code


@pytest.mark.parametrize(("header", "cells", "column", "code"), [
    ("place", "Springfield", "place", "unknown_place"), ("ways", "telepathy", "ways", "not_understood"),
    ("times", "noonish", "times", "not_understood"), ("age", "34y", "age", "not_a_number"),
    ("age", "01/02/1980", "age", "not_a_number"), ("gender", "x", "gender", "not_understood"),
    ("language", "Klingonese", "language", "not_understood"), ("phq9", "-1", "phq9", "not_a_number"),
    ("phq9", "12", "phq9_item9", "item9_needed"), ("level", "high", "level", "not_a_number"),
    ("place", "x" * 201, "place", "too_long"), ("place", "27701,,extra", "code", "wrong_columns"),
])
def test_what_is_wrong_is_said_of_its_column(header: str, cells: str, column: str, code: str) -> None:
    assert row(header, cells).problems[column][0].code == code


@pytest.mark.parametrize("code", ["Maria", "MARIA", "Maria Lopez", "1980-01-02", "919-555-0142", "", "K7-41-A-B"])
def test_a_code_that_could_be_a_name_a_date_or_a_number_is_refused(code: str) -> None:
    (found,) = read(f"code,need\n{code},grief\n").rows
    assert list(found.problems) == ["code"]


def test_one_bad_row_leaves_the_others_and_lines_count_as_in_a_spreadsheet() -> None:
    rows = read("code,need\n\nK7-41,grief\nB2,xyzzy\n\nC3,anger\nK7-41,sleep\n").rows
    assert [(one.number, one.code, list(one.problems)) for one in rows] == [
        (3, "K7-41", []), (4, "B2", ["need"]), (6, "C3", []), (7, "K7-41", ["code"])]


def test_numbers_of_spreadsheets_are_whole_numbers_and_zero_is_a_number() -> None:
    found = row("phq9,phq9_item9,gad7,age", "11.0,0,0,34.00")
    assert found.problems == {}
    assert found.intake["scores"] == {"phq9": 11, "phq9_item9": 0, "gad7": 0}
    assert found.intake["age"] == 34


@pytest.mark.parametrize(("header", "cells", "formats"), [
    ("place", "online", list(REMOTE)), ("place", "En línea", list(REMOTE)), ("place,ways", "online,phone", ["phone"]),
    ("ways,place", "phone,online", ["phone"])])
def test_online_stands_for_any_way_that_needs_no_place(header: str, cells: str, formats: list[str]) -> None:
    found = row(header, cells)
    assert found.intake["formats"] == formats
    assert "near" not in found.intake


def test_columns_that_are_not_ours_are_counted_and_not_read() -> None:
    sheet = read("code,need,notes,risk\nK7-41,grief,secret,9\n")
    assert sheet.ignored == 2
    assert "secret" not in repr(sheet.rows)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda one: f"code,need,phq9\n{one}".encode())))
def test_whatever_is_sent_is_read_or_refused(body: bytes) -> None:
    try:
        rows = len(caseload.read(body, **WORLD).rows)
    except Invalid as wrong:
        rows = 1 if list(wrong.errors) == ["file"] else 0
    assert 1 <= rows <= caseload.MOST_ROWS
