"""The frame of every desk: a page says which action it is, and nobody without the right to it gets in.

A page with a variable in its address also says what it is about, so that the right is asked for that very thing; a
page that does not is refused when it is written. Others' things look like things that are not there.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from finder.accounts.permissions import FRESH, Action, Target, lacks_second_step, may, require
from finder.errors import Forbidden, NotFound, Unversioned
from finder.listings import changes
from finder.listings.changes import Listing
from finder.web import audited
from finder.web.headers import CHANGING, refuse_foreign_posts
from finder.web.pages import link, services
from finder.web.signed_in import actor, is_own_form, signed_in

About = Callable[..., Target]
View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Guard:
    """What a page asks of who opens it: the action, and what it is about (called with a session and the variables of
    the address; raises NotFound)."""

    action: Action
    about: About | None


# "operator.edit" -> what it asks, None for a page open to everybody; the test of all routes reads this.
GUARDS: dict[str, Guard | None] = {}


class Desk(Blueprint):
    """A blueprint whose pages all have a guard."""

    def __init__(self, name: str) -> None:
        super().__init__(name, f"finder.web.{name}", url_prefix=f"/{name}")
        self.before_request(refuse_foreign_posts)

    def page(self, rule: str, action: Action, *, about: About | None = None,
             methods: tuple[str, ...] = ("GET",), fresh: bool = False,
             first_step: bool = False) -> Callable[[View], View]:
        """Hangs a page on this desk. Signing in, the second step, a recent proof and the form's token are seen to.

        `fresh` asks for a recent proof also where the action does not. `first_step` lets in who has taken the first
        step of signing in only: the second step itself, and the way out.
        """
        if "<" in rule and about is None:
            raise TypeError(f"{self.name}{rule} does not say what it is about")

        def hang(view: View) -> View:
            guarded = _guarded(view, action, about, fresh or action in FRESH, first_step)
            GUARDS[f"{self.name}.{view.__name__}"] = Guard(action, about)
            self.add_url_rule(rule, view.__name__, guarded, methods=list(methods))
            return guarded
        return hang

    def open_page(self, rule: str, *, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
        """Hangs a page that everybody may open, as the one for signing in."""
        def hang(view: View) -> View:
            GUARDS[f"{self.name}.{view.__name__}"] = None
            self.add_url_rule(rule, view.__name__, view, methods=list(methods))
            return view
        return hang


def _guarded(view: View, action: Action, about: About | None, fresh: bool, first_step: bool) -> View:
    @functools.wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        found = signed_in()
        if found is None:
            return _ask_to_sign_in()
        if request.method in CHANGING and not is_own_form():
            abort(403)
        if found.awaits and not first_step or not may(found.actor, action) and lacks_second_step(found.actor, action):
            return redirect(link()("account.second_step", to=request.path), 303)
        with _turning_away():
            require(found.actor, action)
            if about is not None:
                with services().database.reading() as session:
                    target = about(session, **values)
                named = _named(about, target, values)
                audited.about(*named, is_proved=False)
                require(found.actor, action, target)
                audited.about(*named)
        if fresh and not found.fresh:
            return redirect(link()("account.confirm", to=request.path), 303)
        return view(**values)
    return guarded


@contextmanager
def _turning_away() -> Iterator[None]:
    """Whoever is not let in here is told of as refused, also from what is not there: to them it is the same."""
    try:
        yield
    except (NotFound, Forbidden):
        audited.refused()
        raise


def _named(about: About, target: Target, values: dict[str, Any]) -> tuple[str, str]:
    """Kind and id of what a page is about, for the audit: a listing by its id, all else as the address has it."""
    kind = about.__name__.removesuffix("_here")
    return kind, str(target.program if about is listing_here else next(iter(values.values())))


def _ask_to_sign_in() -> ResponseReturnValue:
    if request.method in CHANGING:
        return redirect(link()("account.sign_in"), 303)
    return redirect(link()("account.sign_in", to=request.path), 303)


def listing_here(session: Any, slug: str, **values: Any) -> Target:
    """What a page about one listing is about; its address names the listing by slug or id, whatever its state."""
    return target_of(changes.find(session, slug))


def target_of(listing: Listing) -> Target:
    """A listing as permissions see it."""
    return Target(listing.id, listing.organization_id, listing.states)


def allow(action: Action, target: Target | None = None) -> None:
    """Asks for a right that the page's guard does not ask for already. Raises NotFound."""
    with _turning_away():
        require(actor(), action, target)


def own_path(to: str) -> str:
    """An address of this site that may be led to, or "" for anything else."""
    plain = to if to.startswith("/") and not to.startswith(("//", "/\\")) else ""
    return plain if plain.isprintable() and "\\" not in plain and len(plain) <= 300 else ""


def render(template: str, **values: Any) -> str:
    """A page of a desk."""
    return render_template(f"{template}.html", demonstration=False, **values)


def version_read() -> int:
    """The version of the listing that the form was made from. Raises Unversioned when it says none."""
    sent = request.form.get("version") or request.headers.get("If-Match", "").strip('"')
    if not sent.isascii() or not sent.isdigit() or len(sent) > 9:
        raise Unversioned()
    return int(sent)


def only_for(action: Action, about: About | None = None) -> Callable[[View], View]:
    """The guard of a desk's pages for one that hangs elsewhere, as under the address of a listing."""
    return lambda view: _guarded(view, action, about, action in FRESH, False)
