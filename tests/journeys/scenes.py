"""Every page a visitor can come to, and how to get there: the crawl goes through this list, a test holds it whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from finder.intake.questionnaire import questionnaire
from finder.referrals import moving
from finder.referrals.states import Move
from finder.web.filters import number_of
from finder.wordings.learning import LESSONS
from tests.journeys.conftest import Visit
from tests.listings.database import NOW
from tests.pages import Page, Pages
from tests.referrals.samples import make_referral, make_team, sender
from tests.web.sample import LISTINGS
from tests.web.site import Site

Form = Mapping[str, str]
OURS = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}  # headers of our own pages' forms
PLACE = {"near.text": "Durham, NC 27701", "radius_miles": "25"}
USUAL: Mapping[str, Form] = {"need": {"needs": "depression"}, "where": PLACE,
                             "feelings": {f"phq4.{item}": "2" for item in range(4)}}


NOBODY = {"topic": str(number_of("focus", "ocd"))}  # a filter that leaves no group of the sample


def _near(words: str) -> Mapping[str, Form]:
    return {**USUAL, "where": {"near.text": words}}


def _safety(answer: str) -> Mapping[str, Form]:
    return {**USUAL, "safety": {"safety": answer}}


def _urgent(what: str) -> Mapping[str, Form]:
    return {**USUAL, "safety": {"urgent": what}}


@dataclass(frozen=True, slots=True)
class Scene:
    """One page: its template, its address, the answers given before, the groups saved before, what is pressed there.

    `shows` names a part by which the page is known to be in the state meant.
    `code` types the code of a person whom a clinic sent to two groups.
    In an address {slug} is a listing whose every text is hostile, {rich} one that states nearly everything, {bare} one
    that states nothing, {online} one with a link to join; {two}, {keys} and {many} name two, three and six listings.
    """

    template: str
    path: str
    said: Mapping[str, Form] = field(default_factory=dict)
    saves: int = 0
    press: str = ""
    shows: str = "h1"
    code: bool = False

    def open(self, visit: Visit, site: Site, language: str) -> None:
        """Brings a visitor there. Answers go the way the pages send them, in the cookie of the visitor."""
        for path, form in self.sent(site, language):
            self._send(visit, path, form)
        visit.go(self.address(site, language))
        if self.press:
            visit.page.locator(self.press).first.click()
            visit.page.wait_for_load_state()
        assert visit.page.locator(self.shows).count(), f"{visit.path} does not show {self.shows}"

    def read(self, pages: Pages, site: Site) -> Page:
        """The page as it comes to a visitor without a browser, before anything is pressed."""
        for path, form in self.sent(site, ""):
            answer = pages.client.post(path, data=dict(form), headers=OURS)
            assert answer.status_code == 303, (path, answer.status_code)
        return pages.get(self.address(site, ""))

    def sent(self, site: Site, language: str) -> Iterator[tuple[str, Form]]:
        """The forms that are sent before, with where they go."""
        for page, form in self.said.items():
            yield f"{language}/{page}" if page == "results" else f"{language}/find/{page}", form
        for key in site.keys[:self.saves]:
            yield f"{language}/saved", {"g": key, "action": "add", "yes": "1"}
        if self.code:
            yield f"{language}/next-step", {"code": code_of_somebody(site)}

    def address(self, site: Site, language: str) -> str:
        called = sorted(str(one["name"]) for one in LISTINGS)
        names = {"slug": site.slugs[0], "rich": site.slugs[called.index("Lantern Street Low Mood Circle")],
                 "online": site.slugs[called.index("Quiet Hours Online")],
                 "bare": site.slugs[called.index("A Group That Says Nothing")]} | {
            name: "&".join(f"g={key}" for key in site.keys[:count])
            for name, count in (("two", 2), ("keys", 3), ("many", 6))}
        return language + self.path.format(**names)

    def _send(self, visit: Visit, path: str, form: Form) -> None:
        answer = visit.context.request.post(visit.site + path, form=dict(form), max_redirects=0)
        assert answer.status == 303, (path, answer.status)


def code_of_somebody(site: Site) -> str:
    """The short code of a new referral to the first two groups, one of which has a place."""
    with site.database.transaction() as session:
        team, (account,) = make_team(session)
        made = make_referral(session, team, account, site.ids[:2], keys=site.app.extensions["finder_referrals"])
        moving.move(session, made.referral.tasks[0], Move.ACCEPT, sender(account), now=NOW,
                    first_on=NOW.date() + timedelta(7))
        return str(made.short_code)


SCENES: Mapping[str, Scene] = {
    "home": Scene("seeker/home.html", "/"),
    "home-error": Scene("seeker/home.html", "/", press=".seek .btn", shows=".errors"),
    **{f"find-{page.id}": Scene("seeker/question.html", f"/find/{page.id}", USUAL)
       for page in questionnaire().pages},
    "find-error": Scene("seeker/question.html", "/find/where", press=".actions .btn", shows=".errors"),
    "results": Scene("seeker/results.html", "/results", USUAL, shows=".match"),
    "results-crisis": Scene("seeker/results.html", "/results", _safety("active"), shows=".first a[href='tel:988']"),
    "results-medical": Scene("seeker/results.html", "/results", _urgent("overdose"), shows=".first a[href='tel:911']"),
    "results-violence": Scene("seeker/results.html", "/results", _urgent("violence"), shows=".first a[href*='800']"),
    "results-assessment": Scene("seeker/results.html", "/results", _urgent("mania"), shows=".first"),
    "results-offer": Scene("seeker/results.html", "/results", _safety("skip"), shows="main .offer"),
    "results-which-place": Scene("seeker/results.html", "/results", _near("Franklin"), shows="button[name=place]"),
    "results-no-place": Scene("seeker/results.html", "/results", _near("Zzyqqx"), shows=".notice--wait"),
    "results-empty": Scene("seeker/results.html", "/results", {**USUAL, "results": NOBODY}, shows=".elsewhere"),
    "results-two-answers": Scene("seeker/results_missing.html", "/results", {"feelings": USUAL["feelings"]}),
    "results-no-answers": Scene("seeker/results_none.html", "/results"),
    "answers-cleared": Scene("seeker/cleared.html", "/answers/cleared"),
    "browse": Scene("seeker/programs.html", "/programs"),
    "browse-narrowed": Scene("seeker/programs.html", "/programs?near=Durham, NC&far=50&day=1"),
    "browse-which-place": Scene("seeker/programs.html", "/programs?near=Franklin", shows=".choicelinks"),
    "browse-named": Scene("seeker/programs.html", "/programs?{keys}", shows=".named"),
    "browse-nothing": Scene("seeker/programs.html", "/programs?topic=1&topic=11&topic-all=all", shows=".hiddenbox"),
    "browse-error": Scene("seeker/programs.html", "/programs?far=x&near=Durham", shows=".errors"),
    "listing": Scene("seeker/listing.html", "/programs/{slug}"),
    "listing-rich": Scene("seeker/listing.html", "/programs/{rich}"),
    "listing-bare": Scene("seeker/listing.html", "/programs/{bare}"),
    "listing-violence": Scene("seeker/listing.html", "/programs/{rich}", _urgent("violence")),
    "report": Scene("seeker/report.html", "/programs/{slug}/report"),
    "report-error": Scene("seeker/report.html", "/programs/{slug}/report", press=".actions .btn", shows=".errors"),
    "report-sent": Scene("seeker/reported.html", "/programs/{slug}/report/sent"),
    "correct": Scene("seeker/correct.html", "/programs/{rich}/correct"),
    "correct-error": Scene("seeker/correct.html", "/programs/{rich}/correct", press=".actions .btn", shows=".errors"),
    "correct-sent": Scene("seeker/corrected.html", "/programs/{rich}/correct/sent"),
    "add": Scene("seeker/add.html", "/add"),
    "add-error": Scene("seeker/add.html", "/add", press=".actions .btn", shows=".errors"),
    "add-sent": Scene("seeker/added.html", "/add/sent"),
    "join": Scene("seeker/join.html", "/programs/{online}", press="form[action$='/join'] button", shows="main .card"),
    "saved": Scene("seeker/saved.html", "/saved", saves=3),
    "saved-nothing": Scene("seeker/saved.html", "/saved"),
    "data": Scene("seeker/data.html", "/data", shows=".card"),
    "calendar": Scene("seeker/calendar.html", "/calendar"),
    "calendar-program": Scene("seeker/calendar.html", "/calendar/program/{rich}", shows="#address"),
    "calendar-saved": Scene("seeker/calendar.html", "/calendar/saved", saves=3, shows="#address"),
    "calendar-search": Scene("seeker/calendar.html", "/programs?near=Durham, NC&far=50",
                             press="form[action$='/calendar/search'] button", shows="#address"),
    "saved-ask": Scene("seeker/saved_ask.html", "/programs/{slug}", press="button[form=keep]"),
    "compare-two": Scene("seeker/compare.html", "/compare?{two}"),
    "compare-three": Scene("seeker/compare.html", "/compare?{keys}"),
    "compare-nothing": Scene("seeker/compare_choose.html", "/compare"),
    "compare-choose": Scene("seeker/compare_choose.html", "/compare?{many}"),
    "list": Scene("seeker/list.html", "/list?{keys}"),
    "list-text": Scene("seeker/list_text.html", "/list/text?{keys}"),
    "handout": Scene("seeker/handout.html", "/handout?{keys}"),
    "crisis": Scene("seeker/crisis.html", "/crisis"),
    "next-step-code": Scene("seeker/next_step_code.html", "/next-step"),
    "next-step-wrong": Scene("seeker/next_step_code.html", "/next-step", press="main .btn", shows=".errors"),
    "next-step": Scene("seeker/next_step.html", "/next-step", code=True, shows="main .card"),
    "next-step-stop": Scene("seeker/next_step_stop.html", "/next-step/stop", code=True, shows=".choice"),
    "next-step-consent": Scene("seeker/next_step_consent.html", "/next-step/consent", code=True, shows=".bullets"),
    "topics": Scene("seeker/topics.html", "/topics"),
    "kinds": Scene("seeker/kinds.html", "/kinds"),
    "places": Scene("seeker/places.html", "/places"),
    "towns": Scene("seeker/towns.html", "/places/nc"),
    "towns-none": Scene("seeker/towns.html", "/places/wy", shows=".elsewhere"),
    "about": Scene("seeker/about.html", "/about"),
    "inclusion": Scene("seeker/inclusion.html", "/about/inclusion"),
    "privacy": Scene("seeker/privacy.html", "/privacy"),
    "accessibility": Scene("seeker/accessibility.html", "/accessibility"),
    "matching": Scene("seeker/matching.html", "/how-matching-works"),
    "learn": Scene("seeker/learn.html", "/learn/"),
    **{f"learn-{subject}": Scene("seeker/lesson.html", f"/learn/{subject}") for subject in LESSONS},
    "offline": Scene("seeker/offline.html", "/offline"),
    "no-network": Scene("seeker/no_network.html", "/offline/now"),
    "not-found": Scene("errors/error.html", "/nowhere"),
}
