"""`finder mcp` as assistants meet it: a process of its own, spoken to by the SDK's client over standard input."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError

from finder import crisis
from finder.cli.assistants import command, protocol, schemas
from finder.cli.assistants.asked import MOST_BYTES
from finder.cli.assistants.protocol import MOST_LINE, read_line
from tests.cli.assistants.conftest import ROOT, Assistant
from tests.cli.conftest import Command, finder  # noqa: F401 - a fixture

pytestmark = pytest.mark.sqlite  # a process of its own, which keeps a file

CANARY = "kestrel-heron-7"
DURHAM = {"needs": ["depression"], "near": {"text": "27701"}, "radius_miles": 25}
INITIALIZE = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
    "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "a test", "version": "1"}}}
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}
TOOLS = ["search_groups", "match_groups", "get_listing", "list_vocabulary", "crisis_lines"]
WRONG = (("search_groups", {"focus": ["sadness"]}, "focus"), ("search_groups", {"per_page": 500}, "per_page"),
         ("match_groups", {"intake": {"phq4": [1, 2]}}, "intake.phq4"), ("get_listing", {}, "id"),
         ("list_vocabulary", {"list": "x"}, "list"), ("crisis_lines", {"country": "US"}, "country"))
NOWHERE = ("finder://en/vocabulary/colors", "finder://xx/crisis-lines", "file:///etc/passwd",
           "finder://schema/../../secret", "finder://en/schema/intake")


def line(message: Any) -> bytes:
    return json.dumps(message).encode() + b"\n"


def call(number: Any, name: str, given: Any) -> bytes:
    return line({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"name": name, "arguments": given}})


# -- with the SDK's client -------------------------------------------------------------------------------------------


async def refused(asked: Any) -> bool:
    try:
        await asked
    except MCPError:
        return True
    return False


async def long_talk(client: Client) -> dict[str, Any]:
    """One talk about everything, for the client and the server take seconds to meet."""
    resources = (await client.list_resources()).resources
    huge = {"intake": {"needs_text": "x" * MOST_BYTES}}
    return {
        "instructions": client.instructions, "name": client.server_info.name,
        "danger": await client.call_tool("match_groups", {"intake": {**DURHAM, "safety": "active"}, "lang": "es"}),
        "danger refused": await client.call_tool("match_groups", {"intake": {"safety": "active", "age": "old"}}),
        "wrong": [await client.call_tool(name, given) for name, given, _ in WRONG],
        "no tool": await refused(client.call_tool("delete_everything", {})),
        "no resource": [await refused(client.read_resource(uri)) for uri in NOWHERE],
        "resources": {str(one.uri): json.loads((await client.read_resource(one.uri)).contents[0].text)  # type: ignore[union-attr]
                      for one in resources},
        "many": await asyncio.gather(*(client.call_tool("search_groups", {"q": "group", "per_page": 1 + number % 5})
                                       for number in range(40))),
        "huge": [await client.call_tool("match_groups", huge),
                 await client.call_tool("search_groups", {"q": "x" * 300_000})],
        "beyond": await refused(client.call_tool("match_groups", {"intake": {"needs_text": "x" * (3 * MOST_LINE)}})),
        "after": await client.call_tool("crisis_lines", {}),
    }


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory, instance: Path) -> dict[str, Any]:
    found: dict[str, Any] = Assistant(tmp_path_factory.mktemp("talk"), instance).talk(long_talk)
    return found


@pytest.mark.turns(2)
@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_every_tool_answers_the_sdks_own_client_which_checks_each_answer(assistant: Assistant, mode: str) -> None:
    async def about(client: Client) -> None:
        listed = (await client.list_tools()).tools
        assert [one.name for one in listed] == TOOLS
        for one in listed:
            assert one.annotations is not None
            assert (one.annotations.read_only_hint, one.annotations.destructive_hint) == (True, False)
            assert (one.annotations.idempotent_hint, one.annotations.open_world_hint) == (True, False)
            Draft202012Validator.check_schema(one.input_schema)
            assert one.output_schema is not None
            Draft202012Validator.check_schema(one.output_schema)
        found = await client.call_tool("search_groups", {"near": "27701", "per_page": 2})
        assert found.structured_content["total"] == 7
        key = found.structured_content["groups"][0]["id"]
        for name, given in (("get_listing", {"id": key}), ("match_groups", {"intake": DURHAM}),
                            ("list_vocabulary", {"list": "languages"}), ("crisis_lines", {})):
            answer = await client.call_tool(name, given)
            assert not answer.is_error
            assert answer.structured_content
            assert answer.content[0].text  # type: ignore[union-attr]

    assistant.talk(about, mode=mode)


def test_the_server_says_what_it_is_and_the_rule_for_somebody_in_danger(said: dict[str, Any]) -> None:
    assert said["name"] == "finder"
    assert schemas.SAFETY in said["instructions"]


def test_Y3_a_person_in_danger_gets_the_crisis_lines_first(said: dict[str, Any]) -> None:
    answer = said["danger"]
    assert not answer.is_error
    assert next(iter(answer.structured_content)) == "help_now"
    first = answer.content[0].text
    for one in crisis.panel(["crisis_panel_first"], "US"):
        assert one.name.of("es") in first
        assert all(way.to in first for way in one.ways)
    assert said["danger refused"].is_error
    assert "988" in said["danger refused"].content[0].text
    assert "intake.age" in said["danger refused"].content[1].text


def test_wrong_input_is_an_error_of_the_tool_that_names_the_field(said: dict[str, Any]) -> None:
    for answer, (_, _, field) in zip(said["wrong"], WRONG, strict=True):
        assert answer.is_error
        assert f"- {field}: " in answer.content[-1].text
        assert answer.structured_content is None


def test_a_tool_or_resource_that_there_is_not_is_an_error_of_the_protocol(said: dict[str, Any]) -> None:
    assert said["no tool"]
    assert said["no resource"] == [True] * len(NOWHERE)


def test_resources_are_the_lists_the_schemas_and_the_crisis_lines(said: dict[str, Any]) -> None:
    found = said["resources"]
    assert len(found) == 2 * (9 + 1) + 3
    assert [one["id"] for one in found["finder://es/crisis-lines"]["lines"]] == [one.id for one in crisis.lines("US")]
    assert found["finder://en/vocabulary/focus_areas"]["lists"]["focus_areas"][0]["definition"]
    for name in schemas.NAMES:
        Draft202012Validator.check_schema(found[f"finder://schema/{name}"])


def test_many_questions_at_once_are_all_answered(said: dict[str, Any]) -> None:
    assert len({answer.structured_content["total"] for answer in said["many"]}) == 1
    assert [len(answer.structured_content["groups"]) for answer in said["many"]] == [
        1 + number % 5 for number in range(40)]


def test_a_huge_question_is_refused_and_the_next_one_answered(said: dict[str, Any]) -> None:
    for answer in said["huge"]:
        assert answer.is_error
        assert "too long" in answer.content[-1].text
    assert said["beyond"]
    assert not said["after"].is_error


@pytest.mark.turns(3)
def test_it_reads_while_others_write(assistant: Assistant) -> None:
    async def about(client: Client) -> tuple[int, int]:
        first = await client.call_tool("search_groups", {"q": "Steady Hands"})
        with closing(sqlite3.connect(assistant.instance / "finder.db")) as held, held:
            held.execute("UPDATE program SET state = 'withheld', changed_version = (SELECT version + 1 FROM "
                         "catalog_state) WHERE name = 'Steady Hands'")
            held.execute("UPDATE catalog_state SET version = version + 1")
        second = await client.call_tool("search_groups", {"q": "Steady Hands"})
        with closing(sqlite3.connect(assistant.instance / "finder.db", isolation_level=None)) as held:
            held.execute("BEGIN IMMEDIATE")  # a writer at work holds up no reader
            await client.call_tool("search_groups", {"q": "lamp"})
            held.execute("ROLLBACK")
        return first.structured_content["total"], second.structured_content["total"]

    assert assistant.talk(about) == (1, 0)


# -- line by line ----------------------------------------------------------------------------------------------------


@dataclass
class Spoken:
    """What a process answered line by line, what it said on standard error, and what became of its instance."""

    answers: list[dict[str, Any]]
    errors: bytes
    code: int
    before: dict[str, list[str]]
    assistant: Assistant


def contents(folder: Path) -> dict[str, list[str]]:
    """The names of the files of an instance; of the database every row. Not the list of places that a start keeps ready
    made, whichever of them comes first."""
    with closing(sqlite3.connect(folder / "finder.db")) as held:
        rows = list(held.iterdump())
    return {path.name: rows if path.name == "finder.db" else [] for path in folder.iterdir() if path.name != "ready"}


def speak(assistant: Assistant, lines: Sequence[bytes]) -> Spoken:
    before = contents(assistant.instance)
    ran = subprocess.run(assistant.command, input=b"".join(lines), capture_output=True, env=assistant.whole_environ,
                         cwd=ROOT, timeout=300, check=False)
    return Spoken([json.loads(one) for one in ran.stdout.splitlines()], ran.stderr, ran.returncode, before, assistant)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory, instance: Path) -> Spoken:
    return speak(Assistant(tmp_path_factory.mktemp("lines"), instance), [
        line(INITIALIZE), line(READY), call(2, "search_groups", {"q": CANARY, "near": "27701"}),
        call(3, "match_groups", {"intake": {**DURHAM, "needs_text": CANARY, "safety": "active"}}),
        call(4, "match_groups", {"intake": {"needs_text": CANARY * 50}, CANARY: CANARY}), call(5, CANARY, {}),
        call(6, "get_listing", {"id": CANARY}), call(CANARY, "get_listing", [CANARY]),
        b"not json " + CANARY.encode() + b"\n", b"\xff\xfe\n", b"\n", b"[]\n", b'{"jsonrpc":"2.0"}\n',
        b"[" * 100_000 + b"\n", call(7, "crisis_lines", {})])


@pytest.mark.turns(3)
def test_standard_output_holds_the_protocol_and_nothing_else(spoken: Spoken) -> None:
    assert spoken.code == 0
    assert all(one["jsonrpc"] == "2.0" for one in spoken.answers)
    assert {one["id"] for one in spoken.answers if "id" in one} >= {1, 2, 3, 4, 5, 6, 7, CANARY}
    assert spoken.errors == b""


def test_P2_nothing_that_was_asked_stays_anywhere(spoken: Spoken) -> None:
    folder = spoken.assistant.instance
    assert contents(folder) == spoken.before
    assert set(spoken.before) == {"finder.db", "finder.db-lock"}  # an empty file that a restore looks at
    for path in folder.rglob("*"):
        assert path.is_dir() or CANARY.encode() not in path.read_bytes(), path.name


def hears_signals() -> None:
    """A job in the background of a shell, as these tests may be, hears no SIGINT, and its children neither."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.turns(3)
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_it_ends_when_it_is_told_to(assistant: Assistant, told: signal.Signals) -> None:
    with subprocess.Popen(assistant.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=assistant.whole_environ, cwd=ROOT, preexec_fn=hears_signals) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(line(INITIALIZE))
        running.stdin.flush()
        assert json.loads(running.stdout.readline())["id"] == 1
        begun = time.monotonic()
        running.send_signal(told)
        running.wait(timeout=60)
        assert time.monotonic() - begun < 30  # and not for as long as its input stays open


