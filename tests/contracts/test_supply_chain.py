"""What comes with Finder from others: how much of it, fixed to which versions, under which licenses, byte for byte."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OPTIONAL = {name: rows for name, rows in PROJECT["optional-dependencies"].items() if name not in ("test", "judges")}
PINS = {canonicalize_name(name): version for name, version in (
    line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split())}
MOST_DIRECT = 35  # TRUST S1
# Licenses that a program under Apache-2.0 may depend on: permissive ones, and MPL-2.0, which asks for the sources of
# its own files only (https://www.apache.org/legal/resolved.html, categories A and B). As SPDX, or as was usual before.
FINE = {
    "0BSD", "Apache License, Version 2.0", "Apache Software License", "Apache-2.0", "Apache-2.0 WITH LLVM-exception",
    "BSD", "BSD License", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "MIT", "MIT License", "MIT-0", "MIT-CMU",
    "MPL-2.0", "PSF-2.0", "Zlib", "Zope Public License"}
# Packages whose metadata name no license, or a choice of several.
LOOKED_AT = {
    "psycopg": "LGPL-3.0: a library beside ours that whoever has a server installs, unchanged and exchangeable",
    "psycopg-binary": "the same, with libpq (PostgreSQL's own license) and OpenSSL (Apache-2.0) in it",
    "pyrage": "MIT, by its licenses/LICENSE",
    "zipsearch": "MIT, by its licenses/LICENSE.txt",
    "pyphen": "one may choose MPL 1.1; its dictionaries are read as data, and only for PDFs",
}


def needed(rows, found=None):
    """Name -> distribution of all that these requirements bring here, themselves included."""
    found = {} if found is None else found
    for one in map(Requirement, rows):
        name = canonicalize_name(one.name)
        if name in found:
            continue
        found[name] = metadata.distribution(name)
        wanted = map(Requirement, found[name].requires or [])
        needed([str(row).partition(";")[0] for row in wanted if row.marker is None
                or any(row.marker.evaluate({"extra": extra}) for extra in ("", *one.extras))], found)
    return found


def everything():
    return needed([*PROJECT["dependencies"], *(row for rows in OPTIONAL.values() for row in rows)])


def licenses(distribution):
    told = distribution.metadata
    spdx = told.get("License-Expression")
    if spdx:
        return {one.strip("() ") for one in re.split(r" AND | OR ", spdx)}
    classes = told.get_all("Classifier") or []
    named = {one.rpartition(" :: ")[2] for one in classes if one.startswith("License :: ")}
    return named or {told.get("License") or "none named"}


def test_S1_few_packages_are_needed_and_a_python_that_is_looked_after():
    assert len(PROJECT["dependencies"]) <= MOST_DIRECT
    assert PROJECT["requires-python"] == ">=3.11"


def test_S1_everything_that_is_needed_is_fixed_to_the_version_that_is_here():
    here = {name: one.version for name, one in everything().items()}
    assert len(here) > len(PROJECT["dependencies"])
    assert {name: PINS.get(name) for name in here} == here


def test_S1_what_the_tests_need_is_fixed_as_well():
    rows = [row for name in ("test", "judges") for row in PROJECT["optional-dependencies"][name]]
    assert [row for row in rows if canonicalize_name(Requirement(row).name) not in PINS] == []


def test_S1_every_version_that_is_fixed_is_one_that_the_project_says_it_works_with():
    rows = [*PROJECT["dependencies"], *(row for rows in PROJECT["optional-dependencies"].values() for row in rows)]
    for one in map(Requirement, rows):
        assert Version(PINS[canonicalize_name(one.name)]) in one.specifier, one


def test_S1_every_license_is_one_that_goes_with_ours():
    told = {name: licenses(one) for name, one in everything().items() if name not in LOOKED_AT}
    assert {name: said for name, said in told.items() if not said <= FINE} == {}
    assert set(LOOKED_AT) <= set(everything())


@pytest.mark.soak
def test_S1_two_builds_give_the_same_wheel(tmp_path):
    taken = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "instance", "tests")
    shutil.copytree(ROOT, tmp_path / "tree", ignore=taken)
    digests = []
    for name in ("one", "two"):
        shutil.copytree(tmp_path / "tree", tmp_path / name, copy_function=shutil.copy)  # with times of its own
        subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps",
                        "--wheel-dir", tmp_path / f"{name}-out", tmp_path / name], check=True, capture_output=True,
                       env=os.environ | {"SOURCE_DATE_EPOCH": "1767225600"}, timeout=300)
        [wheel] = (tmp_path / f"{name}-out").iterdir()
        digests.append(hashlib.sha256(wheel.read_bytes()).hexdigest())
    assert digests[0] == digests[1]


def test_S2_every_file_that_browsers_get_is_the_one_that_was_looked_at():
    """Nothing comes from a build or from the net: what a browser runs lies here, and its bytes are known."""
    rows = [line.split("  ") for line in (ROOT / "finder" / "static.sha256").read_text(encoding="utf-8").splitlines()]
    listed = {name: digest for digest, name in rows}
    there = {str(path.relative_to(ROOT / "finder")): hashlib.sha256(path.read_bytes()).hexdigest()
             for path in sorted((ROOT / "finder" / "static").rglob("*")) if path.is_file()}
    assert listed == there, "look at the change, then: cd finder && sha256sum $(git ls-files static) > static.sha256"


@pytest.mark.soak
def test_S4_the_list_of_parts_names_every_package_that_is_needed():
    tool = os.environ.get("FINDER_TEST_CYCLONEDX") or shutil.which("cyclonedx-py")
    if tool is None:
        pytest.skip("cyclonedx-py is not installed; FINDER_TEST_CYCLONEDX may name it")
    made = subprocess.run([tool, "environment", sys.executable, "--output-format", "JSON", "--pyproject",
                           ROOT / "pyproject.toml"], capture_output=True, check=True, timeout=300)
    parts = json.loads(made.stdout)
    assert parts["bomFormat"] == "CycloneDX"
    told = {canonicalize_name(one["name"]): one["version"] for one in parts["components"]}
    assert {name: told.get(name) for name in everything()} == {name: PINS[name] for name in everything()}


def test_S5_who_finds_a_weakness_reads_where_to_say_so_and_what_to_expect():
    said = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for part in ("report a vulnerability", "90 days", "within 7 days", "within 30 days", "## Which versions",
                 "## What to send", "## What to expect", "988"):
        assert part in said, part
    assert not re.search(r"\S+@\S+", said), "no address that nobody reads"
