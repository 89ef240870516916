"""Signing in: a link by mail, or a password for those who want one. Nothing here tells who has an account."""

from __future__ import annotations

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts import entering, roles
from finder.errors import Conflict, Invalid
from finder.teams import membership
from finder.web import audited
from finder.web.account.blueprint import desk
from finder.web.account.forms import again, email, go_on, in_words, masked, refused, whereto
from finder.web.account.keys import sender_keys, tools
from finder.web.account.letting_in import let_in
from finder.web.desk import own_path, render
from finder.web.pages import link, services
from finder.web.signed_in import now_signed_in, signed_in
from finder.wordings.language import language

PURPOSES = ("sign_in", "reset")


@desk.open_page("/sign-in", methods=("GET", "POST"))
def sign_in() -> ResponseReturnValue:
    """Sign in"""
    to = whereto()
    if request.method == "GET":
        return go_on(to) if signed_in() is not None else render("account/sign_in", form={}, errors={}, to=to)
    try:
        address, password = email(), request.form.get("password", "")
        if request.form.get("way") != "link" and password:
            return _by_password(address, password, to)
        return _mail(address, "sign_in", to)
    except Invalid as wrong:
        return again("account/sign_in", wrong, form=request.form, to=to)


@desk.open_page("/forgotten", methods=("GET", "POST"))
def reset() -> ResponseReturnValue:
    """A link with which a new password can be set"""
    if request.method == "GET":
        return render("account/reset", form={}, errors={})
    try:
        return _mail(email(), "reset", "")
    except Invalid as wrong:
        return again("account/reset", wrong, form=request.form)


@desk.open_page("/sign-in/sent")
def sent() -> ResponseReturnValue:
    """Says that a letter is on its way"""
    return render("account/sent")


@desk.open_page("/link/<secret>", methods=("GET", "POST"))
def by_link(secret: str) -> ResponseReturnValue:
    """Sign in by a link that was mailed: the page asks, its button does it"""
    signed_in()  # so that the page is never stored
    held = services()
    if request.method == "GET":
        with held.database.reading() as session:
            entry = entering.look(session, secret, now=held.now())
        return _link_page(secret, entry)
    try:
        with held.database.transaction() as session:
            account, entry = entering.use(session, secret, now=held.now())
            entering.letter_was_read(session, sender_keys(entry.email), now=held.now())
            joined = entry.purpose == roles.INVITE and membership.settle(session, account.id, now=held.now())
            cookie = let_in(session, account.id)
    except Conflict as wrong:
        if wrong.code == "link":
            return redirect(link()("account.by_link", secret=secret), 303)
        return _link_page(secret, entry, wrong.code), 409
    now_signed_in(cookie)
    home = "provider.referrals" if joined else "account.home"
    return go_on(own_path(entry.to), "account.password" if entry.purpose == "reset" else home)


def _link_page(secret: str, entry: entering.Entry, wrong: str = "") -> str:
    return render("account/link", secret=secret, entry=entry, who=masked(entry.email),
                  errors=in_words(refused("", wrong).errors) if wrong else {})


def _mail(address: str, purpose: str, to: str) -> ResponseReturnValue:
    held = services()
    audited.nothing()  # anybody can type anybody's address; that a link was used is told
    with held.database.transaction() as session:
        entering.ask_link(session, address, sender_keys(address), now=held.now(), purpose=purpose, to=to,
                          locale=language())
    return redirect(link()("account.sent"), 303)


def _by_password(address: str, password: str, to: str) -> ResponseReturnValue:
    """Three steps, because a hash takes its time and no other writer should wait for it."""
    held, keys, hasher = services(), sender_keys(address), tools().passwords
    with held.database.transaction() as session:
        tried = entering.try_password(session, address, keys, now=held.now())
    right = hasher.is_right(tried.kept, password)
    anew = hasher.keep(password) if right and tried.kept and hasher.has_grown(tried.kept) else None
    signed_in()
    with held.database.transaction() as session:
        entering.finish(session, tried, keys, right=right, now=held.now(), kept=anew)
        cookie = let_in(session, tried.account_id) if right and tried.account_id is not None else ""
        if not cookie:
            audited.failed(session, tried.account_id)
    if not cookie:
        raise refused("password", "wrong_password")
    now_signed_in(cookie)
    return go_on(to)