@pytest.mark.turns(3)
def test_it_ends_quietly_when_nobody_reads_its_answers(assistant: Assistant) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as nobody:
        ran = subprocess.run(assistant.command, input=line(INITIALIZE) + line(READY), stdout=nobody,
                             stderr=subprocess.PIPE, env=assistant.whole_environ, cwd=ROOT, timeout=300, check=False)
    assert ran.stderr == b""


# -- a line that is too long -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("message", "kept"), [
    (b'{"id": 7, "x": "%s"}\n', b"7"), (b'{"x": "%s", "id":"seven"}\n', b'"seven"'), (b'{"x": "%s"}\n', None)])
def test_a_line_that_is_too_long_is_let_go_by(message: bytes, kept: bytes | None) -> None:
    stream = io.BytesIO(message % (b"y" * MOST_LINE) + b"next\n")
    stands = read_line(stream)
    assert len(stands) < 200
    assert read_line(stream) == b"next\n"
    if kept is None:
        assert stands == b"{}\n"
    else:
        assert json.loads(stands)["id"] == json.loads(kept)


def test_a_line_of_just_the_right_length_is_read() -> None:
    just = b"x" * (MOST_LINE - 1) + b"\n"
    assert read_line(io.BytesIO(just)) == just
    assert read_line(io.BytesIO(b"x" * MOST_LINE * 3)) == b"{}\n"
    assert read_line(io.BytesIO(b"")) == b""


