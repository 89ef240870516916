import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "finder"

PURE = {"errors", "vocabulary", "crosswalks", "understanding", "places", "schedules"}
# Room -> (rooms it may import, libraries it may import beyond the standard library). ARCHITECTURE.md shows the same.
ROOMS = {
    "errors": (set(), set()),
    "journal": (set(), set()),
    "config": ({"errors"}, set()),
    "strict_json": ({"errors", "fields"}, {"orjson"}),
    "crisis": ({"errors"}, set()),
    "promises": ({"errors"}, set()),
    "vocabulary": ({"errors"}, {"rapidfuzz"}),
    "crosswalks": ({"errors", "vocabulary"}, set()),
    "danger_words": (set(), set()),
    "understanding": ({"errors", "vocabulary", "crosswalks", "danger_words"}, {"rapidfuzz"}),
    "fields": ({"errors", "vocabulary"}, {"marshmallow"}),
    "places": ({"errors", "vocabulary"}, {"geopy", "rapidfuzz", "zipcodes", "zipsearch", "tzfpy", "numpy"}),
    "schedules": ({"errors", "vocabulary"}, {"dateutil"}),
    "duplicates": ({"errors", "vocabulary", "places"}, {"rapidfuzz", "numpy"}),
    "matching": ({"errors", "vocabulary", "places", "schedules"}, {"numpy", "numba"}),
    "intake": (PURE | {"matching"}, set()),
    "sqlite": ({"errors"}, {"sqlalchemy"}),
    "postgres": ({"errors", "sqlite"}, {"sqlalchemy"}),
    "bulk": ({"errors", "postgres"}, {"sqlalchemy", "orjson"}),
    "db": ({"errors", "postgres", "sqlite"}, {"sqlalchemy", "alembic", "orjson"}),
    "backup": ({"bulk", "db", "errors", "sqlite"}, {"pyrage", "sqlalchemy"}),
    "catalog": (PURE | {"db", "fields"}, {"sqlalchemy", "marshmallow", "orjson"}),
    "colors": ({"errors"}, set()),
    "instance": ({"colors", "crisis", "db", "errors", "fields"}, {"marshmallow", "sqlalchemy"}),
    "limits": ({"errors", "db"}, {"sqlalchemy"}),
    "pace": (set(), set()),
    "meter": (set(), set()),
    "disk": (set(), set()),
    "secret": ({"config", "errors"}, {"cryptography"}),
    "outbox": ({"errors", "db"}, {"sqlalchemy"}),
    "paper": ({"errors"}, {"weasyprint"}),
    "accounts": ({"errors", "vocabulary", "fields", "db", "limits", "outbox"},
                 {"sqlalchemy", "marshmallow", "argon2", "cryptography", "webauthn"}),
    "listings": (PURE | {"bulk", "db", "fields", "catalog", "accounts", "outbox", "limits", "duplicates"},
                 {"sqlalchemy", "marshmallow", "orjson"}),
    "teams": (PURE | {"db", "fields", "accounts", "outbox", "limits", "catalog", "listings"},
              {"sqlalchemy", "marshmallow"}),
    "referrals": (PURE | {"db", "fields", "accounts", "outbox", "limits", "catalog", "listings", "teams"},
                  {"sqlalchemy", "marshmallow", "orjson", "cryptography"}),
    "audit": ({"bulk", "db", "errors"}, {"sqlalchemy"}),
    "sealed": ({"accounts", "audit", "db", "hooks", "referrals", "secret"}, {"cryptography", "sqlalchemy"}),
    "upkeep": ({"accounts", "audit", "backup", "config", "crisis", "db", "listings", "outbox"}, {"sqlalchemy"}),
    "hooks": ({"accounts", "catalog", "db", "errors", "exchange", "outbox"},
              {"sqlalchemy", "cryptography"}),
    "search": (PURE | {"db", "duplicates", "fields", "catalog", "matching", "intake", "strict_json"},
               {"sqlalchemy", "marshmallow", "rapidfuzz", "numpy", "orjson"}),
    "sharing": ({"catalog", "db", "matching", "search"}, {"sqlalchemy", "numpy", "orjson"}),
    "exchange": (PURE | {"db", "fields", "catalog", "intake", "listings", "referrals", "strict_json"},
                 {"sqlalchemy", "openpyxl", "icalendar"}),
    "wordings": ({"errors", "vocabulary", "wordings", "schedules"}, {"flask_babel", "babel", "dateutil", "flask"}),
    "wording": ({"errors", "vocabulary", "wordings"}, {"flask_babel"}),
    "services": ({"pace", "meter", "audit", "config", "db", "exchange", "paper", "places", "matching", "search",
                  "vocabulary"}, set()),
    "migrations": ({"accounts", "audit", "db", "catalog", "hooks", "instance", "limits", "listings", "outbox",
                    "referrals", "teams", "upkeep"}, {"alembic", "sqlalchemy"}),
}
_BELOW = set(ROOMS)
_DOOR_LIBRARIES = {"flask", "flask_smorest", "flask_babel", "marshmallow", "click", "werkzeug", "orjson"}
ROOMS |= {
    "web": (_BELOW, _DOOR_LIBRARIES | {"cryptography", "babel", "jinja2", "segno", "markupsafe"}),
    "api": (_BELOW, _DOOR_LIBRARIES | {"apispec"}),
    "mail": (_BELOW, {"flask", "flask_babel", "babel", "jinja2"}),
    "cli": (_BELOW | {"app", "mail"}, _DOOR_LIBRARIES | {"rich", "gunicorn", "waitress", "numpy", "mcp"}),
}
OUTERMOST = {"app", "__main__"}  # may import everything
CLOCKS = {"now", "today", "utcnow", "time"}


def files():
    return sorted(path for path in ROOT.rglob("*.py") if "versions" not in path.parts)


def room(path):
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in {path}"
            yield from ([f"{node.module}.{name.name}" for name in node.names] if node.module == "finder"
                        else [node.module])


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_what_its_row_allows(path):
    name = room(path)
    if name in OUTERMOST or name == "__init__":
        return
    assert name in ROOMS, f"{name} has no row in the table of rooms"
    rooms, libraries = ROOMS[name]
    for module in imports(path):
        top, *rest = module.split(".")
        if top == "finder":
            assert rest[0] in rooms | {name}, f"{path.name}: {name} imports {rest[0]}"
        elif top not in sys.stdlib_module_names:
            assert top in libraries, f"{path.name}: {name} imports {top}"


@pytest.mark.parametrize("name", ["places", "schedules", "duplicates", "matching", "intake", "catalog", "listings",
                                  "teams", "referrals", "hooks", "search", "exchange", "audit"])
def test_no_room_below_the_doors_asks_the_clock_or_the_environment(name):
    for path in (ROOT / name).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
                owner = node.func.value
                assert not (isinstance(owner, ast.Name) and owner.id in {"datetime", "date", "time"}), path
        modules = set(imports(path))
        assert "os" not in modules, f"{path} reads the environment"
        assert "logging" not in modules, f"{path} could log answers"


def test_only_settings_read_the_environment():
    readers = [path.name for path in files()
               if "os.environ" in path.read_text(encoding="utf-8") and room(path) not in OUTERMOST]
    assert readers == []


def test_no_room_is_larger_than_a_room():
    sizes = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files()}
    assert {name: size for name, size in sizes.items() if size > 400} == {}
