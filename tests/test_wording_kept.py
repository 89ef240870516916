from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import force_locale

from finder.wordings import kept as keeping
from finder.wordings.kept import kept
from finder.wordings.language import gettext, language, locale, tongue


def test_facts_written_alike_are_worded_once_in_each_language(shared_app: Flask) -> None:
    asked: list[object] = []

    @kept
    def worded(facts: dict[str, object], *, loud: bool = False) -> str:
        asked.append(facts)
        return gettext("Free") + ("!" if loud else "")

    with shared_app.test_request_context("/"):
        assert [worded({"a": 1}), worded({"a": 1}), worded({"a": 1}, loud=True)] == ["Free", "Free", "Free!"]
        with force_locale("es"):
            assert worded({"a": 1}) == "Gratis"
        assert worded({"a": 1}) == "Free"
    with shared_app.test_request_context("/es/"):
        assert worded({"a": 1}) == "Gratis"
    assert len(asked) == 3


def test_what_is_kept_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_SENTENCES", 3)
    asked: list[int] = []

    @kept
    def worded(number: int) -> str:
        asked.append(number)
        return str(number)

    assert [worded(one) for one in (1, 2, 3, 4, 4, 1)] == ["1", "2", "3", "4", "4", "1"]
    assert asked == [1, 2, 3, 4, 1]


def test_language_follows_the_address_and_a_change_in_the_middle(shared_app: Flask) -> None:
    assert (language(), str(locale())) == ("en", "en_US")
    with shared_app.test_request_context("/es/programs"):
        assert (language(), str(locale()), gettext("Free")) == ("es", "es_US", "Gratis")
        assert tongue() is tongue()
        with force_locale("en"):
            assert (language(), gettext("Free")) == ("en", "Free")
        assert (language(), gettext("Free")) == ("es", "Gratis")
    assert gettext("Free") == "Free"
