from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from finder.backup import keeping

MIDNIGHT = datetime(2026, 11, 27, tzinfo=UTC)
instants = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001 - the zone follows
    lambda at: at.replace(tzinfo=UTC, microsecond=0))


def test_D6_a_year_of_nights_leaves_seven_days_four_weeks_and_six_months():
    nights = [MIDNIGHT - timedelta(days=number) for number in range(365)]
    stay = sorted(keeping.staying(nights), reverse=True)
    assert stay[:7] == nights[:7]
    assert [f"{one:%m-%d}" for one in stay[7:]] == ["11-15", "11-08", "10-31", "09-30", "08-31", "07-31", "06-30"]


def test_D6_of_several_in_one_day_the_newest_stays():
    day = [MIDNIGHT + timedelta(hours=hour) for hour in range(24)]
    assert keeping.staying(day) == {day[-1]}


def test_D6_a_machine_that_stood_still_for_years_deletes_nothing_new():
    old = [MIDNIGHT - timedelta(days=1000 + number) for number in range(7)]
    assert keeping.staying([*old, MIDNIGHT]) >= {MIDNIGHT, *old[:6]}


@given(st.sets(instants, max_size=60))
def test_D6_the_newest_always_stays_and_what_was_kept_once_is_kept_when_nothing_is_new(found):
    stay = keeping.staying(found)
    assert stay <= found
    assert not found or max(found) in stay
    assert len(stay) <= 17
    assert keeping.staying(stay) == stay


@given(st.lists(st.integers(1, 5), min_size=200, max_size=260))
def test_D6_night_after_night_there_is_always_one_a_month_old(steps):
    kept, now = set(), MIDNIGHT
    for days in steps:
        now += timedelta(days=days)
        kept = set(keeping.staying({*kept, now}))
    assert any(timedelta(days=20) <= now - one <= timedelta(days=62) for one in kept)
    assert any(now - one >= timedelta(days=120) for one in kept)


def test_D6_only_backups_are_deleted(tmp_path):
    for number in range(30):
        (tmp_path / keeping.name(MIDNIGHT - timedelta(days=number))).touch()
    others = ["notes.txt", "finder-2020-01-01T000000Z.backup.bad", "finder.db", "finder-2020-13-01.backup"]
    for name in others:
        (tmp_path / name).touch()
    assert keeping.newest(tmp_path) == MIDNIGHT
    deleted = keeping.tidy(tmp_path)
    left = {one.name for one in tmp_path.iterdir()}
    assert set(others) <= left
    assert len(left) == 30 - deleted + len(others)
    assert keeping.tidy(tmp_path) == 0
    assert keeping.newest(tmp_path / "nowhere") is None
