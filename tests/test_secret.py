from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from finder.config import Settings
from finder.secret import instance_secret, key_for


def test_S6_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = Settings(instance=tmp_path / "new")
    first = instance_secret(settings)
    assert len(first) >= 32
    assert instance_secret(settings) == first
    assert stat.S_IMODE((tmp_path / "new" / "secret").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret"]


def test_C5_workers_that_start_together_get_one_secret(tmp_path: Path) -> None:
    settings = Settings(instance=tmp_path)
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: instance_secret(settings), range(64)))
    assert len(found) == 1


def test_configured_secret_wins_and_writes_nothing(tmp_path: Path) -> None:
    assert instance_secret(Settings(instance=tmp_path, secret_key="k" * 32)) == b"k" * 32
    assert not list(tmp_path.iterdir())


def test_short_secret_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("short")
    with pytest.raises(ValueError, match="shorter than 32"):
        instance_secret(Settings(instance=tmp_path))


def test_each_purpose_has_its_own_key() -> None:
    assert key_for(b"s" * 40, "answers") == key_for(b"s" * 40, "answers")
    assert key_for(b"s" * 40, "answers") != key_for(b"s" * 40, "sessions")
    assert key_for(b"s" * 40, "answers") != key_for(b"t" * 40, "answers")
