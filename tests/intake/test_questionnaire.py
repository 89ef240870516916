import copy
import json
import re
from pathlib import Path

import pyphen
import pytest

from finder.errors import Invalid, NotFound
from finder.intake import question_data, questionnaire
from finder.intake.document import FOCUS, PATHS
from finder.intake.questionnaire import answered, answers_to_intake, asked, options, page, pages
from finder.search.intake_schema import load, searchable
from tests.make import make_intake

DATA = json.loads(questionnaire.FILE.read_text(encoding="utf-8"))
QUESTIONS = [question for one in questionnaire.questionnaire().pages for question in one.questions]
BY_ID = {question.id: question for question in QUESTIONS}
TOPICS = ["who", "need", "feelings", "impact", "safety", "about", "where", "preferences"]
# Answered by a provider, given by the browser instead of typed, or changed on the results page.
NOT_ASKED = {path for path in PATHS if path.startswith("scores.")} | {
    "near.latitude", "near.longitude", "formats_required", "times_required", "access_required"}
PEER_NEEDS = ["alcohol", "opioids", "stimulants", "cannabis", "nicotine", "general_recovery", "cooccurring"]


def ids(found):
    return [one.id for one in found]


def spoken(lang):
    """Every sentence of the questionnaire in a language, with where it stands; credits are quotations."""
    def walk(node, where):
        if isinstance(node, dict):
            for key, inner in node.items():
                if key == "instruments":
                    continue
                if key == lang and isinstance(inner, str):
                    yield where, inner
                else:
                    yield from walk(inner, f"{where}.{key}")
        elif isinstance(node, list):
            for number, inner in enumerate(node):
                yield from walk(inner, f"{where}.{number}")

    return list(walk(DATA, ""))


def test_the_eight_topics_come_in_their_order():
    assert ids(questionnaire.questionnaire().pages) == TOPICS
    assert questionnaire.questionnaire().version == 1


def test_every_answer_a_person_can_give_is_asked_for_once():
    paths = [question.path for question in QUESTIONS if question.path != "needs.first"]
    assert len(paths) == len(set(paths))
    assert set(paths) == set(PATHS) - NOT_ASKED


def test_wishes_can_be_made_musts():
    assert {question.path: question.must for question in QUESTIONS if question.must} == {
        "formats": "formats_required", "times": "times_required", "access": "access_required"}
    assert [option.value for option in BY_ID["times"].options if option.wish_only] == ["any"]


def test_every_question_can_be_skipped_but_one_need_and_one_place():
    assert {question.path: question.instead for question in QUESTIONS if not question.skippable} == {
        "needs": "needs_text", "needs_text": "needs", "near.text": "radius_miles"}


def test_every_need_stands_in_one_group():
    codes = [option.value for group in BY_ID["needs"].groups for option in group.options]
    assert sorted(codes) == sorted(FOCUS)
    assert set(BY_ID["needs"].first) <= set(codes)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.id)
def test_every_question_has_words_a_reason_and_labels_in_both_languages(question):
    for lang in ("en", "es"):
        assert question.wording(lang)
        assert question.why.of(lang)
        assert all(option.label(lang) for option in question.options)
    assert question.wording("en") != question.wording("es")
    values = [option.value for option in question.options]
    assert len(values) == len(set(values))


def test_the_phq4_keeps_its_published_words_order_and_credit():
    rows = page("feelings").questions
    assert [row.path for row in rows] == ["phq4.0", "phq4.1", "phq4.2", "phq4.3"]
    assert [row.text.en for row in rows] == [
        "Feeling nervous, anxious or on edge", "Not being able to stop or control worrying",
        "Little interest or pleasure in doing things", "Feeling down, depressed, or hopeless"]
    for row in rows:
        assert [(one.value, one.label("en")) for one in row.options] == [
            ("0", "Not at all"), ("1", "Several days"), ("2", "More than half the days"), ("3", "Nearly every day")]
        assert [one.label("es") for one in row.options] == [
            "Ningún día", "Varios días", "Más de la mitad de los días", "Casi todos los días"]
        assert row.instrument.stem.en == (
            "Over the last two weeks, how often have you been bothered by the following problems?")
        assert "No permission required to reproduce" in row.instrument.credit.en
        assert "No se requiere permiso" in row.instrument.credit.es
        assert "Löwe" in row.instrument.citation
        assert "2009" in row.instrument.citation


def test_the_safety_question_can_be_declined_in_words():
    assert [one.value for one in BY_ID["safety"].options] == ["none", "past", "passive", "active", "skip"]
    assert BY_ID["safety"].options[-1].label("en") == "I’d rather not say"
    assert "not an emergency service" in page("safety").lead.en


