"""The door for people: HTML pages in each language that work without scripts, and the cookie that carries answers."""

from __future__ import annotations

from flask import Flask

from finder.audit import recording as audit
from finder.config import Settings
from finder.referrals.keys import Keys
from finder.secret import Ring, fernet
from finder.web import (
    about_pages,  # noqa: F401 - hangs its pages on the blueprint, as every page module does
    add_page,  # noqa: F401
    assets,
    audited,
    browse_index,  # noqa: F401
    browsing,  # noqa: F401
    calendar_feeds,  # noqa: F401
    calendar_page,  # noqa: F401
    calendar_token,
    claim_pages,  # noqa: F401
    correction_page,  # noqa: F401
    crowded,
    data_page,  # noqa: F401
    embed,
    embed_about,  # noqa: F401
    errors,
    handout_page,  # noqa: F401
    headers,
    inclusion_page,  # noqa: F401
    join_page,  # noqa: F401
    keep_pages,  # noqa: F401
    language,
    learn_pages,  # noqa: F401
    mailed_answers,  # noqa: F401
    mailed_page,  # noqa: F401
    next_step,
    offline_pages,
    open_form,
    pacing,
    pages,
    referral_answer,  # noqa: F401
    report_page,  # noqa: F401
    seeker,  # noqa: F401
    signed_in,
)
from finder.web.account import desk as account
from finder.web.account import keys as account_keys
from finder.web.answers import AnswerCookie
from finder.web.blueprint import seeker as blueprint
from finder.web.manners import Manners
from finder.web.operator import desk as operator
from finder.web.provider import blueprint as provider_keys
from finder.web.provider import case as provider_case
from finder.web.provider import caseload_rows, code_cookie
from finder.web.provider import desk as provider
from finder.web.saved import SavedCookie
from finder.web.signed_in import SignInCookie
from finder.web.steward import desk as steward
from finder.web.steward import hooks as steward_hooks

AREAS = (blueprint, account, operator, provider, steward, embed.embed)


def install(app: Flask, settings: Settings, keys: Ring) -> None:
    """Hangs pages, static files, languages, headers and error pages on an app."""
    cookie = AnswerCookie(keys.keys("answers"), secure=settings.secure)
    app.extensions["finder_saved"] = SavedCookie(keys.keys("saved"), secure=settings.secure)
    app.extensions["finder_stamp"] = open_form.Stamp(keys.keys("report"))
    app.config["FINDER_AREAS"] = frozenset(area.name for area in AREAS)
    audit_keys = audit.Keys(keys.keys("audit"), keys.keys("audit names"))
    audited.install(app, app.extensions["finder"].audit, lambda: audit_keys)
    prefixes = language.install(app, settings)
    headers.install(app, cookie, settings.base_url, settings.map_origin)
    crowded.install(app)
    wait = pacing.install(app, app.extensions["finder"])
    usual = headers.always(settings.map_origin) | headers.strict_transport(cookie.secure)
    own = headers.hosts_of(settings.base_url)
    app.extensions["finder_manners"] = Manners(tuple(usual.items()), lambda host: headers.is_own(host, own),
                                               crowded.is_late, wait)
    static = assets.install(app, app.config["FINDER_PACKAGE"] / "static")
    pages.install(app, settings, cookie, static)
    offline_pages.install(app, static)
    calendar_token.install(app, keys)
    embed.install(app)
    account_keys.install(app, keys)
    codes = keys.keys("client codes")
    provider_keys.install(app, Keys(fernet(keys.keys("referrals")), codes[0], codes[1:]),
                          days=settings.referral_days)
    provider_case.install(app, provider_case.CaseCookie(keys.keys("case"), secure=settings.secure))
    caseload_rows.install(app, keys.keys("caseload"))
    code_cookie.install(app, keys.keys("client code on its way"), secure=settings.secure)
    next_step.install(app, keys.keys("next step"), secure=settings.secure)
    steward_hooks.install(app, *keys.keys("hooks"))
    signed_in.install(app, SignInCookie(keys.keys("sign-in"), secure=settings.secure))
    for prefix, code in prefixes.items():
        for area in AREAS:
            app.register_blueprint(area, url_prefix=prefix + (area.url_prefix or "") or None,
                                   name=f"{area.name}_{code}" if prefix else area.name)
    app.register_error_handler(Exception, errors.page)
