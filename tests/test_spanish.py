"""Spanish is whole: every sentence, every code, the compiled file, and phrases a clinic would use."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from datetime import date

import pyphen
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import Babel, force_locale

from finder import wording
from finder.vocabulary import COLUMNS, LIST_NAMES, vocabulary
from finder.wordings import checks, reasons, results
from finder.wordings.language import listed
from tests.shared import ROOT
from tests.test_wording import CHECK_CODES, REASON_CODES, TABLES, sentences
from tests.test_wording_facts import EVENING

TRANSLATIONS = ROOT / "finder" / "translations"
PO = TRANSLATIONS / "es" / "LC_MESSAGES" / "messages.po"
SPANISH_LISTS = ROOT / "seed_data" / "vocab" / "es"
TODAY = date(2026, 11, 24)
_NAMED = re.compile(r"%\((\w+)\)[sd]|%(?!\()[sd]")


def catalog() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="es")


@pytest.fixture(autouse=True)
def _spanish() -> Iterator[None]:
    app = Flask("finder", root_path=str(ROOT / "finder"))
    Babel(app, default_locale="en")
    with app.test_request_context(), force_locale("es"):
        yield


# -- the catalog of sentences ----------------------------------------------------------------------------------------


def extracted() -> set[object]:
    methods, options = parse_mapping_cfg(io.StringIO((TRANSLATIONS / "babel.cfg").read_text(encoding="utf-8")))
    found: set[object] = set()
    for folder in ("finder", "templates"):
        inside = [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in methods
                  if pattern.startswith(folder)]
        kept = {pattern.removeprefix(f"{folder}/"): value for pattern, value in options.items()}
        found |= {line[2] for line in extract_from_dir(ROOT / folder, inside, kept)}
    return found


def test_every_sentence_of_program_and_pages_is_translated() -> None:
    known = {message.id for message in catalog() if message.id}
    assert {"Find a group", "Strong fit"} <= known
    assert extracted() - known == set()


def test_no_translation_is_empty_unsure_or_left_over() -> None:
    spanish = catalog()
    messages = [message for message in spanish if message.id]
    assert [message.id for message in messages if message.fuzzy] == []
    assert [message.id for message in messages
            if not all(message.string if isinstance(message.string, tuple) else (message.string,))] == []
    assert {message.id for message in messages} - extracted() == set()
    assert not spanish.obsolete


def test_placeholders_are_the_same_in_both_languages() -> None:
    for message in catalog():
        if message.id:
            english = message.id if isinstance(message.id, tuple) else (message.id,)
            spanish = message.string if isinstance(message.string, tuple) else (message.string,)
            needed, allowed = set(_found(english[-1])), set(_found(" ".join(english)))
            for one in spanish:
                assert set(_found(one)) <= allowed, message.id
            assert set(_found(spanish[-1])) == needed, message.id


def _found(text: str) -> list[str]:
    return [hit.group(0) for hit in _NAMED.finditer(text)]


def test_compiled_file_is_the_compiled_catalog() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalog())
    with PO.with_suffix(".mo").open("rb") as file:
        shipped = read_mo(file)
    compiled.seek(0)
    fresh = read_mo(compiled)
    assert {str(one.id): one.string for one in shipped} == {str(one.id): one.string for one in fresh}


def test_template_of_sentences_is_up_to_date() -> None:
    with (TRANSLATIONS / "messages.pot").open("rb") as file:
        assert {message.id for message in read_po(file) if message.id} == extracted()


@pytest.mark.parametrize("name", TABLES)
def test_every_sentence_of_a_table_differs_from_english(name: str) -> None:
    spanish = {message.id: message.string for message in catalog()}
    same = {text for text in sentences(TABLES[name]) if spanish[text] == text and re.sub(r"%\(\w+\)s", "", text)}
    assert same <= {"Medicaid", "Medicare"}


def test_no_two_codes_of_a_table_say_the_same() -> None:
    spanish = {message.id: message.string for message in catalog()}
    for table in (results.HIDDEN, results.NOTICES, results.BANDS, results.LEVELS):
        found = [spanish[text] for text in sentences(table)]
        assert len(set(found)) == len(found)


@pytest.mark.parametrize("code", REASON_CODES)
def test_every_reason_is_said_in_spanish(code: str) -> None:
    text = wording.reason_text({"code": code, "values": {}})
    assert text
    assert text not in reasons.REASONS[code]


@pytest.mark.parametrize("code", REASON_CODES + CHECK_CODES)
def test_every_question_is_asked_in_spanish(code: str) -> None:
    text = wording.check_text({"code": code, "values": {}})
    assert text not in checks.CHECKS[code]
    assert "Pregunte" in text or "Llame" in text or "Pídalo" in text


# -- facts in Spanish ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("repeats", "text"), [
    ("FREQ=WEEKLY;BYDAY=TU", "Cada martes, de 6:00 a 7:30 p. m., hora del este"),
    ("FREQ=MONTHLY;BYDAY=2TU,4TU", "2.º y 4.º martes del mes, de 6:00 a 7:30 p. m., hora del este"),
    ("FREQ=MONTHLY;BYDAY=-1FR", "Último viernes del mes, de 6:00 a 7:30 p. m., hora del este"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "Cada dos semanas, el martes, de 6:00 a 7:30 p. m., hora del este"),
    ("FREQ=DAILY", "Todos los días, de 6:00 a 7:30 p. m., hora del este"),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "De lunes a viernes, de 6:00 a 7:30 p. m., hora del este"),
])
def test_schedule_reads_as_spanish(repeats: str, text: str) -> None:
    session = {**EVENING, "repeats": repeats, "valid_from": "2026-09-01"}
    assert wording.schedule_text(session, today=TODAY) == text


def test_cohort_and_days_off_are_said_in_spanish() -> None:
    session = {**EVENING, "format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TH", "valid_from": "2027-01-14",
               "valid_until": "2027-03-04", "except_dates": ["2027-02-11"]}
    assert wording.schedule_text(session, today=TODAY) == (
        "Cada jueves, de 6:00 a 7:30 p. m., del 14 de enero al 4 de marzo de 2027. "
        "No hay reunión el 11 de febrero de 2027.")
    assert wording.schedule_text({"format": "text_chat", "anytime": True}) == "Siempre abierto"


@pytest.mark.parametrize(("text", "expected"), [
    (lambda: wording.reason_text({"criterion": "need", "code": "need_exact", "values": {"need": "grief"}}),
     "Para el duelo y la pérdida"),
    (lambda: wording.reason_text({"criterion": "reach", "code": "near", "values": {"miles": 0.3}}),
     "A menos de 1 milla"),
    (lambda: wording.check_text({"criterion": "language", "code": "language_unconfirmed", "values": {"codes": ["es"]}}),
     "Pregunte: “¿Puedo participar en español?”"),
    (lambda: wording.cost_text({"free": False, "amount": 45, "insurance": ["medicaid", "private"]}),
     "$45 cada vez, acepta Medicaid o seguro privado"),
    (lambda: wording.capacity_text({"status": "waitlist", "wait_weeks": 5, "as_of": "2026-11-01"}, today=TODAY),
     "Lista de espera, cerca de 5 semanas"),
    (lambda: wording.freshness_text("2026-09-24", TODAY), "Revisado hace 2 meses"),
    (lambda: wording.freshness_text("2026-11-23", TODAY), "Revisado hace 1 día"),
    (lambda: wording.support_range_text(0, 2), "Apoyo de ligero a medio"),
    (lambda: wording.relax_text({"change": "radius_wider", "value": 25, "adds": 7}), "Ampliar a 25 millas: 7 más"),
    (lambda: wording.band_text("strong"), "Le queda muy bien"),
    (lambda: wording.label("focus_areas", "panic"), "Ataques de pánico"),
    (lambda: wording.label("languages", "it"), "Italiano"),
    (lambda: wording.languages_text(["en", "it"]), "Inglés e italiano"),
], ids=["need", "near", "language", "cost", "waitlist", "months", "day", "support", "relax", "band", "label", "iso",
        "and"])
def test_fact_is_said_in_spanish(text: object, expected: str) -> None:
    assert callable(text)
    assert text() == expected


@pytest.mark.parametrize(("items", "either", "text"), [
    (["uno", "dos"], False, "uno y dos"), (["francés", "inglés"], False, "francés e inglés"),
    (["uno", "hielo"], False, "uno y hielo"), (["uno", "otro"], True, "uno u otro"), (["a", "b"], True, "a o b"),
    (["a", "b", "c"], False, "a, b y c"), ([], False, ""),
])
def test_and_and_or_follow_the_sound_after_them(items: list[str], either: bool, text: str) -> None:
    assert listed(items, either=either) == text


# -- the vocabularies ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LIST_NAMES)
def test_every_code_has_spanish_words(name: str) -> None:
    codes = vocabulary().lists[name]
    assert tuple(codes.terms["es"]) == codes.codes
    for term in codes.terms["es"].values():
        assert term.label
        assert term.definition
        assert term.synonyms
    labels = [term.label for term in codes.terms["es"].values()]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", LIST_NAMES)
def test_list_is_plain_csv_with_four_columns(name: str) -> None:
    raw = (SPANISH_LISTS / f"{name}.csv").read_bytes()
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    text = raw.decode("utf-8")
    assert unicodedata.is_normalized("NFC", text)
    rows = list(csv.reader(io.StringIO(text), strict=True))
    assert tuple(rows[0]) == COLUMNS[:4]
    assert {len(row) for row in rows} == {4}


@pytest.mark.parametrize(("phrase", "name", "code"), [
    ("ataques de panico", "focus_areas", "panic"), ("nervios", "focus_areas", "anxiety"),
    ("mi hijo usa drogas", "focus_areas", "family_of_sud"), ("AA", "focus_areas", "alcohol"),
    ("alcoholicos anonimos", "focus_areas", "alcohol"), ("duelo", "focus_areas", "grief"),
    ("no puedo dormir", "focus_areas", "sleep"), ("quiero morir", "focus_areas", "suicidal_thoughts"),
    ("mi esposo me pega", "focus_areas", "domestic_violence"), ("mi mamá tiene alzheimer", "focus_areas",
                                                                "dementia_caregiving"),
    ("sin papeles", "populations", "refugees"), ("mamá primeriza", "populations", "new_parents"),
    ("veterana", "populations", "veterans"), ("tercera edad", "populations", "older_adults"),
    ("silla de ruedas", "accessibility", "step_free"), ("aseguranza", "cost_payment", "private"),
])
def test_everyday_phrase_stands_under_its_code(phrase: str, name: str, code: str) -> None:
    assert phrase in vocabulary().lists[name].synonyms(code, "es")


@pytest.mark.parametrize("name", ["focus_areas", "populations"])
def test_phrase_leads_to_one_code_only(name: str) -> None:
    codes = vocabulary().lists[name]
    found: dict[str, str] = {}
    for code in codes.codes:
        for phrase in codes.synonyms(code, "es"):
            assert found.setdefault(phrase.lower(), code) == code, phrase


def test_phrases_with_accents_are_there_without_them_too() -> None:
    for name in LIST_NAMES:
        codes = vocabulary().lists[name]
        for code in codes.codes:
            several = {phrase.lower() for phrase in codes.synonyms(code, "es")}
            plain = {"".join(sign for sign in unicodedata.normalize("NFD", phrase) if not unicodedata.combining(sign))
                     for phrase in several}
            assert plain <= several


# -- plain Spanish ---------------------------------------------------------------------------------------------------

_SYLLABLES = pyphen.Pyphen(lang="es")
_BARRED = re.compile(r"\b(adict[oa]s?|drogadict\w+|alcohólic[oa]s? |limpi[oa]s?|víctimas?|sufre[ns]?|padece[ns]?"
                     r"|pacientes?|se suicidó|cometió suicidio|tú|tienes|puedes|minusválid\w+)\b",
                     re.IGNORECASE)


def ease(text: str) -> float:
    """Fernández-Huerta ease (1959, as corrected by Gwillim Law 2011), syllables by hyphenation points."""
    parts = [part for part in re.split(r"[.!?:;]+(?:[”\s]|$)", text) if re.search(r"\w", part)]
    words = re.findall(r"[^\W\d_]+", text)
    syllables = sum(len(_SYLLABLES.positions(word)) + 1 for word in words)
    return 206.84 - 60 * syllables / len(words) - 1.02 * len(words) / max(1, len(parts))


@pytest.mark.parametrize("name", ["reasons", "checks", "problems", "notices", "levels", "first visits"])
def test_spanish_is_easy_to_read(name: str) -> None:
    spanish = {message.id: message.string for message in catalog()}
    texts = [re.sub(r"%\(\w+\)s", "tres", str(spanish[text])) for text in sentences(TABLES[name])]
    assert ease(". ".join(text.rstrip(".") for text in texts)) >= 70


def test_sentences_and_labels_are_person_first_and_say_usted() -> None:
    shown = [str(message.string) for message in catalog() if message.id]
    for name in LIST_NAMES:
        terms = vocabulary().lists[name].terms["es"].values()
        shown += [text for term in terms for text in (term.label, term.definition)]
    assert [text for text in shown if _BARRED.search(text)] == []


def test_hours_that_end_in_a_short_form_get_no_second_period() -> None:
    session = {**EVENING, "format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TU", "except_dates": ["2026-12-29"]}
    text = wording.schedule_text(session, today=TODAY)
    assert "p.\u202fm. No hay" in text.replace("p.\u00a0m.", "p.\u202fm.").replace("p. m.", "p.\u202fm."), text
