"""Many people at once: a CSV with a row for each, looked at, then sent as referrals with what they agreed to.

Nothing is stored until referrals are made: what was looked at travels sealed in the form. Sent twice, it makes each
referral once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from finder import limits
from finder.accounts.permissions import Action
from finder.errors import FinderError, Invalid, Problem, TooOften
from finder.limits import Limit
from finder.referrals import caseload as files
from finder.referrals import creating, draft, pace
from finder.referrals.draft import OVERRIDES
from finder.referrals.models import BY_PHONE
from finder.teams.models import Team
from finder.web import listing_ids
from finder.web.calendar_page import listings_of
from finder.web.desk import render
from finder.web.keep_pages import base
from finder.web.pages import link, services, snapshot
from finder.web.provider import caseload_rows, caseload_words, refer_form
from finder.web.provider.blueprint import desk, my_team, referral_keys, sender
from finder.web.provider.caseload_rows import Batch, Offer
from finder.web.provider.refer import USUAL_CONSENT
from finder.web.provider.refer_form import Form
from finder.web.signed_in import actor

FORM_BYTES = 64 * 1024  # what the form holds beside the file; with it still less than what is put on disk
REFERRALS = Limit("caseload", 200, 86_400)  # of a team in a day
LOOKS = Limit("caseload_looks", 60, 3600)  # of one person: each may be a hundred searches
REFER, HANDOUT, SKIP = "refer", "handout", "skip"
DEEDS = (REFER, HANDOUT, SKIP)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one row. `key` is its referral, `short_code` the person's own if it is new, `by_phone` whether
    the sender calls the first group, `wrong` why there is no referral."""

    number: int
    code: str
    handout: list[str]
    key: str = ""
    short_code: str = ""
    by_phone: bool = False
    wrong: str = ""


@desk.before_request
def make_room_for_a_file() -> None:
    """Lets this one page take a larger body; who may send it is asked before anything of it is read."""
    if (request.endpoint or "").endswith(".caseload"):
        request.max_content_length = files.MOST_BYTES + FORM_BYTES


@desk.page("/caseload", Action.REFER, methods=("GET", "POST"))
def caseload() -> ResponseReturnValue:
    """Refer many people from a CSV file"""
    if request.method == "GET":
        return _start({}, HANDOUT)
    usual = request.form.get("usual", "")
    usual = usual if usual in DEEDS else HANDOUT
    held = services()
    try:
        with held.database.transaction() as session:
            seconds = limits.spend(session, LOOKS, str(actor().account_id).encode(), held.now())
        if seconds:
            raise Invalid({"file": [Problem("too_many_looks")]})
        sheet = files.read(_body(), gazetteer=held.gazetteer, vocabulary=held.vocabulary)
    except Invalid as wrong:
        return _start(wrong.errors, usual), 422
    batch, unused = caseload_rows.batch_of(sheet.rows, actor().account_id)
    today = held.now().date()
    form: Form = MultiDict([
        ("purpose", draft.PURPOSES[0]), ("given_on", today.isoformat()), ("until", (today + USUAL_CONSENT).isoformat()),
        *((f"do-{one.number}", usual if one.groups else SKIP) for one in batch.offers)])
    return _look(batch, form, {}, unused=unused, ignored=sheet.ignored)