def test_questions_about_somebody_else_do_not_say_you():
    for question in QUESTIONS:
        if question.path.startswith("phq4") or question.path == "asked_by":
            continue
        words = [question.wording("en", "parent"), *(one.label("en", "parent") for one in question.options
                                                     if one.text and one.value != "skip")]
        assert not [text for text in words if re.search(r"\b(your?|I)\b", text)] or question.id == "needs_text", words


# --- pages and conditions


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({}, TOPICS),
        ({"asked_by": "self"}, TOPICS),
        ({"asked_by": "parent"}, [one for one in TOPICS if one != "feelings"]),
        ({"asked_by": "provider"}, [one for one in TOPICS if one != "feelings"]),
    ],
    ids=str,
)
def test_pages_follow_each_other_and_lead_back(said, shown):
    assert ids(pages(make_intake(**said))) == shown
    for before, after in zip([None, *shown], [*shown, None], strict=True):
        if before is not None:
            found = questionnaire.next_page(before, said)
            assert (found.id if found else None) == after
        if after is not None:
            found = questionnaire.previous_page(after, said)
            assert (found.id if found else None) == before


def test_a_page_that_is_not_there_is_not_found():
    for call in (page, lambda one: questionnaire.next_page(one, {}), lambda one: questionnaire.previous_page(one, {})):
        with pytest.raises(NotFound):
            call("nowhere")


def test_a_page_hidden_by_an_answer_still_knows_its_neighbors():
    assert questionnaire.next_page("feelings", {"asked_by": "parent"}).id == "impact"


@pytest.mark.parametrize("need", ["alcohol", "opioids", "cooccurring", "depression", "gambling", "family_of_sud"])
def test_questions_about_use_are_asked_only_for_a_need_about_use(need):
    found = ids(asked(page("impact"), {"needs": [need]}))
    assert ("loss_of_control" in found) == ("goal" in found) == (need in PEER_NEEDS)


def test_a_need_understood_from_free_text_asks_its_questions_too():
    assert "loss_of_control" not in ids(asked(page("impact"), {"needs_text": "I drink"}))
    assert "loss_of_control" in ids(asked(page("impact"), {"needs_text": "I drink"}, ("alcohol",)))


@pytest.mark.parametrize(
    ("page_id", "question", "said", "shown"),
    [
        ("impact", "stated_level", {}, True),
        ("impact", "stated_level", {"phq4": [0, 0, 0, 0]}, False),
        ("impact", "needs_first", {"needs": ["ocd"]}, False),
        ("impact", "needs_first", {"needs": ["ocd", "grief"]}, True),
        ("preferences", "women_only", {}, True),
        ("preferences", "women_only", {"gender": "nonbinary"}, True),
        ("preferences", "women_only", {"gender": "man"}, False),
        ("preferences", "identity_preference", {}, False),
        ("preferences", "identity_preference", {"identities": ["veterans"]}, True),
    ],
    ids=str,
)
def test_a_question_is_shown_when_its_condition_holds(page_id, question, said, shown):
    assert (question in ids(asked(page(page_id), said))) == shown


def test_which_need_matters_most_offers_those_chosen():
    assert [one.value for one in options(BY_ID["needs_first"], {"needs": ["grief", "ocd"]})] == ["ocd", "grief"]
    assert [one.value for one in options(BY_ID["goal"], {})] == ["stop", "moderation", "unsure"]


# --- what a page changes


def test_a_page_replaces_its_own_answers_and_keeps_all_others():
    before = make_intake(age=30, needs=["ocd"], gender="man", scores={"phq9": 9}, emphasis={"cost": 2})
    after = answered(page("about"), before, {"age": ["31"], "see": ["1"], "needs": ["sleep"]})
    assert after == make_intake(age=31, needs=["ocd"], scores={"phq9": 9}, emphasis={"cost": 2})


def test_answers_to_questions_that_are_no_longer_asked_are_taken_out():
    before = make_intake(needs=["alcohol"], substance={"loss_of_control": 4, "consequences": 2}, goal="stop",
                         recently_using=True, takes_recovery_medication=False, impact=1)
    after = answered(page("need"), before, {"needs": ["sleep"]})
    assert after == make_intake(needs=["sleep"], impact=1)
    kept = answered(page("need"), before, {"needs_text": ["I drink"]}, understood=("alcohol",))
    assert kept["substance"] == {"loss_of_control": 4, "consequences": 2}


def test_answers_that_depend_on_answers_taken_out_go_too():
    before = make_intake(asked_by="self", phq4=[1, 1, 1, 1], needs=["ocd"])
    after = answered(page("who"), before, {"asked_by": ["parent"]})
    assert after == make_intake(asked_by="parent", needs=["ocd"])
    assert "stated_level" in ids(asked(page("impact"), after))


