"""The addresses of the browse page. What is typed on it is sent, and leads to an address without the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.errors import Invalid, NotFound
from finder.web import board, browse_page, counting, looking
from finder.web import filters as narrowing
from finder.web.blueprint import seeker
from finder.web.calendar_page import listings_of
from finder.web.pages import link, render, services, snapshot


@seeker.get("/programs")
def programs() -> ResponseReturnValue:
    """All groups, to be narrowed by place and by what they state"""
    asked = request.args.to_dict(flat=False)
    query, filters, wrong = browse_page.as_far_as_read(asked)
    page = _page(query, filters, asked, wrong)
    return (page, 422) if wrong else page


@seeker.post("/programs")
def look() -> ResponseReturnValue:
    """Look for groups by one typed line, or narrow the list by the form beside it"""
    return _by_line(request.form["q"]) if "q" in request.form else _by_form(request.form.to_dict(flat=False))


def _by_line(line: str) -> ResponseReturnValue:
    try:
        found = looking.landing(line, link().language, services=services(), snapshot=snapshot())
    except Invalid as wrong:
        return _page(*browse_page.read({}), {"q": [line]}, wrong.errors), 422
    if not found.unknown_place:
        return redirect(link()("programs", **found.address), 303)
    asked = {name: [str(one) for one in value] if isinstance(value, list) else [str(value)]
             for name, value in found.address.items()}
    query, filters = browse_page.read(asked | {"near": [found.unknown_place]})
    return _page(query, filters, asked | {"q": [line]}, {})


def _by_form(form: Mapping[str, Sequence[str]]) -> ResponseReturnValue:
    try:
        return redirect(link()("programs", **browse_page.sent(form, services().gazetteer)), 303)
    except Invalid as wrong:
        query, filters, _ = browse_page.as_far_as_read(form)
        return _page(query, filters, form, wrong.errors), 422


def _page(query: dict[str, Any], filters: narrowing.Filters, asked: Mapping[str, Sequence[str]],
          wrong: browse_page.Errors) -> str:
    """The page for a query; `asked` is what was sent, for the boxes and for what only the address says."""
    view = browse_page.view(services(), snapshot(), query, filters, listings_of(looking.named(asked)))
    if view["pages"].page > view["pages"].last:
        raise NotFound("page")
    board.concerns(board.of_place(view["found"]["place"]))
    if not wrong:
        counting.few_listed(filters, view["found"], services().now())
    errors = {name: [wording.problem_text(one) for one in many] for name, many in wrong.items()}
    return render("programs", errors=errors, fields=browse_page.fields(errors),
                  form={name: values[-1] for name, values in asked.items() if values}, unnamed="none" in asked, **view)
