"""What the database holds about people, as `finder/privacy.toml` classes it, against the tables themselves."""

import importlib
import pkgutil
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

import finder
from finder.db import Base

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = tomllib.loads((ROOT / "finder" / "privacy.toml").read_text(encoding="utf-8"))
OPEN, KEPT = ("public", "internal"), ("private", "sensitive")
PAGE = (ROOT / "templates" / "seeker" / "privacy.html").read_text(encoding="utf-8")


def tables():
    for one in pkgutil.walk_packages(finder.__path__, "finder."):
        if one.name.rpartition(".")[2] in ("models", "instance", "limits", "outbox"):
            importlib.import_module(one.name)
    return {name: {column.name for column in table.columns} for name, table in Base.metadata.tables.items()}


def classed(table):
    row = INVENTORY["tables"][table]
    for name in OPEN:
        yield from ((column, name, None) for column in row.get(name, []))
    for name in KEPT:
        yield from ((column, name, word) for word, columns in row.get(name, {}).items() for column in columns)


def test_P12_every_table_is_in_the_inventory_and_no_other():
    assert set(INVENTORY["tables"]) == set(tables())


@pytest.mark.parametrize("table", sorted(INVENTORY["tables"]))
def test_P12_every_column_has_exactly_one_class_and_every_class_a_column(table):
    columns = [column for column, *_ in classed(table)]
    assert sorted(columns) == sorted(tables()[table])
    assert set(INVENTORY["tables"][table]) <= {"about", *OPEN, *KEPT}
    assert INVENTORY["tables"][table]["about"]


def test_P12_whatever_is_private_or_sensitive_says_how_long_it_is_kept():
    used = {word for table in INVENTORY["tables"] for _, name, word in classed(table) if name in KEPT}
    assert None not in used
    assert used == set(INVENTORY["kept"])
    assert all(one["says"] for one in INVENTORY["kept"].values())


def clock(named):
    module, name, *key = named.split(":")
    found = getattr(importlib.import_module(module), name)
    found = found[key[0]] if key else found
    return found.days if isinstance(found, timedelta) else found


def test_P12_the_days_of_the_inventory_are_the_days_of_the_program():
    told = {word: one for word, one in INVENTORY["kept"].items() if "clock" in one}
    assert len(told) > 8
    assert {word: clock(told[word]["clock"]) for word in told} == {word: told[word]["days"] for word in told}


def test_P12_no_column_is_made_for_what_visitors_answer():
    """A referral, made by a clinician with the person's yes, is all that may tell of somebody who looks for help."""
    sensitive = {table for table in INVENTORY["tables"] if "sensitive" in INVENTORY["tables"][table]}
    assert sensitive == {"referral", "referral_task", "referral_event", "consent", "message"}


@pytest.mark.parametrize("word", ["referral", "reply", "sender", "visitor_note", "outbox", "draft", "audit", "account"])
def test_P12_the_page_on_privacy_says_how_long_what_people_leave_here_is_kept(word):
    days = INVENTORY["kept"][word].get("days")
    said = {"referral": "referral_days", "reply": "after 30 days at the latest", "sender": "until the next day",
            "visitor_note": "and 30 days after that", "outbox": "30 days after it went", "draft": "180 days",
            "audit": "two years", "account": "until you delete your account"}[word]
    assert said in PAGE
    assert {"audit": 730, "sender": 1, "referral": 90}.get(word, days) == days