def test_the_most_important_need_stays_first_when_the_needs_are_sent_again():
    before = answered(page("impact"), make_intake(needs=["alcohol", "grief"]), {"needs.first": ["grief"]})
    assert before["needs"] == ["grief", "alcohol"]
    after = answered(page("need"), before, {"needs": ["alcohol", "grief", "sleep"]})
    assert after["needs"] == ["grief", "alcohol", "sleep"]


def test_a_skipped_page_takes_back_its_answers():
    before = make_intake(near={"latitude": 1.5, "longitude": 2.5}, radius_miles=5, times=["evening"],
                         times_required=True, needs=["ocd"])
    assert answered(page("where"), before, {}) == make_intake(needs=["ocd"])


def test_a_wrong_answer_stays_so_that_the_schema_names_it():
    after = answered(page("about"), make_intake(), {"age": ["forty"], "gender": ["other"]})
    with pytest.raises(Invalid) as caught:
        load(after)
    assert {field: one[0].code for field, one in caught.value.errors.items()} == {
        "age": "not_a_number", "gender": "not_a_code"}


def test_answering_every_page_gives_an_intake_that_can_be_searched():
    sent = {
        "who": {"asked_by": ["self"], "attending_as": ["person"]}, "need": {"needs": ["alcohol", "grief"]},
        "feelings": {f"phq4.{item}": ["2"] for item in range(4)},
        "impact": {"impact": ["3"], "substance.loss_of_control": ["1"], "goal": ["unsure"], "recently_using": ["true"]},
        "safety": {"safety": ["skip"], "urgent": ["medical"]},
        "about": {"age": ["52"], "gender": ["man"], "languages": ["en", "es"], "identities": ["veterans"]},
        "where": {"near.text": ["Durham, NC"], "radius_miles": ["15"], "travel": ["car"], "formats.phone": ["wish"],
                  "formats.in_person": ["must"], "times.evening": ["no"], "access.step_free": ["must"]},
        "preferences": {"cost.kind": ["up_to"], "cost.amount": ["$20"], "insurance": ["va"], "led_by": ["peer"],
                        "identity_preference": ["prefer"], "start_soon": ["true"], "avoid": ["php"]},
    }
    intake = make_intake()
    for one in questionnaire.questionnaire().pages:
        intake = answered(one, intake, sent[one.id])
    assert searchable(load(intake)) == {}
    assert load(intake) == make_intake(
        asked_by="self", attending_as="person", age=52, gender="man", needs=["alcohol", "grief"], phq4=[2, 2, 2, 2],
        impact=3, substance={"loss_of_control": 1}, safety="skip", urgent=["medical"], goal="unsure",
        recently_using=True, near={"text": "Durham, NC"}, radius_miles=15, travel="car", formats=["phone", "in_person"],
        formats_required=["in_person"], languages=["en", "es"], identities=["veterans"], identity_preference="prefer",
        cost={"kind": "up_to", "amount": 20}, insurance=["va"], access=["step_free"], access_required=["step_free"],
        led_by="peer", avoid=["php"], start_soon=True)


@pytest.mark.parametrize("question", [one for one in QUESTIONS if one.options and one.path != "needs.first"],
                         ids=lambda one: one.id)
def test_every_option_gives_an_answer_that_the_schema_accepts(question):
    for option in question.options:
        name = f"{question.path}.{option.value}" if question.must else question.path
        form = {name: ["wish" if question.must else option.value]}
        if question.path == "cost.kind":
            form["cost.amount"] = ["5"]
        if question.path.startswith("phq4"):
            form = {f"phq4.{item}": [option.value] for item in range(4)}
        found = answers_to_intake(form)
        assert load(found) == found
        assert len(found) > 1


# --- the data check themselves


def _broken(change):
    data = copy.deepcopy(DATA)
    change(data)
    return data


def _set(*steps):
    *way, name, value = steps

    def change(data):
        for step in way:
            data = data[step]
        data[name] = value

    return change


