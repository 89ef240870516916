"""Hanging what this door answers on its blueprint: each list by GET and by POST, each thing by its id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response

from finder.api.hsds import described, examples
from finder.api.hsds.blueprint import hsds
from finder.api.hsds.described import Kinds

_TAG = "hsds"


def lists(path: str, name: str, what: str, example: Any, kinds: Kinds) -> Callable[[Callable[[], Response]], Any]:
    """Makes a function the answer of a list of `what`, rows of the shape `name`: to GET, and to POST, which says the
    same in its body, so that words that are looked for stand in no address."""
    def hang(answer: Callable[[], Response]) -> Callable[[], Response]:
        plural = f"{name}s".replace("ys", "ies")
        page = examples.page(example)
        _hang(path, ["GET"], f"list{plural}", answer, summary=f"List {what}", parameters=described.parameters(kinds),
              responses=described.listed(name, "One page, in the standard's envelope.", page))
        _hang(path, ["POST"], f"ask{plural}", answer, summary=f"List {what}, asked for in the body",
              requestBody=described.body(kinds), responses=described.listed(name, "As by GET.", page, post=True))
        return answer
    return hang


def gives(path: str, name: str, what: str, example: Any,
          kinds: Kinds | None = None) -> Callable[[Callable[[str], Response]], Any]:
    """Makes a function the answer for one thing by its id, a row of the shape `name`."""
    def hang(answer: Callable[[str], Response]) -> Callable[[str], Response]:
        _hang(f"{path}/<key>", ["GET"], f"read{name}", answer, path_parameters=described.path(), summary=f"Read {what}",
              parameters=described.parameters(kinds or {}),
              responses=described.alone(name, "All that is known of it.", example))
        return answer
    return hang


def _hang(rule: str, methods: list[str], operation: str, answer: Callable[..., Response], *,
          path_parameters: list[dict[str, Any]] | None = None, **about: Any) -> None:
    def view(**given: Any) -> Response:
        return answer(**given)

    view.__name__ = operation
    documented = hsds.doc(operationId=operation, **about)(view)
    hsds.route(rule, methods=methods, tags=[_TAG], parameters=path_parameters)(documented)
