from datetime import timedelta

import pytest
from sqlalchemy import select, update

from finder.accounts.models import DISABLED, Account
from finder.catalog.models import Program
from finder.cli import referral_jobs
from finder.cli.work import JOBS
from finder.referrals.models import Referral, ReferralTask
from finder.referrals.moving import CLIENT, close
from tests.referrals.samples import make_referral, make_team
from tests.web.site import Site, group


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path, [group(one, contact={"email": f"g{one}@groups.example"}) for one in range(3)],
                referral_days=30)


def refer(site, *places):
    with site.database.transaction() as session:
        ids = list(session.scalars(select(Program.id).order_by(Program.name)))
        team, (account,) = make_team(session)
        return make_referral(session, team, account, [ids[one] for one in places]).referral.key


def run(site, job):
    return job(site.app.extensions["finder"], site.clock())


def states(site):
    with site.database.reading() as session:
        return list(session.scalars(select(ReferralTask.state).order_by(ReferralTask.position)))


def test_letters_of_the_clock_go_in_the_same_round():
    names = [one.name for one in JOBS]
    assert names.index("referrals") < names.index("outbox")
    assert names.index("retention") < names.index("outbox")
    assert {one.name: one.every for one in JOBS}["referrals"] == timedelta(minutes=10)
    assert {one.name: one.every for one in JOBS}["retention"] == timedelta(days=1)


def test_the_clock_reminds_takes_back_and_asks_the_next(site):
    refer(site, 0, 1)
    site.wait(5 * 86400)
    assert run(site, referral_jobs.look_after) == {
        "unread": 0, "consents": 0, "reminded": 1, "recalled": 0, "calls": 0, "asked": 0}
    site.wait(5 * 86400)
    assert run(site, referral_jobs.look_after)["recalled"] == 1
    assert states(site) == ["no_answer", "sent"]
    site.wait(81 * 86400)
    assert run(site, referral_jobs.look_after)["consents"] == 1
    assert states(site) == ["no_answer", "withdrawn"]


def test_retention_closes_purges_by_the_setting_and_sweeps(site, tmp_path):
    key = refer(site, 0)
    with site.database.transaction() as session:
        close(session, session.get_one(Referral, key), "other", CLIENT, now=site.clock())
        session.execute(update(Referral).values(code="CANARY-CODE"))
    site.wait(30 * 86400 - 1)
    assert run(site, referral_jobs.retain)["purged"] == 0
    site.wait(1)
    assert run(site, referral_jobs.retain) == {
        "lapsed": 0, "purged": 1, "searches": 0, "tokens": 0, "teams": 0, "tallies": 0}
    assert all(b"CANARY-CODE" not in one.read_bytes() for one in tmp_path.iterdir())


def test_what_lapses_has_its_days_from_then_on(site):
    refer(site, 0)
    site.wait(181 * 86400)
    assert run(site, referral_jobs.retain)["lapsed"] == 1
    site.wait(30 * 86400)
    assert run(site, referral_jobs.retain)["purged"] == 1


def test_one_referral_that_cannot_be_looked_at_holds_up_no_other(site):
    first, second = refer(site, 0), refer(site, 1)
    with site.database.transaction() as session:
        session.execute(update(ReferralTask).where(ReferralTask.referral_key == first).values(state="unheard of"))
    site.wait(5 * 86400)
    with pytest.raises(ValueError, match="unheard of"):
        run(site, referral_jobs.look_after)
    with site.database.reading() as session:
        tasks = {one.referral_key: one.reminders for one in session.scalars(select(ReferralTask))}
    assert tasks == {first: 0, second: 1}


def test_what_nobody_is_left_to_read_is_closed_by_the_clock_before_anybody_else_is_asked(site):
    refer(site, 0, 1)
    site.wait(10 * 86400)
    with site.database.transaction() as session:
        session.execute(update(Account).values(state=DISABLED))
    counts = run(site, referral_jobs.look_after)
    assert (counts["unread"], counts["reminded"], counts["recalled"]) == (1, 0, 0)
    assert states(site) == ["withdrawn", "skipped"]
    assert run(site, referral_jobs.look_after)["unread"] == 0