WHO = ("pages", 0)
ASKED_BY = (*WHO, "questions", 0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (_set("version", "1"), "version"),
        (_set("version", 0), "version"),
        (_set("pages", []), "pages"),
        (_set(*WHO, "id", ""), "pages.0.id"),
        (_set("pages", 1, "id", "who"), "pages.1.id"),
        (_set(*WHO, "title", {"en": "Who?"}), "pages.0.title"),
        (_set(*WHO, "lead", {"en": "Who?", "es": " "}), "pages.0.lead.es"),
        (_set(*WHO, "questions", []), "pages.0.questions"),
        (_set(*WHO, "when", [{"path": "gender"}]), "pages.0.when.0.path"),
        (_set(*ASKED_BY, "path", "asked"), "pages.0.questions.0.path"),
        (_set(*ASKED_BY, "kind", "multi"), "pages.0.questions.0.kind"),
        (_set(*ASKED_BY, "kind", "dial"), "pages.0.questions.0.kind"),
        (_set(*ASKED_BY, "skippable", None), "pages.0.questions.0.skippable"),
        (_set(*ASKED_BY, "why", None), "pages.0.questions.0.why"),
        (_set(*ASKED_BY, "options", []), "pages.0.questions.0.options"),
        (_set(*ASKED_BY, "options", 0, "value", "friend"), "pages.0.questions.0.options"),
        (_set(*ASKED_BY, "options", 0, "text", None), "pages.0.questions.0.options.0.text"),
        (_set(*ASKED_BY, "options", {"list": "pets"}), "pages.0.questions.0.options.list"),
        (_set(*ASKED_BY, "must", "asked_required"), "pages.0.questions.0.must"),
        (_set(*ASKED_BY, "instrument", "phq2"), "pages.0.questions.0.instrument"),
        (_set(*ASKED_BY, "when", [{"path": "attending_as"}]), "pages.0.questions.0.when.0.path"),
        (_set("pages", 0, "questions", 1, "id", "asked_by"), "pages.0.questions.1.id"),
        (_set("pages", 1, "questions", 0, "options", "first", ["sad"]), "pages.1.questions.0.options.first"),
        (_set("pages", 1, "questions", 0, "options", "groups", 0, "codes", ["sad"]),
         "pages.1.questions.0.options.groups.0"),
        (_set("pages", 2, "when", 0, "none", ["friend"]), "pages.2.when.0"),
        (_set("pages", 2, "questions", 0, "options", 0, "value", "4"), "pages.2.questions.0.options"),
        (_set("pages", 6, "questions", 1, "options", 0, "value", "1001"), "pages.6.questions.1.options"),
        (_set("instruments", "phq4", "citation", ""), "instruments.phq4.citation"),
        (_set("instruments", "phq4", "credit", {}), "instruments.phq4.credit"),
        (_set("pages", {"id": "who"}), ""),
    ],
)
def test_data_that_do_not_fit_the_intake_are_refused_by_path(change, field):
    with pytest.raises(Invalid) as caught:
        question_data.read(_broken(change))
    assert field in caught.value.errors


@pytest.mark.parametrize("data", [None, [], {}, {"version": 1}, {"version": 1, "pages": [1]}], ids=str)
def test_data_that_are_no_questionnaire_are_refused(data):
    with pytest.raises(Invalid):
        question_data.read(data)


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_is_not_json_is_refused(tmp_path: Path, body):
    file = tmp_path / "questions.json"
    file.write_bytes(body)
    with pytest.raises(Invalid) as caught:
        questionnaire.load(file)
    assert caught.value.errors[""][0].code == "bad_json"


# --- words


@pytest.mark.parametrize("one", DATA["pages"], ids=lambda one: one["id"])
def test_Y6_every_page_reads_at_grade_eight_or_below(one):
    sentences = [text for where, text in spoken("en") if where.startswith(f".pages.{DATA['pages'].index(one)}.")]
    words = re.findall(r"[A-Za-z’'-]+", " ".join(sentences))
    breaks = pyphen.Pyphen(lang="en_US")
    syllables = sum(len(breaks.inserted(word).split("-")) for word in words)
    stops = sum(max(1, len(re.findall(r"[.?!:]+(?:\s|$)", text))) for text in sentences)
    grade = 0.39 * len(words) / stops + 11.8 * syllables / len(words) - 15.59  # Kincaid et al. 1975
    assert grade <= 8


FORBIDDEN = re.compile(r"\b(addict\w*|commit\w* suicide|abuser?s?|clean|dirty|suffer\w*|victim\w*|risk score|users?|"
                       r"profile|algorithm|matched|crazy|disorder|patient)\b|!", re.IGNORECASE)
FORBIDDEN_ES = re.compile(r"\b(adict\w*|limpio|sucio|sufre\w*|víctima\w*|loco|tú|tus?|paciente)\b|[!¡]", re.IGNORECASE)


@pytest.mark.parametrize(("lang", "pattern"), [("en", FORBIDDEN), ("es", FORBIDDEN_ES)])
def test_words_are_plain_and_put_the_person_first(lang, pattern):
    assert [(where, text) for where, text in spoken(lang) if pattern.search(text)] == []


def test_a_diagnosis_is_named_only_to_say_that_this_is_none():
    found = [text for lang in ("en", "es") for _, text in spoken(lang) if re.search("diagn", text, re.IGNORECASE)]
    assert all("not a diagnosis" in text or "No es un diagnóstico" in text for text in found)
