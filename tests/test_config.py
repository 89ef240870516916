from pathlib import Path

import pytest

from finder.config import Settings
from finder.errors import Invalid


def test_an_empty_environment_gives_safe_defaults():
    settings = Settings.from_env({})
    assert (settings.host, settings.port, settings.proxy_count) == ("127.0.0.1", 8000, 0)
    assert settings.database.startswith("sqlite:///")
    assert not settings.secure


def test_known_names_are_read_with_their_types():
    settings = Settings.from_env({"FINDER_INSTANCE": "here", "FINDER_PORT": "9000", "FINDER_BASE_URL": "https://a.example"})
    assert (settings.instance, settings.port, settings.secure) == (Path("here"), 9000, True)


def test_all_malformed_settings_are_reported_together():
    with pytest.raises(Invalid) as broken:
        Settings.from_env({"FINDER_PORT": "x", "FINDER_COUNTRY": "usa", "FINDER_SECRET_KEY": "short"})
    assert set(broken.value.errors) == {"FINDER_PORT", "FINDER_COUNTRY", "FINDER_SECRET_KEY"}
