"""`finder bench referrals`: whether the time of an answer tells another team's referral from a purged one and none.

That status and page are the same is held by tests; this asks the clock. The kinds take turns in one browser. Beside the
medians stands how often a slower answer would tell the first kind from the second: .5 is a coin (Mann and Whitney).
"""

from __future__ import annotations

import dataclasses
import random
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from finder.accounts import people, sign_ins
from finder.accounts.permissions import Role, Scope
from finder.cli import bench_duplicates  # noqa: F401 - hangs its own command on bench
from finder.cli.bench import bench, cpu, share, tell
from finder.cli.reading import take_listings
from finder.cli.script import Instance, note
from finder.cli.setup import SEED
from finder.db import Database
from finder.referrals import creating, draft
from finder.referrals.keys import new_key
from finder.referrals.models import Referral
from finder.referrals.moving import By
from finder.referrals.states import Who
from finder.services import Services
from finder.teams.models import APPROVED, Team

REFERRALS, ROUNDS, WARM_UP = 200, 300, 30
OTHERS, PURGED, WRONG = "another_teams", "purged", "wrong"

bench.subcommand_metavar = str(bench.subcommand_metavar).replace("|all", "|referrals|all")


@bench.command("referrals")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_obj
def referrals_command(instance: Instance, as_json: bool) -> None:
    """Time what a provider is told about referrals that are not theirs.

    \b
    Example:
      finder bench referrals
    """
    tell(time_answers(instance), as_json)


def time_answers(instance: Instance) -> dict[str, Any]:
    """Median milliseconds of each kind on this machine, how far they lie apart, and how well they tell one another."""
    with tempfile.TemporaryDirectory() as folder:
        settings = dataclasses.replace(instance.settings, instance=Path(folder), database_url="")
        services = instance.build_services(settings)
        services.database.upgrade()
        take_listings(services, SEED, "listing", source="bench", demonstration=True)
        app = instance.create_app(settings, services=services)
        client = app.test_client()
        client.set_cookie("sid", _provider(services.database, services.now()))
        note(f"{ROUNDS} answers of each kind …")
        took = _ask(client, _keys(services, app.extensions["finder_referrals"]))
        services.database.close()
    medians = {kind: share(times, 0.5) for kind, times in took.items()}
    return {**{f"{kind}_ms": one for kind, one in medians.items()},
            "ratio_of_medians": round(max(medians.values()) / min(medians.values()), 3),
            f"{OTHERS}_told_from_{PURGED}": told_apart(took[OTHERS], took[PURGED]),
            f"{OTHERS}_told_from_{WRONG}": told_apart(took[OTHERS], took[WRONG]), "cpu": cpu()}


def told_apart(some: Sequence[float], others: Sequence[float]) -> float:
    """How often one of `some` is the slower of a pair with one of `others`, 0..1; .5 tells nothing."""
    slower = sum((one > other) + 0.5 * (one == other) for one in some for other in others)
    return round(slower / (len(some) * len(others)), 3)


def _provider(database: Database, now: Any) -> str:
    with database.transaction() as session:
        return sign_ins.begin(session, _member(session, "here@example.org", now)[1], now=now)


def _member(session: Any, email: str, now: Any) -> tuple[Team, int]:
    team = Team(name=email, state=APPROVED, made_at=now.replace(tzinfo=None))
    session.add(team)
    account = people.find_or_make(session, email, now=now)
    session.flush()
    people.give(session, account.id, Role.PROVIDER, by="bench", now=now, scope=Scope.TEAM, value=str(team.id))
    return team, account.id


def _keys(services: Services, keys: Any) -> dict[str, list[str]]:
    """Referrals of another team, some that were deleted, and some that never were."""
    now, program = services.now(), services.snapshot().parts[0].columns.names[0].id
    consent = {"what": [], "purpose": "join", "way": "spoken", "given_on": now.date().isoformat(), "substance": True,
               "until": (now.date() + timedelta(90)).isoformat(), "confirmed": True}
    made = []
    with services.database.transaction() as session:
        team, account = _member(session, "there@example.org", now)
        by = By(Who.SENDER, f"provider:{account}", account)
        wanted = draft.load({"code": "K7-41", "programs": [program], "consent": consent}, today=now.date())
        for number in range(2 * REFERRALS):
            made.append(creating.create(session, team.id, wanted, by=by, once=str(number), keys=keys,
                                        now=now).referral.key)
        for key in made[REFERRALS:]:
            session.delete(session.get_one(Referral, key))
    return {OTHERS: made[:REFERRALS], PURGED: made[REFERRALS:], WRONG: [new_key() for _ in range(REFERRALS)]}


def _ask(client: Any, keys: dict[str, list[str]]) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {kind: [] for kind in keys}
    bodies, kinds, chance = set(), list(keys), random.Random(7)
    for turn in range(WARM_UP + ROUNDS):
        chance.shuffle(kinds)  # who comes after whom must not show as a difference
        for kind in kinds:
            known = keys[kind]
            begun = time.perf_counter()
            answer = client.get(f"/provider/referrals/{known[turn % len(known)]}")
            if turn >= WARM_UP:
                took[kind].append((time.perf_counter() - begun) * 1000)
            bodies.add((answer.status_code, len(answer.data)))
    if {status for status, _ in bodies} != {404}:
        raise click.ClickException("A referral that is not theirs was shown.")
    return took
