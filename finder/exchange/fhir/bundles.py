"""Answers of the directory: a page of a search as a Bundle, and what went wrong as an OperationOutcome."""

from __future__ import annotations

from urllib.parse import urlencode

from finder.errors import FinderError, Invalid, NotFound
from finder.exchange.fhir.elements import Resource, stated
from finder.exchange.fhir.searching import COUNT, Found, Query

_MOST_ISSUES = 20


def searchset(found: Found, query: Query, *, base: str) -> Resource:
    """The Bundle of one page. `base`: address of the FHIR door, without a stroke.

    Links are `self`, and `next`, `previous`, `first` where there is such a page; `total` counts all pages.
    """
    after = query.offset + query.count
    links = {"self": query.offset}
    if query.count:
        links |= {"first": 0} | ({"next": after} if after < found.total else {})
        links |= {"previous": max(0, query.offset - query.count)} if query.offset else {}
    return stated({
        "resourceType": "Bundle", "type": "searchset", "total": found.total,
        "link": [{"relation": relation, "url": _address(query, base, offset)} for relation, offset in links.items()],
        "entry": [{"fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}", "resource": resource,
                   "search": {"mode": mode}}
                  for mode, resources in (("match", found.matches), ("include", found.included))
                  for resource in resources],
    })


def outcome(error: FinderError) -> Resource:
    """What went wrong, in FHIR's codes; of a search each parameter that cannot be used, by its name."""
    if isinstance(error, Invalid):
        issues = [_issue("not-supported" if problem.code in ("unknown_key", "not_a_code") else "invalid",
                         f"{name or 'body'}: {problem.code}")
                  for name, problems in error.errors.items() for problem in problems]
        return _outcome(issues[:_MOST_ISSUES] or [_issue("invalid", error.code)])
    return _outcome([_issue("not-found" if isinstance(error, NotFound) else "processing", error.code)])


def _outcome(issues: list[Resource]) -> Resource:
    return {"resourceType": "OperationOutcome", "issue": issues}


def _issue(code: str, said: str) -> Resource:
    readable = "".join(letter if letter.isprintable() else " " for letter in said)[:200]
    return {"severity": "error", "code": code, "diagnostics": readable.strip() or code}


def _address(query: Query, base: str, offset: int) -> str:
    pairs = [*query.pairs]
    if query.count != COUNT:
        pairs.append(("_count", str(query.count)))
    if offset:
        pairs.append(("_offset", str(offset)))
    return f"{base}/{query.type}" + (f"?{urlencode(pairs, errors='replace')}" if pairs else "")
