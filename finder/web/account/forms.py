"""What forms of accounts send, read strictly, and what is wrong with it in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from finder import fields, wording
from finder.errors import Invalid, Problem
from finder.web.desk import own_path, render
from finder.web.pages import link
from finder.wordings.language import N_, gettext

WORDS: Mapping[str, str] = {
    "weak_password": N_("Many people use this one, so it is tried first. Choose words of your own."),
    "wrong_password": N_("That email and password do not go together. Try again, or have a link sent to you."),
    "wrong_own_password": N_("That is not your password."),
    "wrong_code": N_("That code is not right, or was used before. Wait for the next one and try again."),
    "passkey_refused": N_("That passkey did not work here. Try again, or take another way."),
    "last_administrator": N_(
        "You are the only one who looks after this site. First make somebody else an administrator."),
    "last_step": N_("Your role asks for a second step. Add another one first."),
    "own": N_("Somebody else has to decide this for you."),
    "disabled": N_("This account is closed. Open it again first."),
    "no_listing": N_("We find no listing there. Copy the address of its page."),
    "no_organization": N_("This listing names no organization."),
    "no_state": N_("Choose at least one state."),
    "no_role": N_("Choose a role."),
    "already": N_("They have this already."),
    "other_team": N_("You are in a team already, and nobody can be in two. Leave it first. Then use this link again."),
    "no_team": N_("This team is not here any more."),
    "taken_link": N_("This link was used before."),
}


def email(name: str = "email") -> str:
    """The e-mail address of a form. Raises Invalid at its field."""
    return str(_read(name, fields.mailbox(), request.form.get(name, "").strip()))


def text(name: str, most: int) -> str:
    """A line of text, which may be empty. Raises Invalid at its field."""
    return str(_read(name, fields.Text(most, 0), request.form.get(name, "").strip()))


def _read(name: str, field: fields.Field, sent: str) -> Any:
    if not sent and isinstance(field, fields.Text) and field.minimum:
        raise Invalid({name: [Problem("required")]})
    try:
        return field.read(sent)
    except ValidationError as wrong:
        raise Invalid(fields.flatten(wrong.messages, name)) from None


def refused(name: str, code: str) -> Invalid:
    """One thing that is wrong with one field."""
    return Invalid({name: [Problem(code)]})


def in_words(errors: Mapping[str, list[Problem]]) -> dict[str, list[str]]:
    """What is wrong, field by field, as a page shows it."""
    return {name: [gettext(WORDS[one.code]) if one.code in WORDS else wording.problem_text(one) for one in many]
            for name, many in errors.items()}


def again(template: str, wrong: Invalid, *, form: Mapping[str, str] | None = None,
          **values: Any) -> ResponseReturnValue:
    """The same page with what is wrong; secrets that were typed are not sent back."""
    return render(template, errors=in_words(wrong.errors), form=form or {}, **values), 422


def whereto() -> str:
    """Where to go on afterwards, when it is a page of this site; else ""."""
    return own_path(request.values.get("to", ""))


def go_on(to: str = "", page: str = "account.home") -> ResponseReturnValue:
    """On to where somebody was going, or to a page of the account."""
    return redirect(to or link()(page), 303)


def masked(address: str) -> str:
    """An address that its owner knows again and a passer-by does not: "j…@example.org"."""
    name, _, host = address.partition("@")
    return f"{name[:1]}…@{host}"