@desk.page("/caseload.csv", Action.REFER)
def caseload_template() -> ResponseReturnValue:
    """An empty file with the right headings and one example"""
    response = Response("\ufeff" + files.template(link().language), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=caseload.csv"
    return response


@desk.page("/caseload/send", Action.REFER, methods=("POST",))
def caseload_send() -> ResponseReturnValue:
    """Send the referrals of a file that was looked at"""
    form, held = request.form, services()
    batch = caseload_rows.seal().open(form.get("sealed", ""), actor().account_id, held.now())
    if batch is None:
        return _start({"file": [Problem("too_old")]}, HANDOUT), 422
    consent = refer_form.draft_of(form)["consent"]
    errors = _wrong(batch, form, consent)
    if errors:
        return _look(batch, form, errors), 422
    sent = [_send(batch, one, consent) for one in batch.offers if form.get(f"do-{one.number}") in (REFER, HANDOUT)]
    return render("provider/caseload_sent", sent=sent, made=[one for one in sent if one.key],
                  failed=[one for one in sent if one.wrong], handouts=[one for one in sent if not one.key],
                  next_page=f"{base()}{link()('next_step')}".partition("://")[2])


def _body() -> bytes:
    sent = request.files.get("file")
    return sent.stream.read(files.MOST_BYTES + 1) if sent is not None else b""


def _start(errors: Mapping[str, list[Problem]], usual: str) -> str:
    return render("provider/caseload", errors=caseload_words.said(errors), usual=usual,
                  columns=caseload_words.columns(), most_rows=files.MOST_ROWS)


# -- looking ---------------------------------------------------------------------------------------------------------


def _look(batch: Batch, form: Form, errors: Mapping[str, list[Problem]], *, ignored: int = 0,
          unused: Mapping[int, Mapping[str, Sequence[Problem]]] | None = None) -> str:
    today = services().now().date()
    documents = {one["id"]: one for one in listings_of({key for one in batch.offers for key in one.ids})}
    rows = [caseload_words.shown(one, documents, today) for one in batch.offers]
    return render(
        "provider/caseload_rows", rows=rows, form=form,
        errors=caseload_words.said(errors) if "" in errors else refer_form.errors_of(errors),
        sealed=caseload_rows.seal().of(batch, services().now()), ignored=ignored, demo=snapshot().demo,
        unused=caseload_words.unused(unused or {}), safety=[one for one in rows if one.ask_safety],
        **caseload_words.choices(my_team_name(), substance=any(one.substance for one in batch.offers)))


def my_team_name() -> str:
    """What the team calls itself."""
    with services().database.reading() as session:
        return session.get_one(Team, my_team()).name


def _wrong(batch: Batch, form: Form, consent: Mapping[str, Any]) -> dict[str, list[Problem]]:
    """What is wrong with the form as a whole, by path of a draft; what is wrong with one row is said of that row."""
    chosen = [one for one in batch.offers if form.get(f"do-{one.number}") == REFER]
    if not chosen:
        some = any(form.get(f"do-{one.number}") == HANDOUT for one in batch.offers)
        return {} if some else {"": [Problem("nothing_chosen")]}
    errors: dict[str, list[Problem]] = {}
    try:
        draft.load(caseload_rows.drafts(chosen[0], consent, OVERRIDES[0]), today=services().now().date())
    except Invalid as wrong:
        errors = {path: list(many) for path, many in wrong.errors.items() if path.startswith("consent")}
    if not consent.get("confirmed"):
        errors["consent.confirmed"] = [Problem("consent_needed")]
    if any(one.substance for one in chosen) and not consent.get("substance"):
        errors["consent.substance"] = [Problem("consent_needed")]
    return errors


# -- sending ---------------------------------------------------------------------------------------------------------


def _send(batch: Batch, offer: Offer, consent: Mapping[str, Any]) -> Sent:
    """Makes the referral of one row, in a transaction of its own; what fails stays on the page with its reason."""
    handout = [listing_ids.encode(one) for one in offer.ids]
    if request.form.get(f"do-{offer.number}") != REFER:
        return Sent(offer.number, offer.code, handout)
    held = services()
    reason = request.form.get(f"why-{offer.number}", "")
    try:
        checked = draft.load(caseload_rows.drafts(offer, consent, reason), today=held.now().date())
        with held.database.transaction() as session:
            made = creating.create(session, my_team(), checked, by=sender(), keys=referral_keys(), now=held.now(),
                                   once=f"caseload-{batch.key}-{offer.number}")
            if made.is_new:
                pace.take_turn(session, my_team(), held.now(), REFERRALS)
            return Sent(offer.number, offer.code, handout, made.referral.key, made.short_code or "",
                        made.referral.tasks[0].way == BY_PHONE)
    except Invalid as wrong:
        words = [one for many in refer_form.errors_of(wrong.errors).values() for one in many]
        return Sent(offer.number, offer.code, handout, wrong=" ".join(words))
    except TooOften:
        return Sent(offer.number, offer.code, handout, wrong=caseload_words.own("too_many_today"))
    except FinderError:
        return Sent(offer.number, offer.code, handout, wrong=caseload_words.own("failed"))
