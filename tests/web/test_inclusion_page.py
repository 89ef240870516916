from __future__ import annotations

from pathlib import Path

from finder import instance
from finder.web.inclusion_page import REFUSED
from tests.web.site import Site, group


def test_the_rules_are_published_with_every_reason_that_an_answer_can_name(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(1)])
    page = site.pages.get("/about/inclusion")
    assert page.heading == "Who may be listed"
    assert {tag["id"] for tag in page.all("li") if tag["id"]} >= set(REFUSED)
    assert "within 2 days" in page.main.text
    assert "For 30 days you can ask for a second look" in page.main.text
    assert "Rules of this site" not in page.main.text


def test_an_instance_adds_its_own_rules_in_the_readers_language(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(1)])
    with site.database.transaction() as session:
        session.add(instance.InstanceVersion(at=site.clock().replace(tzinfo=None), settings={
            "policy": {"en": "Only groups of this county.\nAsk us.", "es": "Solo grupos de este condado."}}))
    assert "Only groups of this county." in site.pages.get("/about/inclusion").main.text
    assert "Solo grupos de este condado." in site.pages.get("/es/about/inclusion").main.text
