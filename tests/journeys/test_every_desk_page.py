"""Every page of the desks and every page that a letter leads to, in a browser, on screens that change by the day."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from finder.accounts import tokens
from finder.accounts.permissions import Actor, Role, Scope
from finder.listings import changes, claims, drafts, review
from finder.listings.writing import Author
from finder.outbox import Message
from finder.referrals.letters import ANSWER
from finder.referrals.models import Referral
from finder.web.desk import GUARDS
from tests.contracts.test_matrix import OTHER, OWN, World, path_of, rules
from tests.journeys.conftest import Start, Visit, served
from tests.journeys.test_operator import enter
from tests.referrals.samples import make_referral, make_team
from tests.shared import ROOT
from tests.web.operator.desk import RICH
from tests.web.people import Person
from tests.web.site import Site, group

pytestmark = pytest.mark.browser

SCREENS = tuple(product((320, 390, 1280), ("light", "dark"), ("", "/es")))
TODAY = date.today().toordinal()  # noqa: DTZ011 - which screen a page has today, nothing else
NO_PAGES = frozenset((  # files and data
    "account.copy", "operator.autosave", "provider.caseload_template", "provider.export_csv", "provider.export_fhir",
    "provider.export_one", "provider.handout_pdf", "steward.import_refused", "steward.table"))
# Pages that show little without groups in their address.
OF_GROUPS = frozenset(("provider.handout", "provider.refer"))
OF_NOBODY = frozenset(("provider.join",))  # pages that somebody with a team is led on from
EVERYTHING = (Role.STEWARD, Role.ADMINISTRATOR)


class DeskWorld(World):
    """A site with everything in it that a desk can show, and one person who may do it all."""

    def __init__(self, folder: Path, listings: list[dict[str, Any]] | None = None) -> None:
        site = Site(folder, listings or [group(1, **RICH), group(2, **RICH)], instance=folder)
        found = [changes_of(site, key) for key in site.ids]
        ids = {"own": found[0].id, "other": found[1].id}
        joy = Person(site, "joy@example.org", *EVERYTHING, (Role.OPERATOR, Scope.PROGRAM, str(ids["own"])))
        others = {name: Person(site, f"{name}@example.org") for name in ("operator", "provider")}
        with site.database.transaction() as session:
            team, (member, _) = make_team(session, "Eastside Family Clinic", "joy@example.org", "sam@example.org")
            made = make_referral(session, team, member, [ids["own"]], shortlist=[str(ids["other"])],
                                 keys=site.app.extensions["finder_referrals"])
        super().__init__(site, {"own": found[0].slug, "other": found[1].slug}, ids, others,
                         {OWN: made.referral.key})
        self.joy, self.address = joy, ""

    def task(self) -> str:
        """What a clinic asks of the first listing."""
        with self.site.database.reading() as session:
            return session.get_one(Referral, self.referrals[OWN]).tasks[0].key

    def draft_path(self, rule: str) -> str:
        """A page about a draft of Joy's."""
        now = self.site.clock()
        with self.site.database.transaction() as session:
            kept = drafts.save(session, self.joy.id, {"name": ["A new table"], "group_type": ["peer_support"]}, now=now)
        return rule.replace("<key>", str(kept.id))

    def secret(self, purpose: str, **facts: Any) -> str:
        """A new link that is good for something to do with the first listing."""
        subject = facts.pop("subject", str(self.ids[OWN]))
        with self.site.database.transaction() as session:
            return tokens.make(session, purpose, now=self.site.clock(), subject=subject, facts=facts,
                               account_id=facts.pop("account_id", None))

    def proposal(self, *, rejected: bool = False) -> str:
        """A suggestion about the first listing that waits, or was rejected."""
        now = self.site.clock()
        with self.site.database.transaction() as session:
            there = changes.find(session, self.ids[OWN])
            sent = review.propose(session, there.id, {**there.document, "description": f"Tea and {rejected}."},
                                  base=there.version, sender=review.Sender(review.Trust.ANYBODY), now=now).waiting
            assert sent is not None
            if rejected:
                review.decide(session, sent, {"": review.REJECT}, author=Author("steward:1"), now=now, reason="No.")
        return str(sent)

    def claim_link(self) -> str:
        """The link in the letter to the contact that somebody's claim goes to."""
        now = self.site.clock()
        with self.site.database.transaction() as session:
            if claims.current(session, self.ids[OTHER], self.people["operator"].id, now=now) is None:
                claims.start(session, self.ids[OTHER], Actor(self.people["operator"].id, ""), "contact", now=now,
                             note="")
            return str(session.scalars(select(Message).where(Message.kind == "claim").order_by(Message.id.desc())
                                       ).first().facts["link"])  # type: ignore[union-attr]


