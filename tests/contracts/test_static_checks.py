"""What tools and rules see in the code without running it: no finding, or a reason beside it.

The rules of our own are read with `ast`: semgrep cannot be installed beside the versions that `constraints.txt` fixes.
"""

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What bandit finds at medium and above, and why it is none. A finding without a row fails, and a row without a finding.
ACCEPTED = {
    ("finder/accounts/totp.py", "B303"): "RFC 6238 names HMAC-SHA-1, and apps know no other",
    ("finder/backup/contents.py", "B608"): "names of tables cannot be parameters; they are the database's own, quoted",
    ("finder/backup/moving.py", "B608"): "as above",
    ("finder/bulk.py", "B608"): "as above; values are bound",
    ("finder/cli/bench_filling.py", "B608"): "as above, into a database made for the measuring",
    ("finder/cli/bench_import.py", "B608"): "as above",
    ("finder/cli/bench_postgis.py", "B608"): "as above",
    ("finder/cli/server.py", "B104"): "an address of all interfaces is turned into one that a browser finds",
    ("finder/config.py", "B104"): "as above, for links",
    ("finder/promises.py", "B314"): "a report that the tests themselves wrote; declarations are refused before",
    ("finder/web/qr.py", "B704"): "the drawing is made of numbers",
}
# Where markup is made outside a template.
MARKUP = {"finder/web/qr.py": "shapes of a QR code", "finder/web/signed_in.py": "one field; what goes in is escaped"}
SAFE = {"{{ linked|safe }}": "JSON-LD whose strokes are written as numbers", "'/<wbr>'|safe": "fixed words",
        "'/<wbr>/<wbr>'|safe": "fixed words"}
# What a line of a log may be given: kinds, numbers and places in the code. Never words, answers, addresses, errors.
LOGGED = re.compile(r"""type\(\w+\)\.__name__|kind(\.__name__( if kind else 'unknown')?)?"""
                    r"""|[\w.]+\.(id|kind|method|code)|g\.get\('request_id', '-'\)|(journal\.)?steps\([\w.]+\)|rule"""
                    r"""|len\(.*\)|request\.method|status_of\(error\)""")
LOG_ACCEPTED = {
    "finder/cli/work.py": {"job.name", "did"}, "finder/cli/upkeep_jobs.py": {"one.about", "one.many"},  # names, counts
    "finder/cli/audit.py": {"'The audit is broken: ' + WHY[found.why].format(found.broken)"},  # our words and a number
    "finder/cli/server.py": {"msg % args if args else msg"},  # of gunicorn, about its own processes
    "finder/mail/sending.py": {"away"},  # `Unreachable`, whose text is a kind of failure or a reply code of the server
    "finder/api/problems.py": {"request_id()"},
    "finder/api/fhir/holding.py": {"errors"}, "finder/api/hsds/held.py": {"errors"},  # of a file that the operator made
}
LOGGING = {"debug", "info", "warning", "error", "exception", "critical", "log"}
WAITS = {"urlopen", "HTTPConnection", "HTTPSConnection", "create_connection", "SMTP", "SMTP_SSL"}
MEASURING = re.compile(r"finder/cli/bench_\w+\.py")  # a program that asks a server it has started itself
# Talks over a line that `create_connection`, with its timeout, has opened before.
LINE_OF_ITS_OWN = {"finder/exchange/asking.py"}