# -- the command -----------------------------------------------------------------------------------------------------


def test_without_the_package_one_sentence_says_how_to_install_it(
        finder: Command, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr("finder.cli.assistants.command.find_spec", lambda name: None)
    assert finder("mcp") == (1, "", "`finder mcp` needs one more package. Install it with: pip install -e '.[mcp]'\n")


def test_with_a_package_of_another_age_the_same_sentence_says_so(
        finder: Command, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setitem(sys.modules, "mcp.types", None)
    monkeypatch.delitem(sys.modules, "finder.cli.assistants.protocol")
    monkeypatch.delattr("finder.cli.assistants.protocol")
    assert finder("mcp") == (1, "", f"{command.MISSING}\n")


def test_without_an_instance_one_sentence_says_how_to_make_one(finder: Command) -> None:  # noqa: F811
    code, out, err = finder("mcp")
    assert (code, out) == (1, "")
    assert err.startswith("There is no instance here yet.")


def test_the_command_says_how_an_assistant_is_told_of_it(finder: Command) -> None:  # noqa: F811
    code, out, _ = finder("mcp", "--help")
    assert code == 0
    assert '"command": "finder", "args": ["mcp"]' in out


@pytest.mark.turns(3)
def test_nothing_of_the_sdk_is_needed_for_other_commands() -> None:
    ran = subprocess.run([sys.executable, "-c", "import sys; sys.modules['mcp'] = None; from finder.__main__ import "
                          "main; main(['--help'])"], capture_output=True, cwd=ROOT, timeout=300, check=False)
    assert ran.returncode == 0
    assert b"mcp" in ran.stdout


def test_the_server_offers_no_way_in_but_standard_input() -> None:
    source = Path(protocol.__file__).read_text(encoding="utf-8")
    assert not any(word in source for word in ("streamable_http", "sse", "uvicorn", "socket", "listen("))
