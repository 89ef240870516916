"""JSON as it should be: UTF-8, no key twice, not nested without end. Used for every document that comes from outside.

orjson keeps the last of two equal keys and says nothing, so the standard library's parser reads here, with a hook that
sees every pair. What a field's own rule can refuse (NaN, a number without end, a lone surrogate) is left to that rule,
because it knows the field's name.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from finder.errors import Invalid, Problem
from finder.fields import shown

DEEPEST = 32  # objects and lists inside one another; a listing needs five
_LONGEST_NUMBER = 400  # digits; longer ones are read as infinite and refused as not a number


class _Repeated(Exception):
    """A key that stands twice in one object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        raise _Repeated(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return found


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else float("inf")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_whole)


def read(body: bytes | str, deepest: int = DEEPEST) -> Any:
    """The value a JSON text stands for; a text that was decoded before is not copied.

    Raises Invalid (code `bad_json`): "" -> `bad_json` when it is no JSON or no UTF-8, `too_deep`; a key's name ->
    `repeated`.
    """
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
        value = _DECODER.decode(text)
    except _Repeated as twice:
        raise Invalid({shown(twice.args[0]): [Problem("repeated")]}, "bad_json") from None
    except RecursionError:
        raise Invalid({"": [Problem("too_deep", max=deepest)]}, "bad_json") from None
    except ValueError:
        raise Invalid({"": [Problem("bad_json")]}, "bad_json") from None
    # As many brackets as levels at least: nearly every document is settled by counting.
    if text.count("{") + text.count("[") > deepest and _depth(value, deepest) > deepest:
        raise Invalid({"": [Problem("too_deep", max=deepest)]}, "bad_json")
    return value


def written(value: Any) -> bytes:
    """A value as JSON, to be kept.

    What orjson gives still owns the whole room it was written in, 4 KB at least (3.12 and later), as nothing trims it;
    joining copies just the text. Kept by the ten thousand, that is what fills the memory and the caches.
    """
    return b"".join((orjson.dumps(value), b""))


def _depth(value: Any, deepest: int) -> int:
    """Levels of objects and lists, counted no further than one past `deepest`."""
    level, depth = [value], 0
    while depth <= deepest:
        inside = [one for one in level if isinstance(one, dict | list)]
        if not inside:
            break
        depth += 1
        level = [leaf for one in inside for leaf in (one.values() if isinstance(one, dict) else one)]
    return depth
