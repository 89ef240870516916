"""What a provider has said of one person beside the answers: a code, a level of their own, groups they added.

Carried by the browser alone, like the answers: one encrypted cookie that lives thirty minutes and is good for the
account that made it. The server keeps nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from cryptography.fernet import InvalidToken
from flask import Flask, Request, current_app, g, request
from marshmallow import ValidationError
from werkzeug import Response

from finder import secret
from finder.errors import Invalid, Problem
from finder.fields import Text
from finder.intake import severity
from finder.intake.severity import Severity
from finder.referrals.draft import OVERRIDES, REASON_LENGTH, ClientCode
from finder.web import listing_ids
from finder.web.answers import LIFETIME_SECONDS, LONGEST_COOKIE, Answers
from finder.web.pages import answers, services
from finder.web.pages import cookie as answer_cookie
from finder.web.provider import code_cookie
from finder.web.signed_in import actor

PROVIDER = "provider"  # who answers for the person, in the answers
LEVELS = range(5)
MOST_ADDED = 10
# What a level of the provider's own takes the place of: what measures, and not what keeps somebody safe.
_MEASURES = ("phq4", "impact", "substance", "stated_level")
KEPT_TOTAL = "phq9_item9"
_CODE, _NOTE = ClientCode(), Text(REASON_LENGTH, 0, lines=True)


@dataclass(frozen=True, slots=True)
class Case:
    """`level` 0-4 is the provider's own, None where they go by what the answers suggest; `reason` is of OVERRIDES.
    `added` are ids of groups they took from the search."""

    code: str = ""
    level: int | None = None
    reason: str = ""
    note: str = ""
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """`suggested` is what the answers suggest, `sources` what reaches it, `level` the one gone by; `floor` the lowest
    that item 9, safety and urgent signs allow, and `holds` which of them do."""

    suggested: int | None
    sources: tuple[str, ...]
    level: int | None
    floor: int | None
    holds: tuple[str, ...]

    @property
    def is_own(self) -> bool:
        """Whether the provider chose another one than is suggested."""
        return self.level != self.suggested


class CaseCookie:
    """Seals a case into the cookie and opens it again."""

    def __init__(self, key: secret.Key, *, secure: bool) -> None:
        self._fernet = secret.fernet(key)
        self.secure = secure
        self.name = "__Host-case" if secure else "case"

    def open(self, sent: Request, account_id: int, now: datetime) -> Case:
        """The case sent; an empty one when there is none, it is too old, not ours, or another account's."""
        token = sent.cookies.get(self.name, "")
        if not token or len(token) > LONGEST_COOKIE:
            return Case()
        try:
            found = orjson.loads(self._fernet.decrypt_at_time(token.encode("ascii", "replace"), LIFETIME_SECONDS,
                                                              int(now.timestamp())))
            if found.pop("account") != account_id:
                return Case()
            return Case(**{**found, "added": tuple(listing_ids.decoded(found["added"]))})
        except (InvalidToken, orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return Case()

    def seal(self, response: Response, case: Case, account_id: int, now: datetime) -> None:
        """Sends the case to the browser."""
        plain = orjson.dumps({"account": account_id, "code": case.code, "level": case.level, "reason": case.reason,
                              "note": case.note, "added": [listing_ids.encode(one) for one in case.added]})
        token = self._fernet.encrypt_at_time(plain, int(now.timestamp())).decode()
        response.set_cookie(self.name, token, max_age=LIFETIME_SECONDS, path="/", secure=self.secure, httponly=True,
                            samesite="Strict")

    def clear(self, response: Response) -> None:
        """Makes the browser forget the case at once."""
        response.set_cookie(self.name, "", max_age=0, expires=0, path="/", secure=self.secure, httponly=True,
                            samesite="Strict")


def install(app: Flask, cookie: CaseCookie) -> None:
    """Hangs the cookie on an app, and tells templates whether a provider is looking for somebody, and whether the
    browser carries anything of theirs. Signing out forgets all that, and so does somebody else who signs in.
    """
    app.extensions["finder_case"] = cookie
    app.jinja_env.globals.update(is_case_open=lambda: cookie.name in request.cookies,
                                 carries_client=lambda: cookie.name in request.cookies or code_cookie.is_carried())

    @app.after_request
    def change_hands(response: Response) -> Response:
        is_out = g.get("new_sign_in") == ""
        if is_out or g.get("is_let_in"):
            forget(response)
            # Answers about a client are nobody's who signs in now; those of somebody about themselves stay theirs.
            if is_out or said().intake.get("asked_by") == PROVIDER:
                answer_cookie().clear(response)
        return response


def case_cookie() -> CaseCookie:
    found: CaseCookie = current_app.extensions["finder_case"]
    return found


def forget(response: Response) -> None:
    """Makes the browser forget the case and the code of a client, if it carries them."""
    if case_cookie().name in request.cookies:
        case_cookie().clear(response)
    code_cookie.forget(response)


def current() -> Case:
    """The case this browser carries; an empty one for none. The page that asks is never kept."""
    g.personal = True
    if "case" not in g:
        g.case = case_cookie().open(request, actor().account_id, services().now())
    found: Case = g.case
    return found


def said() -> Answers:
    """The answers about this person; those that somebody gave about themselves in this browser are not theirs."""
    found = answers()
    return found if found is not None and found.intake.get("asked_by") == PROVIDER else Answers()


def keep(response: Response, case: Case) -> None:
    """Sends the case with a response."""
    case_cookie().seal(response, case, actor().account_id, services().now())


def level_of(intake: Mapping[str, Any], case: Case) -> Level:
    """What the answers suggest, and the level gone by. A level that stands in the answers is the provider's own too."""
    found, held = severity.assess(without(intake, "stated_level")), severity.assess(_lowered(intake))
    chosen = case.level if case.level is not None else intake.get("stated_level")
    if chosen is None:
        return Level(found.level, found.sources, found.level, held.level, held.sources)
    return Level(found.level, found.sources, max(chosen, _floor(held)), held.level, held.sources)


def searched(intake: Mapping[str, Any], case: Case) -> dict[str, Any]:
    """The answers as the shortlist goes by them: with the provider's level, and where that is the lower one, without
    the totals. Item 9, safety and urgent signs always stay."""
    level = level_of(intake, case)
    if not level.is_own or level.level is None:
        return without(intake, "stated_level")
    if level.suggested is None or level.level > level.suggested:
        return {**intake, "stated_level": level.level}
    return {**_lowered(intake), "stated_level": level.level}


def carried(intake: Mapping[str, Any], case: Case) -> dict[str, Any]:
    """The answers as the cookie carries them: true to the letter, with a level of the provider's own if it is the
    higher one, so that the other lists go by it too."""
    level = level_of(without(intake, "stated_level"), case)
    if case.level is None or level.level is None or level.level <= (-1 if level.suggested is None else level.suggested):
        return without(intake, "stated_level")
    return {**intake, "stated_level": level.level}


def without(intake: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The document without one of its keys."""
    return {key: value for key, value in intake.items() if key != name}


def _lowered(intake: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in intake.items() if key not in (*_MEASURES, "scores")}
    item = (intake.get("scores") or {}).get(KEPT_TOTAL)
    return kept if item is None else {**kept, "scores": {KEPT_TOTAL: item}}


def _floor(held: Severity) -> int:
    return held.level or 0


def read(form: Mapping[str, Sequence[str]], intake: Mapping[str, Any], added: Sequence[str]) -> Case:
    """The case of a sent form. Raises Invalid by field: code, level, reason, note.

    Another level than the answers suggest wants a reason; the suggested one is no choice of one's own.
    """
    said = {name: (form.get(name) or ("",))[-1].strip() for name in ("code", "level", "reason", "note")}
    errors: dict[str, list[Problem]] = {}
    case = Case(code=_checked(errors, "code", _CODE, said["code"]) if said["code"] else "",
                note=_checked(errors, "note", _NOTE, said["note"].replace("\r\n", "\n")),
                added=tuple(dict.fromkeys(added))[:MOST_ADDED])
    if said["level"] not in ("", *map(str, LEVELS)):
        errors["level"] = [Problem("not_a_code")]
    if said["reason"] not in ("", *OVERRIDES):
        errors["reason"] = [Problem("not_a_code")]
    if not errors and said["level"]:
        case = _own_level(case, int(said["level"]), said["reason"], intake, errors)
    if errors:
        raise Invalid(errors)
    return case


def _own_level(case: Case, chosen: int, reason: str, intake: Mapping[str, Any],
               errors: dict[str, list[Problem]]) -> Case:
    suggested = level_of(without(intake, "stated_level"), Case()).suggested
    if chosen == suggested:
        return replace(case, note="")
    if suggested is not None and not reason:
        errors["reason"] = [Problem("override_needed")]
    return replace(case, level=chosen, reason=reason)


def _checked(errors: dict[str, list[Problem]], field: str, rule: Text, value: str) -> str:
    try:
        return rule.read(value)
    except ValidationError as wrong:
        errors[field] = [one for one in wrong.messages if isinstance(one, Problem)]
        return ""
