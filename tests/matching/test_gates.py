import pytest

from finder.matching import ranking, ruleset
from tests.make import make_listing, make_session, run

OPEN = {"status": "open", "as_of": "2026-11-01"}


def score(listing, intake):
    return float(run([make_listing(**listing)], intake).score[0])


def waiting(weeks):
    return {"capacity": {"status": "waitlist", "as_of": "2026-11-01", "wait_weeks": weeks}}


BEST = {"focus": ["anxiety"], "severity": {"min": 0, "max": 4}, "cost": {"free": True}, "gender_mix": "women",
        "verified": {"on": "2026-11-24", "method": "phone"}, "capacity": OPEN,
        "sessions": [make_session(format="phone", anytime=True)]}
ASKED = {"needs": ["anxiety"], "stated_level": 2, "formats": ["phone"], "times": ["any"], "gender": "woman"}
TOP = 100 - 7 * 0.2  # everything at its best but identity, .8


@pytest.mark.parametrize(("listing", "intake", "expected"), [
    pytest.param({}, {}, TOP, id="nothing"),
    pytest.param({"focus": ["hoarding"]}, {}, 0.35 * (TOP - 26), id="quite another need"),
    pytest.param({"focus": ["panic"]}, {}, 0.8 * (TOP - 26 * (1 - 0.405)), id="a related need"),
    pytest.param({"severity": {"min": 0, "max": 0}}, {}, 0.5 * (TOP - 20 * 0.85), id="two levels too light"),
    pytest.param({"severity": {"min": 0, "max": 1}}, {}, 0.8 * (TOP - 20 * 0.55), id="one level too light"),
    pytest.param({"severity": {"min": 3, "max": 4}}, {}, TOP - 20 * 0.25, id="one level too heavy acts no gate"),
    pytest.param({"verified": {"on": "2024-11-24", "method": "web"}}, {},
                 0.8 * (TOP - 4 * (1 - 0.5 ** ((730 / 30.4375 - 3) / 12))), id="checked long ago"),
    pytest.param(waiting(12), {}, 0.7 * (TOP - 5 * 0.75), id="three months to wait"),
    pytest.param(waiting(10), {}, TOP - 5 * (1 - 0.5 ** (10 / 6)), id="ten weeks act no gate"),
    pytest.param({"restricted_to": ["rural"]}, {}, 0.6 * (TOP - 7 * 0.6), id="closed to a group nobody named"),
    pytest.param({"restricted_to": ["women"]}, {}, TOP, id="women and men aside"),
    pytest.param({"modalities": ["CBT"]}, {"avoid": ["CBT"]}, 0.3 * TOP, id="a way of working to avoid"),
    pytest.param({}, {"avoid": ["peer_support"]}, 0.3 * TOP, id="a kind of group to avoid"),
    pytest.param({"accessibility": {"captions": "yes"}}, {"access": ["captions"]}, 100, id="access, never over 100"),
    pytest.param({}, {"access": ["captions"]}, 0.92 * TOP, id="access not stated"),
    pytest.param({"accessibility": {"captions": "on_request", "asl": "no"}}, {"access": ["captions", "asl"]}, 0.6 * TOP,
                 id="the lowest of several"),
    pytest.param({}, {"access": ["step_free"]}, TOP, id="a feature of the place, by phone"),
])
def test_gates(listing, intake, expected):
    assert score({**BEST, **listing}, {**ASKED, **intake}) == pytest.approx(expected, abs=0.0501)


@pytest.mark.parametrize(("points", "expected"), [
    (100.0, "strong"), (80.0, "strong"), (79.9, "good"), (60.0, "good"), (59.9, "possible"), (40.0, "possible"),
    (39.9, "less_likely"), (0.0, "less_likely"),
])
def test_bands(points, expected):
    assert ranking.band(points) == expected


def test_emphasis_scales_to_a_hundred():
    weights = ruleset.emphasized(ruleset.Ruleset(), {"cost": 2})
    assert sum(weights.values()) == pytest.approx(100)
    assert weights["cost"] == pytest.approx(14 * 100 / 107)
    assert weights["need"] == pytest.approx(26 * 100 / 107)


def test_emphasis_never_takes_need_and_severity_under_their_floors():
    lowered = {"need": 0.5, "severity": 0.5, **dict.fromkeys(("reach", "schedule", "preference", "cost"), 2)}
    weights = ruleset.emphasized(ruleset.Ruleset(), lowered)
    assert (weights["need"], weights["severity"]) == (15.0, 12.0)
    assert sum(weights.values()) == pytest.approx(100)
    assert weights["reach"] / weights["identity"] == pytest.approx(28 / 7)