# What a letter leads to, by a name for its picture.
LETTERS: Mapping[str, Callable[[DeskWorld], str]] = {
    "tap": lambda world: f"/mail/{world.secret('check', address='hello@lantern.example.org')}",
    "not-listed": lambda world: f"/mail/{world.secret('check', address='hello@lantern.example.org')}/not-listed",
    "stop": lambda world: f"/mail/stop/{world.secret('stop', address='hello@lantern.example.org')}",
    "change": lambda world: f"/mail/change/{world.secret('confirm_change', subject=world.proposal())}",
    "answer": lambda world: f"/mail/answer/{world.secret('reply', subject=world.proposal(rejected=True))}",
    "claim": lambda world: f"/programs/{world.slugs[OTHER]}/claim",
    "question":
        lambda world: f"/referrals/{world.secret(ANSWER, subject=world.task(), address='hello@lantern.example.org')}",
    "claim-letter": lambda world: f"/claims/{world.claim_link()}",
    "sign-in-link": lambda world: f"/account/link/{world.secret('sign_in', email='new@example.org', to='')}",
}


def changes_of(site: Site, key: str) -> changes.Listing:
    with site.database.reading() as session:
        return changes.find(session, key)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskWorld]:
    made = DeskWorld(tmp_path_factory.mktemp("desks"))
    running = served(made.site.app)
    made.address = next(running)
    yield made
    next(running, None)


def pages() -> list[str]:
    """Endpoints of the desks that show a page when they are asked for."""
    return sorted(name for name in GUARDS if name not in NO_PAGES)


def assert_sound(start: Start, world: DeskWorld, path: str, place: int, name: str) -> None:
    width, theme, language = SCREENS[(place * 5 + TODAY) % len(SCREENS)]
    visit = start(width=width, color_scheme=theme)
    enter(visit, world.address, world.people["operator"] if name in OF_NOBODY else world.joy)
    answer = visit.page.goto(visit.site + language + path)
    assert answer is not None
    assert answer.status == 200, f"{visit.path}: {answer.status}"
    visit.check()
    assert visit.page.locator(".lampline").is_visible()
    assert visit.page.locator("html").get_attribute("lang") == ("es" if language else "en")
    picture(visit, name)


def picture(visit: Visit, name: str) -> None:
    if folder := os.environ.get("FINDER_TEST_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for screen, width in (("phone", 390), ("desk", 1280)):
            visit.page.set_viewport_size({"width": width, "height": 800})
            visit.page.screenshot(path=Path(folder, f"desk-{name}-{screen}.jpeg"), full_page=True)


@pytest.mark.turns(2)
@pytest.mark.parametrize(("place", "name"), list(enumerate(pages())), ids=pages())
def test_P4_a_page_of_a_desk_is_sound(start: Start, world: DeskWorld, place: int, name: str) -> None:
    rule = next(one for one in rules(world.site) if one.endpoint == name)
    if "GET" not in rule.methods or "secret" in rule.arguments:
        pytest.skip("no page, or one that a letter leads to")
    path = world.draft_path(rule.rule) if "draft" in name else path_of(world, rule, OWN if rule.arguments else None)
    path += f"?g={world.site.keys[0]}&g={world.site.keys[1]}" if name in OF_GROUPS else ""
    assert_sound(start, world, path, place, name)


@pytest.mark.parametrize(("place", "name"), list(enumerate(LETTERS)), ids=LETTERS)
def test_P4_a_page_that_a_letter_leads_to_is_sound(start: Start, world: DeskWorld, place: int, name: str) -> None:
    assert_sound(start, world, LETTERS[name](world), place, name)


def test_P4_every_template_of_the_desks_is_drawn_by_some_page() -> None:
    folder = ROOT / "templates"
    areas = ("account", "mailed", "operator", "provider", "steward")
    there = {str(path.relative_to(folder).with_suffix("")) for area in areas
             for path in (folder / area).glob("[!_]*.html")}
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "finder" / "web").rglob("*.py"))
    named = set(re.findall(r'"((?:account|mailed|operator|provider|steward)/\w+)"', source))
    assert there - named == set()