@cache
def trees():
    return [(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
            for path in sorted((ROOT / "finder").rglob("*.py"))]


@cache
def calls():
    return list(_calls())


def _calls():
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                yield path, node, name


def tool(name):
    if importlib.util.find_spec(name) is None:
        if os.environ.get("CI"):
            raise AssertionError(f"{name} is missing; `pip install -c constraints.txt -e '.[test,judges]'` brings it")
        pytest.skip(f"{name} is not installed; it comes with the extra `judges`")
    return [sys.executable, "-m", name]


def test_S3_bandit_finds_nothing_that_has_no_reason():
    ran = subprocess.run([*tool("bandit"), "-q", "-r", "finder", "wsgi.py", "-ll", "-f", "json"], cwd=ROOT,
                         capture_output=True, timeout=600, check=False)
    found = json.loads(ran.stdout)
    assert found["errors"] == []
    assert found["metrics"]["_totals"]["nosec"] == 0
    told = {(one["filename"].removeprefix("./"), one["test_id"]): one["line_number"] for one in found["results"]}
    assert set(told) == set(ACCEPTED), told


@pytest.mark.soak
def test_S3_no_secret_lies_in_the_program():
    folders = ["finder", "templates", ".ci", "seed_data", "wsgi.py", "pyproject.toml"]
    ran = subprocess.run([*tool("detect_secrets"), "scan", *folders], cwd=ROOT, capture_output=True, timeout=900,
                         check=True)
    found = {(path, one["type"]) for path, rows in json.loads(ran.stdout)["results"].items() for one in rows}
    assert found == {
        ("finder/referrals/keys.py", "Base64 High Entropy String"),  # the signs that codes are made of
        ("finder/wordings/problems.py", "Basic Auth Credentials"),  # smtp://name:password@…, as an example
        ("finder/translations/messages.pot", "Basic Auth Credentials"),  # the same
        ("finder/translations/es/LC_MESSAGES/messages.po", "Basic Auth Credentials"),
        ("finder/web/account/confirm_page.py", "Secret Keyword"),  # the name of a field
    }


def test_S3_markup_is_made_in_templates():
    assert {path for path, _, name in calls() if name == "Markup"} == set(MARKUP)


def test_S3_templates_trust_nothing_but_what_was_looked_at():
    found = set()
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert "autoescape false" not in text, path
            found |= set(re.findall(r"\{\{ \w+\|\s*safe \}\}|'[^']*'\|\s*safe", text))
            assert len(re.findall(r"\|\s*safe\b", text)) == sum(text.count(one) for one in SAFE), path
    assert found == set(SAFE)


def test_S3_a_log_is_given_kinds_and_numbers_and_nothing_that_people_wrote():
    for path, node, name in calls():
        if name not in LOGGING or not isinstance(node.func, ast.Attribute):
            continue
        if "log" not in ast.unparse(node.func.value).lower():
            continue
        event = node.args[1 if name == "log" else 0]  # the first of `log` is how much it matters
        assert isinstance(event, ast.Call | ast.Constant), f"{path}:{node.lineno} puts a log line together"
        told = []
        if isinstance(event, ast.Call):
            assert ast.unparse(event.func) == "Logged", f"{path}:{node.lineno} puts a log line together"
            told = [one.value for one in event.keywords if not isinstance(one.value, ast.Constant)]
        for given in (*node.args[2 if name == "log" else 1:], *told):
            said = ast.unparse(given)
            assert LOGGED.fullmatch(said) or said in LOG_ACCEPTED.get(path, ()), f"{path}:{node.lineno} logs {said}"
        assert not any(one.arg == "exc_info" for one in node.keywords), f"{path}:{node.lineno} logs a whole error"


def test_S3_whoever_asks_others_says_how_long_they_wait():
    for path, node, name in calls():
        if name in WAITS and not MEASURING.fullmatch(path) and path not in LINE_OF_ITS_OWN:
            assert any(one.arg == "timeout" for one in node.keywords), f"{path}:{node.lineno} may wait for ever"


def test_S3_no_shell_and_nothing_that_can_run_is_read():
    for path, node, _ in calls():
        where = f"{path}:{node.lineno}"
        assert not any(one.arg == "shell" for one in node.keywords), where
        said = ast.unparse(node.func)
        assert said not in {"eval", "exec", "os.system", "os.popen", "pickle.load", "pickle.loads", "marshal.loads",
                            "yaml.load", "tempfile.mktemp", "random.random", "random.choice"}, where
    unpicklers = {path for path, tree in trees() for node in ast.walk(tree)
                  if isinstance(node, ast.Import) and any(one.name == "pickle" for one in node.names)}
    assert unpicklers == {"finder/places/people.py"}  # whose reader takes plain values and refuses every name
