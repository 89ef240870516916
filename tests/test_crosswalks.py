import json
import re
from pathlib import Path

import pytest

from finder import crosswalks
from finder.catalog.listing_schema import ORGANIZATION_KINDS
from finder.crosswalks import COLUMNS, NAMES, crosswalk, language_of, language_tag, read, supplied
from finder.errors import Invalid
from finder.exchange.hsds.terms import taxonomy_terms
from finder.intake.document import PATHS
from finder.vocabulary import LIST_NAMES, vocabulary
from tests.shared import shared

OTHER = {"organization_kinds": ORGANIZATION_KINDS, "intake": tuple(PATHS), "phq_answers": ("0", "1", "2", "3")}
# Pairs of the vocabularies' columns that the tables leave out: wider than the words of the other list, or about
# another group, a room, or a slip of paper.
LEFT_OUT = {
    "samhsa_code": {("focus_areas", "TRMA"), ("focus_areas", "ALZ"), ("focus_areas", "SMI"), ("focus_areas", "HV"),
                    ("focus_areas", "GL"), ("focus_areas", "GT"), ("focus_areas", "CFT"), ("populations", "SED"),
                    ("populations", "AH"), ("languages", "AH"), ("accessibility", "AH")},
    "meeting_guide_type": {("populations", "X"), ("populations", "POA"), ("populations", "AL-AN"),
                           ("group_types", "AL-AN"), ("focus_areas", "AL-AN"), ("group_types", "O"),
                           ("group_types", "C"), ("group_types", "D")},
}


@pytest.mark.parametrize("name", NAMES)
def test_every_code_on_our_side_exists(name):
    rows = crosswalk(name).rows
    assert rows
    for row in rows:
        known = OTHER.get(row.list_name) or vocabulary().lists[row.list_name].codes
        assert row.ours in known or row.list_name == "languages" and name == "meeting_guide", row


@pytest.mark.parametrize(("name", "column"), [("samhsa", "samhsa_code"), ("meeting_guide", "meeting_guide_type")])
def test_a_table_says_what_the_vocabularies_say_but_for_what_is_named_here(name, column):
    missing = {(one.name, theirs) for one in vocabulary().lists.values()
               for theirs, ours in one.crosswalks[column].items()
               if not set(ours) <= set(crosswalk(name).ours(one.name, theirs))}
    assert missing <= LEFT_OUT[column]


def test_every_language_of_ours_has_one_tag_of_bcp_47():
    for code in vocabulary().lists["languages"].codes:
        tags = crosswalk("bcp47").theirs("languages", code)
        assert len(tags) == 1
        assert re.fullmatch(r"[a-z]{2,3}", tags[0])
    assert crosswalk("bcp47").ours("languages", "ase") == ("asl",)


def test_every_code_of_ours_has_its_term_in_hsds_attributes():
    terms = {row["code"]: row["id"] for row in taxonomy_terms()}
    for name in LIST_NAMES:
        for code in vocabulary().lists[name].codes:
            assert crosswalk("hsds").theirs(name, code) == (terms[f"{name}:{code}"],)
    for kind in ORGANIZATION_KINDS:
        assert crosswalk("hsds").theirs("organization_kinds", kind) == (terms[f"organization_kinds:{kind}"],)


@pytest.mark.parametrize(("ours", "tag"), [("asl", "ase"), ("zh", "cmn"), ("es", "es"), ("de", "de")])
def test_a_language_goes_out_as_a_tag_and_comes_back(ours, tag):
    assert (language_tag(ours), language_of(tag)) == (tag, ours)


@pytest.mark.parametrize(("tag", "ours"), [("es-MX", "es"), ("ZH-Hant", "zh"), ("ase-US", "asl"), ("", "")])
def test_a_longer_tag_is_read_by_its_first_part(tag, ours):
    assert language_of(tag) == ours


def test_codes_of_others_are_theirs():
    folder = shared("standards")
    known = {row["code"]: row["title"] for row in json.loads(
        (folder / "icd10cm/icd10cm-chapter5-blocks-categories.json").read_text(encoding="utf-8"))}
    for row in crosswalk("icd10cm").rows:
        code = row.theirs.partition(".")[0]
        assert code in known
        assert code != row.theirs or known[code].startswith(row.label)
    loinc = (folder / "fhir/questionnaires/phq9-gad7-loinc.json").read_text(encoding="utf-8")
    assert all(f'"{row.theirs}"' in loinc for row in crosswalk("loinc").rows)
    types = json.loads((folder / "meeting-guide/types.json").read_text(encoding="utf-8"))
    assert {row.theirs for row in crosswalk("meeting_guide").rows} <= set(types)


def test_a_table_reads_in_both_directions():
    table = crosswalk("samhsa")
    assert table.ours("populations", "SED") == ("children", "teens")
    assert table.theirs("cost_payment", "grant") == ("FG", "CMHG", "PCF")
    assert table.labels["PED"] == "Persons with eating disorders"
    assert (table.ours("populations", "none"), table.theirs("populations", "none")) == ((), ())


def test_no_licensed_table_ships():
    for name in crosswalks.SUPPLIED:
        assert not (crosswalks.FOLDER / f"{name}.csv").exists()


def test_an_operator_supplies_a_table_of_the_same_form(tmp_path: Path):
    assert supplied(tmp_path, "211").rows == ()
    (tmp_path / "crosswalks").mkdir()
    (tmp_path / "crosswalks" / "211.csv").write_text(
        "\ufefftheirs,label,list,ours\nXX-1,A name of theirs,focus_areas,grief\n", encoding="utf-8")
    assert supplied(tmp_path, "211").ours("focus_areas", "XX-1") == ("grief",)


HEAD = ",".join(COLUMNS) + "\n"


@pytest.mark.parametrize(("content", "code"), [
    (b"a,b,c,d\n", "wrong_columns"), (f"{HEAD}X,Name,focus_areas\n".encode(), "wrong_columns"),
    (f"{HEAD}X,,focus_areas,grief\n".encode(), "wrong_columns"),
    (f"{HEAD}X,Name,focus_areas,sorrow\n".encode(), "not_a_code"),
    (f"{HEAD}X,Name,moods,grief\n".encode(), "not_a_code"),
    (f"{HEAD}X,Name,languages,en-US\n".encode(), "not_a_code"),
    (f"{HEAD}X,Name,focus_areas,grief\nX,Name,focus_areas,grief\n".encode(), "repeated"),
    (HEAD.encode() + b"\xff,Name,focus_areas,grief\n", "bad_text"), (b"", "wrong_columns"),
    (f'{HEAD}"{"x" * 200_000}",Name,focus_areas,grief\n'.encode(), "bad_text"),
], ids=["other columns", "a cell short", "an empty cell", "no code", "no list", "no language", "twice", "no UTF-8",
        "an empty file", "a cell without end"])
def test_a_table_that_is_wrong_is_refused_by_file_and_line(tmp_path: Path, content: bytes, code: str):
    path = tmp_path / "211.csv"
    path.write_bytes(content)
    with pytest.raises(Invalid) as refused:
        read(path, "211")
    assert [one.code for one in refused.value.errors["211.csv"]] == [code]
