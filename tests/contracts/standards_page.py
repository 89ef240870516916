"""The tables of losses in finder/STANDARDS.md, made from those that the writers hold (which tests keep true).

`python -m tests.contracts.standards_page` writes them anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from finder.catalog.rows import ORDER
from finder.exchange import atom, bmlt_answers, meeting_guide_feed, public_tables, schema_org
from finder.exchange.fhir import healthcare_service
from finder.exchange.hsds import write
from tests.shared import ROOT

PAGE = ROOT / "finder" / "STANDARDS.md"
TABLES: Mapping[str, Mapping[str, str]] = {
    "HSDS": write.LOST, "HSDS, for readers who do not know our terms": write.IN_OUR_TERMS,
    "Meeting Guide": meeting_guide_feed.LOST, "BMLT": bmlt_answers.LOST, "FHIR": healthcare_service.LOST,
    "schema.org": schema_org.LOST, "CSV": public_tables.LOST, "Atom": atom.LOST,
}
_TABLE = re.compile(r"<!-- losses: (?P<name>[^>]+) -->\n(?P<rows>.*?)<!-- end -->", re.DOTALL)


def rows(lost: Mapping[str, str]) -> str:
    """A table in the order of the contract's fields: what is nowhere in one line, what is bent in a line each."""
    known = sorted(lost, key=lambda path: (ORDER.index(path.split(".")[0]), list(lost).index(path)))
    nowhere = [f"`{path}`" for path in known if not lost[path]]
    lines = ["| field | what becomes of it |", "|---|---|"]
    lines += [f"| {', '.join(nowhere)} | not there |"] if nowhere else []
    lines += [f"| `{path}` | {lost[path]} |" for path in known if lost[path]]
    return "\n".join(lines) + "\n"


def made(text: str) -> str:
    """The page with its tables as the writers hold them."""
    return _TABLE.sub(lambda one: f"<!-- losses: {one['name']} -->\n{rows(TABLES[one['name']])}<!-- end -->", text)


def named(text: str) -> list[str]:
    """The tables that stand in a page."""
    return [found["name"] for found in _TABLE.finditer(text)]


if __name__ == "__main__":
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
