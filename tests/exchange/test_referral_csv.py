from __future__ import annotations

import csv
import io
from datetime import date, timedelta

from finder.exchange import referral_csv
from finder.exchange.tables import MARK
from finder.referrals.exporting import PART_2, Asked, Whole
from finder.referrals.models import CLOSED, Consent
from finder.referrals.states import State
from tests.exchange.test_fhir_referral import AT, asked, whole


def rows(*many: Whole) -> list[dict[str, str]]:
    text = "".join(referral_csv.table(many, mark=False))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_there_is_a_row_for_every_program_asked() -> None:
    first, second = rows(whole(asked(State.DECLINED, reason="full"), asked(State.PLANNED, 1, sent_at=None)))
    assert (first["code"], first["position"], first["state"], first["decline_reason"]) == ("K7-41", "1", "declined",
                                                                                           "full")
    assert (second["position"], second["state"], second["sent_at"]) == ("2", "planned", "")
    assert first["referral"] == second["referral"]


def test_a_row_holds_levels_dates_and_what_was_said() -> None:
    consent = Consent(given_on=AT.date(), until=date(2027, 2, 22), recorded_at=AT)
    found = rows(whole(
        asked(State.ATTENDED, consent=consent, answered_at=AT + timedelta(hours=5), first_on=date(2026, 12, 1),
              wait_weeks=None), suggested=1, level=2, override="judgment", state=CLOSED, outcome="attended"))[0]
    assert (found["level_suggested"], found["level"], found["override_reason"]) == ("1", "2", "judgment")
    assert (found["answer"], found["first_date"], found["outcome"]) == ("accepted", "2026-12-01", "attended")
    assert (found["sent_at"], found["answered_at"]) == ("2026-11-24T12:00:00", "2026-11-24T17:00:00")
    assert found["consent_until"] == "2027-02-22"


def test_an_answer_stays_told_when_the_referral_went_on() -> None:
    answers = [rows(whole(one))[0]["answer"] for one in (
        asked(State.WAITING, answered_at=AT, wait_weeks=4), asked(State.MISSED, answered_at=AT, wait_weeks=4),
        asked(State.WITHDRAWN, answered_at=AT, first_on=AT.date()), asked(State.NO_ANSWER), asked(State.DECLINED))]
    assert answers == ["waiting", "waiting", "accepted", "", "declined"]


def test_no_need_comes_along_and_part_2_says_so_in_words() -> None:
    text = "".join(referral_csv.table([whole(asked(), needs=("alcohol",), substance=True)]))
    assert text.startswith(f"{MARK}code,referral,")
    assert "alcohol" not in text
    assert PART_2 in text
    assert rows(whole(asked()))[0]["notice"] == ""


def test_I4_no_cell_can_run() -> None:
    one = asked()
    risky = Asked(one.task, "=HYPERLINK(1)", "@SUM(A1)", None)
    found = rows(whole(risky))[0]
    assert (found["program"], found["organization"]) == ("'=HYPERLINK(1)", "'@SUM(A1)")
