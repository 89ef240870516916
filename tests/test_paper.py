"""The press: what a PDF of it is, what it never reads, and what happens where it cannot work."""

from __future__ import annotations

import importlib
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from finder.errors import TooOften, Unavailable
from finder.paper import Press
from tests.reading_pdf import opened, pages

SECRET = "zqcanary-in-a-file"
SLOW = '''
import threading
at_work, go = threading.Event(), threading.Event()
class urls:
    @staticmethod
    def URLFetcher(allowed_protocols): return None
class CSS:
    def __init__(self, **given): pass
class HTML:
    def __init__(self, **given): pass
    def write_pdf(self, **given):
        at_work.set()
        assert go.wait(10)
        return b"%PDF"
'''


def _html(body: str, *, language: str = "en", head: str = "") -> str:
    return (f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>A list</title>{head}</head>'
            f"<body>{body}</body></html>")


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_a_pdf_is_tagged_and_says_its_title_and_its_language(language: str) -> None:
    made = opened(Press().print(_html("<h1>Two places</h1><p>Call first.</p>", language=language), ""))
    assert made.Root.MarkInfo.Marked
    assert made.Root.StructTreeRoot.K
    assert made.Root.ViewerPreferences.DisplayDocTitle
    assert str(made.Root.Lang) == language
    assert str(made.docinfo["/Title"]) == "A list"
    with made.open_metadata() as said:
        assert said["pdfuaid:part"] == "1"
        assert said["dc:title"] == "A list"


def test_the_same_sheet_gives_the_same_bytes() -> None:
    press = Press()
    assert press.print(_html("<p>Call first.</p>"), "") == press.print(_html("<p>Call first.</p>"), "")


def test_nothing_is_read_from_files_or_the_network(tmp_path: Path) -> None:
    kept = tmp_path / "kept.css"
    kept.write_text(f"p::after {{ content: '{SECRET}' }}", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        site = f"http://127.0.0.1:{listening.getsockname()[1]}"
        foreign = [f"{site}/a", kept.as_uri(), str(kept), f"data:text/css,p::after{{content:'{SECRET}'}}"]
        head = "".join(f'<link rel="stylesheet" href="{one}"><link rel="attachment" href="{one}"><base href="{site}/">'
                       for one in foreign)
        body = "".join(f'<img src="{one}" alt="a"><object data="{one}"></object><embed src="{one}">'
                       f'<svg><image href="{one}"/><use href="{one}#a"/></svg>' for one in foreign)
        whole = [one for one in foreign if ":" in one]
        css = "".join(f'@import url("{one}");' for one in whole) + "".join(
            f'@font-face {{ font-family: f{number}; src: url("{one}") }} p {{ background: url("{one}") }}'
            for number, one in enumerate(whole))
        made = Press().print(_html(f"<p>Here.</p>{body}", head=head), css)
        with pytest.raises(TimeoutError):
            listening.accept()
    assert SECRET not in " ".join(pages(made))
    assert "/EmbeddedFiles" not in opened(made).Root.get("/Names", {})


def test_what_the_library_says_of_a_page_reaches_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        Press().print(_html('<p>Here.</p><img src="/zqcanary">'), "p { zqcanary: 1 } @zqcanary;")
    assert caplog.records == []


def test_without_the_library_nothing_is_promised_and_a_try_is_refused() -> None:
    press = Press("a_library_that_is_not_there")
    press.lasting = True
    press.warm()
    assert not press.ready()
    with pytest.raises(Unavailable):
        press.print(_html(""), "")


def test_a_library_that_cannot_start_is_found_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_press.py").write_text("raise OSError('no pango')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    press = Press("broken_press")
    assert press.ready()
    with pytest.raises(Unavailable):
        press.print(_html(""), "")
    assert not press.ready()


@pytest.mark.parametrize(("patience_seconds", "most_in_line"), [(0.05, 3), (600, 1)],
                         ids=["who waits too long", "who would stand too far back"])
def test_one_is_made_at_a_time_and_others_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                   patience_seconds: float, most_in_line: int) -> None:
    name = f"slow_press_{most_in_line}"
    (tmp_path / f"{name}.py").write_text(SLOW, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    slow = importlib.import_module(name)
    press, made = Press(name, patience_seconds=patience_seconds, most_in_line=most_in_line), []
    first = threading.Thread(target=lambda: made.append(press.print("", "")))
    first.start()
    assert slow.at_work.wait(10)
    with pytest.raises(TooOften) as refused:
        press.print("", "")
    assert refused.value.values["seconds"]
    slow.go.set()
    first.join()
    assert made == [b"%PDF"]
    assert press.print("", "") == b"%PDF"


def test_visitors_who_fill_their_line_take_no_turn_from_a_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "busy_press.py").write_text(SLOW, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    slow, made = importlib.import_module("busy_press"), []
    press = Press("busy_press", most_in_line=2, patience_seconds=10)

    def ask(who: str, *, desk: bool = False) -> threading.Thread:
        thread = threading.Thread(target=lambda: made.append((press.print("", "", desk=desk), who)[1]))
        thread.start()
        return thread

    asked = [ask("the first visitor")]
    assert slow.at_work.wait(10)
    asked.append(ask("the second visitor"))
    _until(lambda: len(press._turn._waiters) == 1)
    with pytest.raises(TooOften):
        press.print("", "")
    asked.append(ask("the desk", desk=True))
    _until(lambda: press._desks == 1)
    slow.go.set()
    for one in asked:
        one.join(10)
    assert made == ["the first visitor", "the desk", "the second visitor"]


def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize(("lasting", "loaded"), [(True, True), (False, False)], ids=["a server", "a command"])
def test_a_process_that_lasts_gets_ready_when_a_sheet_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                                   lasting: bool, loaded: bool) -> None:
    name = f"quick_press_{lasting}".lower()
    (tmp_path / f"{name}.py").write_text(SLOW.replace("assert go.wait(10)", "pass"), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    press = Press(name)
    press.lasting = lasting
    press.warm()
    press.warm()
    for thread in threading.enumerate():
        if thread.name == "press":
            thread.join(10)
    assert (name in sys.modules) is loaded
