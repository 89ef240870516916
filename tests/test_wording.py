"""Every code has its own plain sentence, in English and without an app."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from finder import wording
from finder.errors import Problem
from finder.intake.notices import ORDER as NOTICE_ORDER
from finder.matching.ruleset import BANDS as RULESET_BANDS
from finder.matching.ruleset import REASONS as HIDDEN_REASONS
from finder.vocabulary import vocabulary
from finder.wordings import checks, facts, problems, reasons, results, topics
from tests.shared import ROOT, shared

# Contract section 9.
REASON_CODES = """
need_exact need_also need_related need_none need_unknown
level_inside level_above_range level_below_range level_typical level_unknown
near far distance_unknown online by_phone by_text self_paced format_not_chosen
time_fits any_time time_does_not_fit time_unknown
leader_fits leader_other leader_unknown goal_fits goal_other goal_unknown secular_conflict one_to_one group_only
free covered within_limit sliding fee not_covered cost_unknown
shared_identity own_gender open_to_all other_identity avoided
open_now waitlist starts_later assessment_first availability_unknown
checked_recently check_old never_checked
access_yes access_on_request access_unknown access_no
""".split()
CHECK_CODES = """
age_unconfirmed restriction_unconfirmed role_unconfirmed language_unconfirmed interpreter_to_arrange
licence_unconfirmed area_unconfirmed sober_days_asked court_order_needed crisis_exclusion_unconfirmed
medication_unconfirmed capacity_unconfirmed address_after_contact
""".split()

TABLES = {"reasons": reasons.REASONS, "checks": checks.CHECKS, "problems": problems.PROBLEMS,
          "hidden": results.HIDDEN, "notices": results.NOTICES, "titles": results.NOTICE_TITLES,
          "bands": results.BANDS, "levels": results.LEVELS, "relax": results.RELAX, "topics": topics.TOPICS,
          "groups": topics.GROUPS, "leaders": topics.LEADERS, "formats": topics.FORMATS, "slots": topics.SLOTS,
          "payers": topics.PAYERS, "access": topics.ACCESS, "support": topics.SUPPORT,
          "first visits": facts.SUPPORT_LINES, "capacity": facts.CAPACITY}


def sentences(table: object) -> Iterator[str]:
    assert hasattr(table, "values")
    for one in table.values():
        yield from (one,) if isinstance(one, str) else one


def test_codes_of_the_contract_are_those_listed_here() -> None:
    text = shared("contract", "CONTRACT.md").read_text(encoding="utf-8")
    rows = text[text.index("| criterion | codes |"):].splitlines()[2:13]
    stated = [code for row in rows for code in re.findall(r"[a-z_]+", row.split("|")[2])]
    assert stated == REASON_CODES + CHECK_CODES


@pytest.mark.parametrize("code", REASON_CODES)
def test_every_reason_has_its_own_sentence(code: str) -> None:
    others = [one for other, one in reasons.REASONS.items() if other != code]
    assert wording.reason_text({"code": code, "values": {}}) == reasons.REASONS[code][-1]
    assert not set(reasons.REASONS[code]) & {sentence for one in others for sentence in one}


@pytest.mark.parametrize("code", REASON_CODES + CHECK_CODES)
def test_every_check_asks_for_something(code: str) -> None:
    text = wording.check_text({"code": code, "values": {}})
    assert code in checks.CHECKS
    assert "Ask" in text or "Call" in text
    assert text != checks.GENERIC[0]


def test_no_two_checks_say_the_same() -> None:
    last = [several[-1] for several in checks.CHECKS.values()]
    assert len(set(last)) == len(last)


@pytest.mark.parametrize(("table", "codes"), [
    ("hidden", HIDDEN_REASONS), ("notices", NOTICE_ORDER), ("titles", NOTICE_ORDER),
    ("bands", [name for name, _ in RULESET_BANDS]), ("levels", [0, 1, 2, 3, 4, None]),
    ("relax", ["formats_any", "radius_wider", "times_any", "cost_any", "access_any"]), ("support", range(5)),
], ids=lambda value: value if isinstance(value, str) else "")
def test_table_has_exactly_the_codes_of_the_contract(table: str, codes: list[object]) -> None:
    assert set(TABLES[table]) == set(codes)


@pytest.mark.parametrize(("table", "list_name"), [
    ("topics", "focus_areas"), ("groups", "populations"), ("leaders", "facilitator_types"),
    ("formats", "session_formats"), ("access", "accessibility"), ("first visits", "group_types"),
])
def test_every_vocabulary_code_has_words_inside_a_sentence(table: str, list_name: str) -> None:
    assert tuple(TABLES[table]) == vocabulary().lists[list_name].codes


def test_no_table_says_the_same_for_two_codes() -> None:
    for table in TABLES.values():
        found = list(sentences(table))
        assert len(set(found)) == len(found)


PROBLEM_MARKS = (r'\bProblem\("([a-z_]+)"', r'(?<!\.)\brefuse\("([a-z_]+)"', r'\bcode="([a-z_]+)"',
                 r'\.refuse\((?:[^,()]|\([^()]*\))+, "([a-z_]+)"', r'found\.append\(\("\w+", "([a-z_]+)"\)\)')


OWN_WORDS = r'"([a-z_]+)":\s*\(?N_\('  # in the table of a page that says a code in words of its own


def test_every_problem_code_of_the_program_has_a_sentence() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "finder").rglob("*.py"))
    used = {code for mark in PROBLEM_MARKS for code in re.findall(mark, source)}
    assert {"required", "too_long", "not_an_email", "unknown_key", "needs_valid_from", "below_floor"} <= used
    of_pages = {code for path in (ROOT / "finder" / "web").rglob("*.py")
                for code in re.findall(OWN_WORDS, path.read_text(encoding="utf-8"))}
    assert used - set(problems.PROBLEMS) - of_pages == set()


# -- what the facts become -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("criterion", "code", "values", "text"), [
    ("need", "need_exact", {"need": "depression", "focus": "depression"}, "For depression or low mood"),
    ("need", "need_related", {"need": "anxiety", "focus": "panic"}, "For panic attacks, close to what you named"),
    ("need", "need_unknown", {"focus": "grief"}, "For grief and loss. You did not name a topic"),
    ("severity", "level_above_range", {"level": 3, "min": 0, "max": 2, "stated": True},
     "Gives light to medium support; your answers suggest more"),
    ("severity", "level_unknown", {"min": 4, "max": 4, "stated": False},
     "Gives close support (typical for its kind). You did not say how much you want"),
    ("reach", "near", {"format": "in_person", "miles": 2.3, "radius": 15}, "2 miles away"),
    ("reach", "near", {"format": "in_person", "miles": 0.2}, "Less than 1 mile away"),
    ("reach", "format_not_chosen", {"format": "online_video"}, "By video, which you did not pick"),
    ("schedule", "time_fits", {"slots": ["evening", "weekend"], "wanted": ["evening"]},
     "Meets on weekday evenings, as you asked"),
    ("preference", "leader_fits", {"led_by": "peer", "wanted": "peer"},
     "Led by peers who have been there, as you asked"),
    ("preference", "leader_fits", {"led_by": "peer"}, "Led by peers who have been there"),
    ("preference", "leader_other", {"led_by": "peer", "wanted": "professional"},
     "Led by peers who have been there; you asked for professionals"),
    ("cost", "fee", {"amount": 45.5, "currency": "USD"}, "$45.50 each time"),
    ("cost", "not_covered", {"insurance": ["medicaid", "va"]},
     "Takes Medicaid or VA benefits, not the insurance you have"),
    ("identity", "shared_identity", {"codes": ["veterans", "lgbtq"]}, "Welcomes veterans and LGBTQ+ people"),
    ("identity", "open_to_all", {"gender_mix": "women"}, "For women"),
    ("identity", "avoided", {"codes": ["mutual_aid_12step"]}, "You asked to avoid this: 12-step"),
    ("availability", "waitlist", {"status": "waitlist", "weeks": 5.0}, "There is a wait of about 5 weeks"),
    ("availability", "starts_later", {"starts_on": "2027-01-14", "weeks": 7.3}, "It starts on January 14, 2027"),
    ("freshness", "checked_recently", {"on": "2026-11-01", "months": 0.8}, "We checked the facts 3 weeks ago"),
    ("freshness", "check_old", {"on": "2026-02-01", "months": 9.7}, "The facts were last checked 10 months ago"),
    ("access", "access_unknown", {"features": {"step_free": "yes", "captions": "unknown"}},
     "Not stated: live captions"),
], ids=lambda value: value if isinstance(value, str) and "_" in value else "")
def test_reason_names_its_facts(criterion: str, code: str, values: dict[str, object], text: str) -> None:
    assert wording.reason_text({"criterion": criterion, "code": code, "values": values}) == text


@pytest.mark.parametrize(("criterion", "code", "values", "text"), [
    ("age", "age_unconfirmed", {"min": 18, "max": 25}, "Ages 18 to 25. Ask: “Does that include me?”"),
    ("restricted_population", "restriction_unconfirmed", {"codes": ["veterans", "active_duty"]},
     "It is only for veterans or people on active duty. Ask: “Can I come?”"),
    ("restricted_population", "restriction_unconfirmed", {"wanted": "women"}, "Ask: “Is it only for women?”"),
    ("language", "language_unconfirmed", {"codes": ["es"]}, "Ask: “Can I take part in Spanish?”"),
    ("language", "interpreter_to_arrange", {"codes": ["so", "am"]},
     "Ask: “Can an interpreter for Somali or Amharic come?”"),
    ("state_licence", "licence_unconfirmed", {"codes": ["NC", "VA"]},
     "They may only see people who live in NC or VA. Ask: “Can I join?”"),
    ("outside_area", "area_unconfirmed", {"counties": ["PA:Montgomery"]},
     "They serve people who live in Montgomery (PA). Ask: “Does that include me?”"),
    ("program_exclusion", "sober_days_asked", {"days": 7},
     "They ask for 7 days sober first. Ask: “Can I come sooner?”"),
    ("role", "role_unconfirmed", {"attendees": "relatives"}, "It is for family and friends. Ask: “Can I come?”"),
], ids=lambda value: value if isinstance(value, str) and "_" in value else "")
def test_question_names_its_facts(criterion: str, code: str, values: dict[str, object], text: str) -> None:
    assert wording.check_text({"criterion": criterion, "code": code, "values": values}) == text


@pytest.mark.parametrize("values", [{}, {"gate": 0.8}, {"codes": [], "features": {}, "slots": [], "wanted": []},
                                    {"need": None, "min": None}], ids=["none", "gate", "empty", "null"])
def test_missing_facts_cost_detail_and_never_the_sentence(values: dict[str, object]) -> None:
    for code in REASON_CODES:
        assert "%(" not in wording.reason_text({"code": code, "values": values})
    for code in REASON_CODES + CHECK_CODES:
        assert "%(" not in wording.check_text({"code": code, "values": values})


def test_unknown_codes_still_give_a_sentence() -> None:
    assert wording.reason_text({"code": "brand_new", "values": {}}) == reasons.GENERIC[0]
    assert wording.check_text({"code": "brand_new", "values": {}}) == checks.GENERIC[0]
    assert wording.problem_text(Problem("brand_new")) == problems.GENERIC[0]
