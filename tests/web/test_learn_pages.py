from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po

from finder.wordings.learning import LESSONS
from tests.pages import Pages
from tests.test_plain_words import grade
from tests.test_spanish import PO

# Names of conditions and substances must not stand in a title or an address, which a phone shows to others.
_TELLING = re.compile(r"depress|anxi|suicid|addict|alcohol|drug|opioid|trauma|bipolar|mental", re.IGNORECASE)


def _texts(subject: str) -> list[str]:
    lesson = LESSONS[subject]
    return [lesson.lead, *(text for _, texts in lesson.parts for text in texts)]


def test_the_index_leads_to_every_lesson(pages: Pages) -> None:
    links = pages.get("/learn/").links
    assert [f"/learn/{one}" for one in LESSONS if f"/learn/{one}" not in links] == []


@pytest.mark.parametrize("subject", LESSONS)
def test_a_lesson_shows_its_parts_its_sources_and_the_way_on(pages: Pages, subject: str) -> None:
    page = pages.get(f"/learn/{subject}")
    lesson = LESSONS[subject]
    assert page.heading == lesson.title
    assert [tag.text for tag in page.main.all("h2")][:len(lesson.parts)] == [heading for heading, _ in lesson.parts]
    for source in lesson.sources:
        assert f'href="{source.url}"' in page.source
    assert "/find/" in page.links
    assert not _TELLING.search(page.title + subject)


@pytest.mark.parametrize("subject", LESSONS)
def test_Y6_a_lesson_reads_at_grade_eight_or_below(subject: str) -> None:
    assert grade(" ".join(_texts(subject))) <= 8
    assert not [text for text in _texts(subject) if "!" in text]


@pytest.mark.parametrize("subject", LESSONS)
def test_a_lesson_is_there_in_spanish(pages: Pages, subject: str) -> None:
    page = pages.get(f"/es/learn/{subject}")
    assert page.heading != LESSONS[subject].title
    left = [text for text in _texts(subject) if text in page.main.text]
    assert left == []


def test_spanish_lessons_speak_to_usted() -> None:
    with PO.open("rb") as file:
        spanish = {one.id: one.string for one in read_po(file, locale="es")}
    told = " ".join(str(spanish[text]) for subject in LESSONS for text in _texts(subject))
    assert not re.search(r"\b(tú|tienes|puedes|quieres|contigo|tuyo|tus)\b", told)


def test_what_nobody_wrote_is_not_there(pages: Pages) -> None:
    assert pages.get("/learn/nothing").status == 404
