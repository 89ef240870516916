"""The extractor reads the outermost call only: a sentence marked inside another call would stay English for all."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.catalogs import template
from tests.shared import ROOT

MARKS = ("N_", "gettext", "ngettext", "_")


def _marked() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "finder").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
                yield from ((f"{path.name}:{node.lineno}", one.value) for one in node.args
                            if isinstance(one, ast.Constant) and isinstance(one.value, str))


def test_every_marked_sentence_is_found() -> None:
    known = {text for message in template() if message.id
             for text in (message.id if isinstance(message.id, tuple) else (message.id,))}
    assert len(known) > 1000
    assert [(place, text) for place, text in _marked() if text not in known] == []


def test_code_lists_questions_and_help_lines_are_found_under_their_context() -> None:
    found = template()
    assert found.get("Peer support group", context="group_types") is not None
    assert found.get("Who is this for?", context="question") is not None
    assert found.get("For anyone who thinks about suicide, or needs to talk.", context="help line") is not None
