from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from finder.errors import NotFound
from finder.mail import letters
from finder.vocabulary import vocabulary
from tests.mail.samples import NAME, SAMPLES
from tests.test_plain_words import _BARRED, grade
from tests.web.site import Site

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "email"
KINDS = sorted(path.stem for path in TEMPLATES.glob("[a-z]*.txt"))
LEADS = {"en": "English:", "es": "Español:"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    found = Site(tmp_path_factory.mktemp("letters"), [], base_url="https://groups.example.org")
    with found.app.app_context():
        yield found


def compose(site: Site, kind: str, locale: str, facts: Mapping[str, Any]) -> letters.Letter:
    return letters.compose(site.app, kind, facts, locale, today=site.clock().date())


CASES = [(kind, number, locale) for kind in KINDS for number in range(len(SAMPLES.get(kind, [{}])))
         for locale in ("en", "es")]


def test_every_letter_has_samples_and_every_sample_a_letter() -> None:
    assert set(SAMPLES) == set(KINDS)


@pytest.mark.parametrize(("kind", "number", "locale"), CASES)
def test_every_letter_is_plain_whole_and_tells_nothing_on_a_locked_screen(site: Site, kind: str, number: int,
                                                                          locale: str) -> None:
    letter = compose(site, kind, locale, SAMPLES[kind][number])
    _check_subject(letter.subject)
    first, second = letter.text.split("\n* * *\n")
    other = "es" if locale == "en" else "en"
    assert second.strip().startswith(LEADS[other])
    for part, language in ((first, locale), (second, other)):
        addresses = re.findall(r"https?://\S+", part)
        assert addresses
        for address in addresses:
            _check_link(site, address, language)
    _check_lines(site, letter)


def _check_subject(subject: str) -> None:
    said = subject.lower()
    assert NAME.lower() not in said
    assert len(subject) <= 120
    topics = vocabulary().lists["focus_areas"]
    for code in topics.codes:
        for language in ("en", "es"):
            assert topics.label(code, language).lower() not in said, code


def _check_link(site: Site, address: str, language: str) -> None:
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("https", "groups.example.org")
    assert parts.path.startswith("/es/") is (language == "es"), address
    endpoint, values = site.app.url_map.bind("groups.example.org").match(parts.path, method="GET")
    assert endpoint
    assert "" not in values.values()


def _check_lines(site: Site, letter: letters.Letter) -> None:
    message = letters.envelope(site.app.extensions["finder"].settings, letter, "joy@example.org", "<1@example.org>",
                               site.clock())
    written = message.as_bytes()
    assert all(len(line) <= 78 for line in written.splitlines())
    read = message_from_bytes(written, policy=policy.default)
    assert read.get_content_type() == "text/plain"
    assert read.get_content().replace("\r\n", "\n") == letter.text
    assert read["Subject"] == letter.subject
    assert all(len(line) <= letters.WIDTH or "://" in line for line in letter.text.splitlines())


@pytest.mark.parametrize(("kind", "number"), sorted({(kind, number) for kind, number, _ in CASES}))
def test_english_letters_are_in_plain_words(site: Site, kind: str, number: int) -> None:
    text = compose(site, kind, "en", SAMPLES[kind][number]).text.split("\n* * *\n")[0]
    words = re.sub(r"https?://\S+", "", text)
    assert not _BARRED.search(words)
    assert "!" not in words
    sentences = [one for one in re.split(r"\n\n|\n- ", words) if len(one.split()) >= 8]
    assert {one: round(grade(one), 1) for one in sentences if grade(one.replace("\n", " ")) > 8} == {}


def test_a_letter_says_who_it_is_from_and_that_a_program_wrote_it(site: Site) -> None:
    settings = site.app.extensions["finder"].settings
    letter = compose(site, "check", "en", SAMPLES["check"][0])
    message = letters.envelope(settings, letter, "joy@example.org", "<1@example.org>", site.clock())
    assert str(message["From"]) == "Open Seat <finder@groups.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == f"<{letter.stop}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert urlsplit(str(letter.stop)).path.startswith("/mail/stop/")


def test_only_letters_that_can_be_stopped_say_how(site: Site) -> None:
    settings = site.app.extensions["finder"].settings
    letter = compose(site, "report_answer", "en", SAMPLES["report_answer"][0])
    message = letters.envelope(settings, letter, "joy@example.org", "<1@example.org>", site.clock())
    assert "List-Unsubscribe" not in message


def test_a_language_that_is_not_offered_is_answered_in_the_sites_own(site: Site) -> None:
    assert letters.languages(site.app, "fr") == ["en", "es"]
    assert letters.languages(site.app, "es") == ["es", "en"]


def test_a_site_in_one_language_writes_in_one(tmp_path: Path) -> None:
    alone = Site(tmp_path, [], locales="es", default_locale="es", base_url="https://groups.example.org")
    with alone.app.app_context():
        text = compose(alone, "report_answer", "en", SAMPLES["report_answer"][0]).text
    assert "* * *" not in text
    assert "https://groups.example.org/es" not in text


def test_a_subject_and_an_address_cannot_bring_lines_of_their_own(site: Site) -> None:
    settings = site.app.extensions["finder"].settings
    facts = {**SAMPLES["report_answer"][0], "name": "River\nBcc: sam@example.org"}
    letter = compose(site, "report_answer", "en", facts)
    message = letters.envelope(settings, letter, "joy@example.org", "<1@example.org>", site.clock())
    assert "Bcc" not in message


def test_a_kind_without_a_template_is_not_found(site: Site) -> None:
    for kind in ("no_such", "../base", "_nothing"):
        with pytest.raises(NotFound):
            compose(site, kind, "en", {})


def test_groups_of_one_address_are_one_letter_with_a_link_each(site: Site) -> None:
    listing = SAMPLES["check"][0]["listings"][0]
    many = [{**listing, "name": f"{NAME} {number}", "link": f"{number:043}"} for number in range(5)]
    text = compose(site, "check", "en", {**SAMPLES["check"][0], "listings": many}).text
    for number in range(5):
        assert f"https://groups.example.org/mail/{number:043}" in text
