"""What a backup promises: a changed byte is found, a cut is found, a wrong key is told, a full disk harms none."""

from __future__ import annotations

import io
import json
import random
import resource

import pyrage
import pytest

from finder.backup import archive, making, restoring
from finder.errors import Invalid, Unavailable
from tests.backup.forked import alone
from tests.backup.making import NOW, SOFTWARE, bear, made, programs, whole

FLIPS = 200


@pytest.fixture(scope="module")
def identity():
    return pyrage.x25519.Identity.generate()


@pytest.fixture(scope="module", params=["plain", "age"])
def backup(request, tmp_path_factory, identity):
    folder = tmp_path_factory.mktemp("archive")
    key = str(identity.to_public()) if request.param == "age" else ""
    return making.make(made(folder / "instance", 60), folder, now=NOW, software=SOFTWARE, recipient=key)


def problem(path, identity=""):
    with pytest.raises(Invalid) as told:
        restoring.verify(path, identity=str(identity))
    return told.value.code


def test_D4_a_flipped_bit_at_two_hundred_places_is_always_found(backup, identity, tmp_path, record_property):
    good, chance, path = backup.path.read_bytes(), random.Random(3), tmp_path / "x.backup"
    assert restoring.verify(backup.path, identity=str(identity)) == backup.manifest
    for place in {*range(160), *(chance.randrange(len(good)) for _ in range(FLIPS)), len(good) - 1}:
        bad = bytearray(good)
        bad[place] ^= 1 << chance.randrange(8)
        path.write_bytes(bad)
        assert problem(path, identity) in ("backup_changed", "backup_not_one"), place
    record_property("figure", f"a bit flipped at more than {FLIPS} places, always found")


def test_D4_a_file_that_was_cut_or_has_more_in_it_is_refused(backup, identity, tmp_path):
    good, path = backup.path.read_bytes(), tmp_path / "x.backup"
    for length in [0, 1, 15, 16, 17, 79, 80, 81, 86, 87, 200, len(good) // 2, len(good) - 1]:
        path.write_bytes(good[:length])
        assert problem(path, identity) in ("backup_changed", "backup_not_one"), length
    path.write_bytes(good + b"\0")
    assert problem(path, identity) == "backup_changed"


def test_D4_what_was_changed_and_hashed_anew_is_held_against_the_manifest(tmp_path):
    """A file that is whole, around a database that is not the one that was looked through."""
    database = made(tmp_path / "instance")
    done = making.make(database, tmp_path / "backups", now=NOW, software=SOFTWARE)
    bear(database, programs(database)[0], "another")
    (tmp_path / "image.db").touch()
    making.copy(database, tmp_path / "image.db")
    image = (tmp_path / "image.db").read_bytes()
    for size, sha256 in ((done.manifest.size, done.manifest.sha256),
                         (len(image), archive.sha256(io.BytesIO(image))), (len(image) - 1, "0" * 64)):
        path = tmp_path / "x.backup"
        with path.open("w+b") as file:
            archive.write(file, io.BytesIO(image), archive.Manifest(
                done.manifest.made_at, SOFTWARE, size, sha256, done.manifest.contents))
        assert problem(path) == "backup_changed"


def test_D4_the_manifest_says_what_is_inside(tmp_path):
    database = made(tmp_path / "instance", 20)
    done = making.make(database, tmp_path / "backups", now=NOW, software=SOFTWARE)
    lines = done.path.read_bytes().split(b"\n", 4)
    said = json.loads(lines[3])
    assert lines[0] == b"finder-backup/1"
    assert lines[2] == b"plain"
    assert (said["made_at"], said["software"], said["schema"]) == ("2026-11-27T04:30:00+00:00", SOFTWARE,
                                                                   done.manifest.contents.revision)
    assert said["tables"]["program"]["rows"] == 20
    assert len(said["tables"]["program"]["sha256"]) == 64
    assert (said["integrity_check"], said["foreign_key_check"]) == (["ok"], [])


def test_D6_a_wrong_key_and_none_are_told_apart_and_nothing_is_readable_without(tmp_path, identity):
    database = made(tmp_path / "instance")
    done = making.make(database, tmp_path / "backups", now=NOW, software=SOFTWARE, recipient=str(identity.to_public()))
    assert problem(done.path) == "backup_encrypted"
    assert problem(done.path, pyrage.x25519.Identity.generate()) == "backup_wrong_key"
    assert problem(done.path, "none") == "backup_wrong_key"
    assert b"made_at" not in done.path.read_bytes()
    assert restoring.verify(done.path, identity=f" {identity}\n") == done.manifest


def test_D6_a_key_that_is_none_is_refused_before_anything_is_written(tmp_path, identity):
    database = made(tmp_path / "instance")
    for key in ("age1nonsense", str(identity), "ssh-ed25519 AAAA"):
        with pytest.raises(Invalid) as told:
            making.make(database, tmp_path / "backups", now=NOW, software=SOFTWARE, recipient=key)
        assert told.value.code == "not_a_key"
    assert not (tmp_path / "backups").exists()


def with_room(most, deed):
    """Runs a deed where no file can be longer than so many bytes, and tells that it was refused for that."""
    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        with pytest.raises(Unavailable) as told:
            deed()
        assert told.value.code in ("no_room", "read_only")
    return alone(limited)


def test_D7_a_full_disk_leaves_the_older_backup_and_no_half_one(tmp_path):
    database, folder = made(tmp_path / "instance", 60), tmp_path / "backups"
    done = making.make(database, folder, now=NOW, software=SOFTWARE)
    image = database.stat().st_size
    for room in (0, 4096, done.size - 1, image // 2, image - 1):
        assert with_room(room, lambda: making.make(database, folder, now=NOW, software=SOFTWARE)) == 0
        assert sorted(one.name for one in folder.iterdir()) == [".finder-backups", done.path.name]
        assert restoring.verify(done.path) == done.manifest


def test_D7_a_full_disk_leaves_the_old_database_in_its_place(tmp_path):
    database = made(tmp_path / "instance", 60)
    done = making.make(database, tmp_path / "backups", now=NOW, software=SOFTWARE)
    bear(database, programs(database)[0], "another")
    before, image = whole(database), database.stat().st_size
    for room in (0, 4096, image // 2, image - 1):
        assert with_room(room, lambda: restoring.restore(done.path, database, instance=database.parent, now=NOW)) == 0
        assert whole(database) == before
        assert {one.name for one in database.parent.iterdir()} <= {"finder.db", "finder.db-lock"}
