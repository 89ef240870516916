from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import MakeApp, make_app
from tests.make import NOW

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from([
    "a\r\nERROR all is well", "\x1b[2J\x1b[31mred", "a\u2028b\u2029c", "\x85next", "\x0b\x0c\x1c\x1e", "%s %d %(x)s",
    '{"level": "info"}', "\x00", "\u202egnirts"])


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(scope="module")
def broken() -> Flask:
    def away() -> Any:
        raise RuntimeError("a\r\nb \x1b[31m")

    return make_app(away, lambda: NOW)


@pytest.fixture(scope="module")
def kept() -> Any:
    handler = Kept()
    root = logging.getLogger()
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)


@given(words=TEXTS, browser=TEXTS)
def test_O2_a_failure_is_one_line_whatever_was_sent(broken: Flask, kept: Kept, words: str, browser: str) -> None:
    kept.lines.clear()
    sent = "".join(one for one in browser if " " <= one <= "\xff" and one != "\x7f")
    answer = broken.test_client().get(f"/programs?near={quote(words)}", headers={
        "User-Agent": sent, "Referer": sent, "X-Forwarded-For": sent})
    assert answer.status_code >= 400
    failures = [line for line in kept.lines if "failed" in line]
    assert len(failures) == (answer.status_code >= 500)
    for line in kept.lines:
        assert line.isprintable(), line
        assert len(line.splitlines()) == 1


def test_P3_a_line_about_a_failure_has_its_five_parts_and_no_more(app_with: MakeApp,
                                                                  caplog: pytest.LogCaptureFixture) -> None:
    def away() -> Any:
        raise RuntimeError("zqcanary")

    client = app_with(snapshot=away).test_client()
    with caplog.at_level(logging.DEBUG):
        client.get("/programs?near=Durham", headers={"User-Agent": "zqcanary", "Referer": "http://zqcanary/"},
                   environ_base={"REMOTE_ADDR": "203.0.113.9"})
    (line,) = [one.getMessage() for one in caplog.records if "failed" in one.getMessage()]
    number, method, route, failed, kind, at, steps = line.split(" ", 6)
    assert len(number) == 16
    assert (method, route, failed, kind, at) == ("GET", "/programs", "failed:", "RuntimeError", "at")
    assert all(one.count(":") == 2 for one in steps.split(" < "))
    assert "203.0.113.9" not in caplog.text
    assert "zqcanary" not in caplog.text
    assert "Durham" not in caplog.text
