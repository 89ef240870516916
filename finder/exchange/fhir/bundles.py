"""Answers of the directory: a page of a search as a Bundle, and what went wrong as an OperationOutcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from finder.errors import Problem
from finder.exchange.fhir.elements import Resource, stated
from finder.exchange.fhir.finding import Found
from finder.exchange.fhir.searching import COUNT, Query

_MOST_ISSUES = 20
# Stable codes of errors beside FHIR's (http://hl7.org/fhir/issue-type); of everything else it is `processing`.
ISSUES: Mapping[str, str] = {
    "invalid": "invalid", "bad_request": "invalid", "not_found": "not-found", "method_not_allowed": "not-supported",
    "not_acceptable": "not-supported", "wrong_content_type": "not-supported", "body_too_large": "too-long",
    "too_often": "throttled", "unavailable": "transient", "internal_error": "exception", "forbidden": "forbidden",
    "conflict": "conflict",
}
# Of a parameter: what we do not have is not supported, all else is invalid.
_NOT_SUPPORTED = ("unknown_key", "not_a_code")
_BODY = "parameters"  # what no single parameter is to blame for


def searchset(found: Found, query: Query, *, base: str) -> Resource:
    """The Bundle of one page. `base`: address of the FHIR door, without a stroke.

    Links are `self`, and `first`, `previous`, `next`, `last` where there are such pages; `total` counts all pages.
    Parameters that were left out because that was asked for are named in an OperationOutcome at the end.
    """
    left_out = [{"resource": ignored(query.ignored), "search": {"mode": "outcome"}}] if query.ignored else []
    return stated({
        "resourceType": "Bundle", "type": "searchset", "total": found.total,
        "link": [{"relation": relation, "url": _address(query, base, offset)}
                 for relation, offset in _pages(found.total, query)],
        "entry": [*({"fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}", "resource": resource,
                     "search": {"mode": mode}}
                    for mode, resources in (("match", found.matches), ("include", found.included))
                    for resource in resources), *left_out],
    })


def outcome(code: str, text: str = "", errors: Mapping[str, Sequence[Problem]] | None = None,
            texts: Mapping[str, Sequence[str]] | None = None) -> Resource:
    """What went wrong by its stable code and in words; of a search each parameter that cannot be used, by its name and
    never with its value. `texts`: a sentence for each problem, under the same names."""
    issues = [_issue("error", "not-supported" if problem.code in _NOT_SUPPORTED else "invalid",
                     f"{name or _BODY}: {problem.code}", name=name, text=text)
              for name, problems in (errors or {}).items()
              for problem, text in zip(problems, (texts or {}).get(name or "body") or [""] * len(problems),
                                       strict=True)]
    return _outcome(issues[:_MOST_ISSUES] or [_issue("error", ISSUES.get(code, "processing"), code, text=text)])


def ignored(names: Sequence[str]) -> Resource:
    """That parameters were left out."""
    return _outcome([_issue("warning", "not-supported", f"{name or _BODY}: left out", name=name)
                     for name in dict.fromkeys(names)][:_MOST_ISSUES])


def _outcome(issues: list[Resource]) -> Resource:
    return {"resourceType": "OperationOutcome", "issue": issues}


def _issue(severity: str, code: str, said: str, *, name: str = "", text: str = "") -> Resource:
    where = _readable(name)
    return stated({"severity": severity, "code": code, "details": {"text": text} if text else {},
                   "diagnostics": _readable(said) or code, "expression": [f"http.{where}"] if where else []})


def _readable(said: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in said)[:200].strip()


def _pages(total: int, query: Query) -> list[tuple[str, int]]:
    """Where the pages begin that links lead to."""
    here, count = query.offset, query.count
    if not count:
        return [("self", here)]
    first_of_last = max(0, (total - 1) // count * count)
    found = [("self", here), ("first", 0)]
    if here:
        found.append(("previous", max(0, min(here - count, first_of_last))))
    if here + count < total:
        found.append(("next", here + count))
    return [*found, ("last", first_of_last)]


def _address(query: Query, base: str, offset: int) -> str:
    pairs = [*query.pairs]
    if query.count != COUNT and ("_summary", "count") not in pairs:
        pairs.append(("_count", str(query.count)))
    if offset:
        pairs.append(("_offset", str(offset)))
    return f"{base}/{query.type}" + (f"?{urlencode(pairs, errors='replace')}" if pairs else "")
