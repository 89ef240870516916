"""What is seen by reading the code of the program: things that are safe because nobody does them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "finder"
READ_XML = {"fromstring", "fromstringlist", "parse", "iterparse", "XMLParser", "XMLPullParser", "ParserCreate"}
RUN_SQL = {"text", "execute", "exec_driver_sql", "executescript", "executemany", "scalars", "scalar"}
# Statements that cannot take a parameter: names of settings and of tables that the code itself lists.
OWN_NAMES = {"backup/contents.py", "backup/moving.py", "bulk.py", "db.py", "postgres.py", "sqlite.py",
             "cli/bench_all.py", "cli/bench_filling.py", "cli/bench_import.py", "cli/bench_postgis.py"}


@cache
def trees() -> tuple[tuple[Path, ast.AST], ...]:
    return tuple((path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(ROOT.rglob("*.py"))
                 if "versions" not in path.parts)


def called(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node


def imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module)} | {f"{node.module}.{one.name}" for one in node.names}
    return found


def test_M2_xml_is_read_in_one_place_that_takes_no_declarations_and_yaml_nowhere() -> None:
    readers = set()
    for path, tree in trees():
        names = imported(tree)
        assert not [one for one in names if one.split(".")[0] in ("yaml", "lxml", "marshal", "shelve")], path
        if any(one.startswith("xml") for one in names) and {name for name, _ in called(tree)} & READ_XML:
            readers.add(path.name)
    assert readers == {"promises.py"}


def test_I3_no_statement_is_put_together_from_text() -> None:
    built = set()
    for path, tree in trees():
        for name, call in called(tree):
            if name == "text" and "sqlalchemy.text" not in imported(tree):
                continue
            if name in RUN_SQL and call.args and isinstance(call.args[0], ast.JoinedStr | ast.BinOp):
                built.add(str(path.relative_to(ROOT)))
            if name == "format" and isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Constant):
                said = str(call.func.value.value).upper()
                assert not said.startswith(("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "DROP ")), path
    assert built == OWN_NAMES
