from dataclasses import fields
from pathlib import Path

from finder.config import Settings

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_table_of_settings_is_the_list_of_settings():
    rows = [line.split("|")[1].strip().strip("`") for line in README.splitlines() if line.startswith("| `FINDER_")]
    assert rows == [one.metadata["env"] for one in fields(Settings)]


def test_every_setting_is_told_with_its_default_and_meaning():
    for one in fields(Settings):
        default = f"`{one.default}`" if str(one.default) else ""
        assert f"| `{one.metadata['env']}` | {default} | {one.metadata['about']} |" in README, one.name
