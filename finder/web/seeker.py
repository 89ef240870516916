"""The pages of a seeker: home, questions, results, one listing, help now, and what happens to answers.

Every page is registered once for each language. Changing requests answer with a redirect, so Back and reload work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, make_response, redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.errors import Invalid, NotFound, Problem
from finder.intake import notices, questionnaire
from finder.listings import doubles
from finder.search import find
from finder.understanding import understand
from finder.web import (
    board,
    browse_page,
    counting,
    emphasis,
    listing_fit,
    listing_page,
    looking,
    mapping,
    next_step,
    qr,
    question_page,
    quick,
    results_page,
    typed_place,
)
from finder.web import filters as narrowing
from finder.web.answers import Answers
from finder.web.blueprint import seeker
from finder.web.pages import answers, cookie, help_now, link, render, services, snapshot, topic_counts
from finder.web.provider import case
from finder.web.showing import short_id

STANDING = "standing_line_only"
TOPICS_ON_HOME = ("depression", "anxiety", "grief", "alcohol", "opioids", "trauma_ptsd", "bipolar", "perinatal",
                  "caregiver_stress", "eating_disorder", "family_of_sud")


@seeker.get("/")
def home() -> ResponseReturnValue:
    """The first page"""
    return _home({}, {})


def _home(form: dict[str, str], errors: dict[str, list[str]]) -> str:
    counts = topic_counts()
    return render("home", form=form, errors=errors, total=counts.total,
                  topics=[(code, wording.label("focus_areas", code), narrowing.number_of("focus", code),
                           counts.by_topic.get(code, 0)) for code in TOPICS_ON_HOME])


@seeker.post("/")
def search() -> ResponseReturnValue:
    """Two boxes and a button: words and a place become answers, and the results come next"""
    form = {name: request.form.get(name, "").strip() for name in ("need", "place")}
    named = _called_by_name(form)
    if named:
        return redirect(link()("programs", **named), 303)
    place = form["place"] or quick.place_in(form["need"], services(), link().language)
    try:
        intake = quick.intake_of(form["need"], place)
        near = typed_place.for_address(form["place"], services().gazetteer) if intake is None else ""
    except Invalid as wrong:
        return _home(form, {field: [quick.problem_words(field, one) for one in many]
                            for field, many in wrong.errors.items()}), 422
    if intake is None:
        return redirect(link()("programs", near=near), 303)
    return _keep(Answers(intake), link()("results"))


def _called_by_name(form: Mapping[str, str]) -> Mapping[str, Any]:
    """The address of the groups that the first box calls by name; empty for words that may say an urgent need."""
    codes = [one.code for one in understand(form["need"], services().vocabulary)]
    if not form["need"] or notices.raised({}, codes, None) != (STANDING,):
        return {}
    return looking.by_name(form["need"], form["place"], link().language, services=services(), snapshot=snapshot())


@seeker.get("/find/")
def start() -> ResponseReturnValue:
    """The first question"""
    return redirect(link()("question", page=questionnaire.questionnaire().pages[0].id), 303)


@seeker.route("/find/<page>", methods=["GET", "POST"])
def question(page: str) -> ResponseReturnValue:
    """One topic of the questionnaire"""
    asked, said = questionnaire.page(page), answers() or Answers()
    codes = _understood(said.intake)
    if request.method == "GET":
        return _question(asked, said, codes)
    form = {} if "skip" in request.form else request.form.to_dict(flat=False)
    try:
        intake = question_page.taken(asked, said, form, codes)
    except Invalid as wrong:
        return _question(asked, said, codes, form, wrong.errors), 422
    onward = None if "see" in request.form else questionnaire.next_page(asked.id, intake, _understood(intake))
    return _keep(Answers(intake, said.filters), link()("question", page=onward.id) if onward else link()("results"))


def _question(asked: questionnaire.Page, said: Answers, codes: Sequence[str], form: question_page.Form | None = None,
              errors: question_page.Errors | None = None) -> str:
    view = question_page.view(asked, said, codes, form, errors)
    return render("question", offer_panel=view["notice"] and help_now().panel(view["notice"], 3), **view)


def _understood(intake: Mapping[str, Any]) -> tuple[str, ...]:
    return question_page.understood(intake, services().vocabulary)


@seeker.get("/results")
def results() -> ResponseReturnValue:
    """The groups that may fit, with reasons"""
    said = answers()
    if said is None:
        return render("results_none", expired=cookie().is_carried(request))
    if not said.can_search:
        return render("results_missing", said=said.intake, **_panels(said))
    page = _page_asked_for()
    try:
        view = results_page.view(services(), snapshot(), help_now(), said, page)
    except Exception as broken:  # whatever broke: help comes first and does not need the list
        return _without_list(said, broken)
    if page > view["pages"].last:
        raise NotFound("page")
    board.concerns(board.of_place(view["found"]["place"]))
    counting.few_found(said, view["found"], cookie(), services().now())
    return render("results", used=question_page.used(said.intake, view["found"]), said=said.intake,
                  weighing=emphasis.rows(said.intake), shifted=emphasis.shifted(said.intake), **view)


def _without_list(said: Answers, broken: Exception) -> ResponseReturnValue:
    view = _panels(said)
    if not view["first"]:
        raise broken
    return render("results_missing", said=said.intake, broken=True, **view)


def _panels(said: Answers) -> dict[str, Any]:
    return results_page.panels(help_now(), results_page.notices_of(said, services().vocabulary))


def _page_asked_for() -> int:
    query, _ = browse_page.read({"page": request.args.getlist("page")})
    return int(query["page"])


@seeker.post("/results")
def narrow() -> ResponseReturnValue:
    """Narrow the results, or take the narrowing back"""
    said = answers()
    if said is None:
        return redirect(link()("results"), 303)
    form = {} if "clear" in request.form else request.form.to_dict(flat=False)
    return _keep(Answers(said.intake, narrowing.read(form)), link()("results"))


@seeker.post("/results/change")
def change() -> ResponseReturnValue:
    """Take back one must, or settle which place was meant"""
    said = answers()
    if said is None:
        return redirect(link()("results"), 303)
    wanted = request.form.get("change", "")
    if wanted in find.RELAXED:
        return _keep(Answers(results_page.relaxed(said.intake, wanted), said.filters), link()("results"))
    place = request.form.get("place", "")
    if not place:
        raise Invalid({"change": [Problem("not_a_code", value="")]})
    return _keep(Answers(question_page.checked({**said.intake, "near": {"text": place}}), said.filters),
                 link()("results"))


@seeker.post("/results/weigh")
def weigh() -> ResponseReturnValue:
    """Say what matters more, or take that back"""
    said = answers()
    if said is None:
        return redirect(link()("results"), 303)
    form = {} if "clear" in request.form else request.form.to_dict(flat=False)
    return _keep(Answers(emphasis.taken(said.intake, form), said.filters), link()("results"))


@seeker.post("/answers/clear")
def clear() -> ResponseReturnValue:
    """Make the browser forget the answers"""
    response = redirect(link()("cleared"), 303)
    cookie().clear(response)
    next_step.forget(response)
    case.forget(response)
    return response


@seeker.get("/leave")
def leave() -> ResponseReturnValue:
    """Forget the answers and go to the neutral page; for browsers without scripts, so that Back shows no results"""
    response = Response(status=303, mimetype="text/plain", headers={"Location": services().settings.exit_url})
    response.headers["Cache-Control"] = "no-store"
    cookie().clear(response)
    next_step.forget(response)
    case.forget(response)
    return response


@seeker.get("/answers/cleared")
def cleared() -> ResponseReturnValue:
    """Says that the answers are gone"""
    return render("cleared")


@seeker.get("/programs/<slug>")
def listing(slug: str) -> ResponseReturnValue:
    """One group"""
    held = services()
    found = find.program(slug, snapshot=snapshot(), now=held.now())
    if found is None:
        with held.database.reading() as session:
            stays = doubles.successor(session, slug)
        if stays is None:
            raise NotFound("program")
        return redirect(link()("listing", slug=stays), 301)
    if found["slug"] and found["slug"] != slug:
        return redirect(link()("listing", slug=found["slug"]), 301)
    address = f"{(held.settings.base_url or request.host_url).rstrip('/')}{link()('listing', slug=slug)}"
    board.concerns(board.of_documents([found["document"]]))
    counting.opened(found["id"], held.now())
    said = answers() if cookie().is_carried(request) else None
    fit = listing_fit.view(slug, held, snapshot(), said)
    shown = listing_page.view(found, held.now(), zone=fit["zone"] if fit else None,
                              directions=held.settings.directions)
    return render("listing", slug=slug, address=address, code=qr.code(address), key=short_id(found["id"]), fit=fit,
                  map=mapping.of_listing(found["document"], held),
                  linked=listing_page.linked_data(found, held.settings.address), **shown)


@seeker.get("/crisis", endpoint="crisis")
def crisis_page() -> ResponseReturnValue:
    """Help right now"""
    return render("crisis", lines=help_now().all())


def _keep(said: Answers, to: str) -> ResponseReturnValue:
    response = make_response(redirect(to, 303))
    cookie().seal(response, said, services().now())
    return response
