import pytest

from finder.understanding import understand
from finder.vocabulary import vocabulary

ALL = ("focus_areas", "group_types", "populations")


def read(text, lists=("focus_areas",), lang="en"):
    return {one.code: one.certainty for one in understand(text, vocabulary(), lists, lang)}


@pytest.mark.parametrize(("text", "code", "certainty"), [
    ("panick atacks", "panic", "exact"), ("pannic attaks", "panic", "likely"), ("Panic attacks", "panic", "exact"),
    ("my son uses", "family_of_sud", "exact"),
    ("my anxiety is bad", "anxiety", "exact"), ("depresion", "depression", "exact"),
    ("depresssion", "depression", "likely"), ("hoarding", "hoarding", "exact"),
    ("I want to die", "suicidal_thoughts", "exact"), ("PTSD from the war", "trauma_ptsd", "exact"),
    ("ptsd", "trauma_ptsd", "exact"), ("OCD", "ocd", "exact"), ("mi hijo usa drogas", "family_of_sud", "exact"),
    ("alcohólicos anónimos", "alcohol", "exact"), ("ataques de pánico", "panic", "exact"),
    ("alcoholicos anonimoss", "alcohol", "likely"), ("hoardinng", "hoarding", "likely"),
])
def test_what_people_write_is_read_with_its_certainty(text, code, certainty):
    assert read(text).get(code) == certainty


@pytest.mark.parametrize("text", ["", "help", "a group near me please", "brief", "xyzzy plugh", "🙂", "no",
                                  "sí",
                                  "ana and mia are my friends", "I'd like to add a bed", "\ud800\x00",
                                  "busco grupo para mi"])
def test_words_that_say_nothing_sure_are_never_taken_as_an_answer(text):
    assert [code for code, certainty in read(text, ALL).items() if certainty != "unsure"] == []


@pytest.mark.parametrize("text", ["I am not suicidal", "no suicidal thoughts", "never been suicidal",
                                  "without anxiety"])
def test_what_is_denied_is_asked_and_not_assumed(text):
    assert set(read(text).values()) == {"unsure"}


def test_a_short_word_one_letter_off_is_a_question():
    assert read("grieff").get("grief") == "unsure"


def test_an_acronym_stands_alone():
    assert "ocd" not in read("mocds")
    assert read("ED").get("eating_disorder") == "exact"
    assert read("talk to ed").get("eating_disorder") in (None, "unsure")


def test_aa_is_known_as_a_kind_of_group():
    assert read("AA", ALL)["mutual_aid"] == "exact"


def test_a_synonym_of_two_codes_is_answered_with_both():
    both = read("chinese", ("languages",))
    assert len(both) == 2
    assert set(both.values()) == {"exact"}


def test_codes_come_in_the_order_of_the_text_and_each_once():
    found = understand("drinking and anxiety, mostly drinking", vocabulary())
    assert [one.code for one in found] == ["alcohol", "anxiety"]
    assert found[0].phrase == "drinking"


def test_the_longest_phrase_wins():
    assert list(read("my son uses drugs")) == ["family_of_sud", "general_recovery"]
    assert list(read("suicide loss")) == ["suicide_loss"]


@pytest.mark.parametrize(("text", "codes"), [
    ("F32", ["depression"]), ("f32.1", ["depression"]), ("F40.10 and F10.20", ["social_anxiety", "alcohol"]),
    ("F43.10", ["trauma_ptsd"]), ("F30-F39", ["depression", "bipolar"]), ("F72", []), ("F150", []),
    ("F99.", ["general_mh"]),
    ("an F-16, F32x", [])], ids=lambda value: value if isinstance(value, str) else "")
def test_a_code_of_icd_10_cm_says_what_a_group_is_about(text, codes):
    assert [one.code for one in understand(text, vocabulary()) if one.certainty == "exact"] == codes


def test_a_denied_code_of_icd_10_cm_is_a_question():
    assert {one.certainty for one in understand("not F32.1", vocabulary())} == {"unsure"}


def test_codes_of_icd_10_cm_are_read_only_where_needs_are():
    assert understand("F32", vocabulary(), ("modalities",)) == ()


@pytest.mark.parametrize("text", [
    "my husband hits me", "He choked me last night", "my dad beats me when he drinks", "my ex is hurting me",
    "mi esposo me pega", "Mi papá me golpeó"])
def test_what_somebody_close_does_is_read_as_violence(text):
    assert read(text).get("domestic_violence") == "exact"


@pytest.mark.parametrize("text", [
    "kill myself", "I want to kill myself", "thinking of killing my self", "I'm going to end my life", "end it all",
    "I don't want to live anymore", "i dont want to be here anymore", "no longer want to be alive", "suicide",
    "sucide", "I wish I was dead", "everyone is better off without me", "no reason to live", "want too die",
    "I can not go on and I want to die", "tried to hang myself last year", "I almost committed suicide",
    "me quiero matar", "quiero matarme", "quiero quitarme la vida", "ya no quiero vivir", "suicidarme",
    "no puedo más, quiero morir", "ya no aguanto, me quiero matar", "estaría mejor muerta", "sin ganas de vivir",
    "pienso en el suicidio", "cansado de vivir"])
@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_people_write_who_think_of_dying_is_read_as_that(text, lang):
    assert read(text, lang=lang).get("suicidal_thoughts") in ("exact", "likely")


@pytest.mark.parametrize("text", ["I cut myself", "hurting myself", "me corto", "quiero lastimarme"])
def test_what_people_write_who_hurt_themselves_is_read_as_that(text):
    assert read(text).get("self_harm") == "exact"


@pytest.mark.parametrize("text", ["I don't want to kill myself", "I never tried to kill myself", "no quiero morir",
                                  "no tengo ideas suicidas", "I was never really suicidal"])
def test_thoughts_of_dying_that_are_denied_are_asked_and_not_assumed(text):
    assert read(text).get("suicidal_thoughts") == "unsure"


@pytest.mark.parametrize("text", ["my brother died by suicide", "I lost my son to suicide", "he killed himself",
                                  "grief after my dad’s suicide", "mi tío se quitó la vida", "mi amigo se suicidó"])
def test_somebody_elses_suicide_is_a_loss_and_not_a_thought_of_ones_own(text):
    found = read(text)
    assert found.get("suicide_loss") == "exact"
    assert "suicidal_thoughts" not in found


@pytest.mark.parametrize("text", ["I want to live sober", "he wants me to help myself", "want to live near my son",
                                  "my life ended up a mess", "killing time", "end of life care", "quiero vivir mejor",
                                  "matar el tiempo"])
def test_ordinary_words_about_living_and_ending_raise_no_alarm(text):
    assert read(text).get("suicidal_thoughts", "unsure") == "unsure"


@pytest.mark.parametrize("text", ["no aguanto, mi esposo me pega", "I can not sleep, my husband hits me"])
def test_a_no_some_words_before_does_not_deny_that_somebody_harms_one(text):
    assert read(text).get("domestic_violence") == "exact"


@pytest.mark.parametrize("text", ["grief hits me in waves", "my knee hurts me", "a group that fits me",
                                  "he never hits me", "her death hit me hard"])
def test_what_hits_people_otherwise_is_not_read_as_violence(text):
    assert read(text).get("domestic_violence", "unsure") == "unsure"
