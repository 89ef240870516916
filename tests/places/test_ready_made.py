from pathlib import Path

import pytest

from finder.places import gazetteer, ready_made

KEY = "a table of this kind"
COLUMNS = [["one", "two"], ["", "x"], ["only"]]


def test_columns_come_back_as_they_were_kept(tmp_path: Path) -> None:
    ready_made.write(tmp_path / "ready", KEY, COLUMNS)
    assert ready_made.read(tmp_path / "ready", KEY) == COLUMNS
    kept = [*(tmp_path / "ready").iterdir()]
    assert len(kept) == 1
    assert kept[0].stat().st_mode & 0o777 == 0o600


def test_nothing_is_read_where_nothing_was_kept_or_something_else_is_wanted(tmp_path: Path) -> None:
    assert ready_made.read(tmp_path / "ready", KEY) is None
    ready_made.write(tmp_path / "ready", KEY, COLUMNS)
    assert ready_made.read(tmp_path / "ready", KEY + " made otherwise") is None


@pytest.mark.parametrize("spoil", [
    lambda told: b"", lambda told: told[:-1], lambda told: told + b"x", lambda told: told[:-2] + b"\xff\xff",
    lambda told: told.replace(b"two", b"too"), lambda told: b"\n\n" + told, lambda told: told.replace(b"\n", b"", 1)])
def test_a_file_of_which_a_byte_has_changed_is_not_believed(tmp_path: Path, spoil) -> None:
    ready_made.write(tmp_path, KEY, COLUMNS)
    (path,) = tmp_path.iterdir()
    path.write_bytes(spoil(path.read_bytes()))
    assert ready_made.read(tmp_path, KEY) is None


def test_where_nothing_can_be_kept_nothing_breaks(tmp_path: Path) -> None:
    (tmp_path / "ready").write_text("a file where the folder should be")
    ready_made.write(tmp_path / "ready", KEY, COLUMNS)
    assert ready_made.read(tmp_path / "ready", KEY) is None


def test_a_gazetteer_that_was_kept_is_the_one_that_was_put_together(tmp_path: Path) -> None:
    made = gazetteer.put_together(tmp_path)
    (path,) = tmp_path.iterdir()
    size = path.stat().st_size
    read = gazetteer.put_together(tmp_path)
    for name in ("zips", "military", "cities", "keys", "names", "all_keys", "large", "spots", "towns"):
        assert getattr(read, name) == getattr(made, name), name
    assert [*read.cities] == [*made.cities]
    assert [*read.names] == [*made.names]
    assert [[*of] for of in read.cities.values()] == [[*of] for of in made.cities.values()]
    assert (read.points == made.points).all()
    assert (read.town_points == made.town_points).all()
    path.write_bytes(path.read_bytes()[: size // 2])  # as after a crash
    again = gazetteer.put_together(tmp_path)
    assert again.zips == made.zips
    assert path.stat().st_size == size
