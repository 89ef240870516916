"""The tools spoken over the Model Context Protocol, on its official SDK, from standard input to standard output.

Nothing listens on a network. Standard output holds the protocol and nothing else; standard error says at most what kind
of thing broke and where, never a word of what was asked.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import threading
import traceback
import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, cast

import mcp.types as types
import orjson
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from finder.cli.assistants import schemas
from finder.cli.assistants.tools import Said, Tools
from finder.vocabulary import LIST_NAMES

MOST_LINE = 1024 * 1024  # bytes of one message; what a tool may be asked is far less
TAIL = 4096  # bytes at either end of a longer one, in which its id stands
WAITING = 16  # messages read ahead
PAUSE_SECONDS = 0.1
SCHEME = "finder://"
JSON = "application/json"
_ID = re.compile(rb'"id"\s*:\s*("[^"\\]{1,64}"|[0-9]{1,15})')
_URI = re.compile(rf"{SCHEME}(?:([A-Za-z-]{{2,12}})/)?(crisis-lines|vocabulary/([a-z_]+)|schema/([a-z]+))")


def serve(tools: Tools, *, ready: Callable[[], object]) -> None:
    """Serves until standard input ends. `ready` is called once beside it, to read what the first question needs."""
    _be_quiet()
    with ThreadPoolExecutor(1, "finder") as pool:  # searches take turns anyway, and a database likes one thread
        pool.submit(_tried, ready)
        try:
            asyncio.run(_serve(tools, Worker(pool)))
        except* (BrokenPipeError, ConnectionError):  # who asked has gone
            pass


class Worker:
    """Does what takes a while beside the talk, one thing at a time, and knows how much is still to do."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool, self.waiting = pool, 0

    async def do(self, deed: Callable[..., Any], *values: Any) -> Any:
        """What comes of it."""
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.pool, deed, *values)
        finally:
            self.waiting -= 1

    async def done(self) -> None:
        """Waits until all that was asked is answered."""
        await asyncio.sleep(PAUSE_SECONDS)
        while self.waiting:
            await asyncio.sleep(PAUSE_SECONDS)


async def _serve(tools: Tools, worker: Worker) -> None:
    made, stdin = server(tools, worker), cast(Any, _lines(sys.stdin.buffer, worker))
    async with stdio_server(stdin=stdin) as (read, write):
        await made.run(read, write, made.create_initialization_options())


def _be_quiet() -> None:
    """The SDK logs what went wrong with what was sent in it; nobody's words go to a terminal or its log."""
    for name in ("mcp", "asyncio"):
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
    warnings.simplefilter("ignore")


def _tried(ready: Callable[[], object]) -> None:
    try:
        ready()
    except Exception as wrong:  # noqa: BLE001 - the tools say it again, with help beside it
        _say(wrong)


def _say(wrong: BaseException) -> None:
    """Kind and place only: a message may hold what somebody said."""
    place = traceback.extract_tb(wrong.__traceback__)[-1]
    sys.stderr.write(f"Something in Finder broke: {type(wrong).__name__} in {Path(place.filename).name}, "
                     f"{place.name}.\n")


# -- messages --------------------------------------------------------------------------------------------------------


async def _lines(stream: BinaryIO, worker: Worker) -> AsyncIterator[str]:
    """The messages of a stream, whose end is the end of the talk when all is answered.

    They are read in a thread of their own that ends with the process, so that nothing waits for a reader when it is
    told to stop; and no message takes more room than MOST_LINE.
    """
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[bytes]()
    room = threading.Semaphore(WAITING)

    def read() -> None:
        line = b"start"
        while line:
            line = read_line(stream)
            room.acquire()
            try:
                loop.call_soon_threadsafe(queue.put_nowait, line)
            except RuntimeError:  # nobody listens any more
                return

    threading.Thread(target=read, daemon=True).start()
    while line := await queue.get():
        room.release()
        yield line.decode("utf-8", "replace")
    await worker.done()


def read_line(stream: BinaryIO) -> bytes:
    """The next message, b"" at the end. One that is too long is let go by, and stands as a question that is refused
    under its id."""
    line = stream.readline(MOST_LINE + 1)
    if len(line) <= MOST_LINE:
        return line
    head, tail = line[:TAIL], line[-TAIL:]
    while line and not line.endswith(b"\n"):
        line = stream.readline(MOST_LINE)
        tail = (tail + line)[-TAIL:]
    found = _ID.search(head) or _ID.search(tail)
    return b'{"jsonrpc":"2.0","id":%s,"method":"message/too_long"}\n' % found[1] if found else b"{}\n"


# -- the server ------------------------------------------------------------------------------------------------------


def server(tools: Tools, worker: Worker) -> Server[Any]:
    """The tools and resources as a server of the SDK."""
    async def list_tools(context: Any, asked: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_tool(one) for one in schemas.tools(tools.languages)])

    async def call_tool(context: Any, asked: types.CallToolRequestParams) -> types.CallToolResult:
        if asked.name not in tools.named:
            raise MCPError(types.INVALID_PARAMS, "There is no tool of this name.")
        return _result(await worker.do(_called, tools, asked.name, asked.arguments or {}))

    async def list_resources(context: Any, asked: Any) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=_resources(tools))

    async def read_resource(context: Any, asked: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        body = await worker.do(resource, tools, str(asked.uri))
        if body is None:
            raise MCPError(types.INVALID_PARAMS, "There is no resource of this name.")
        return types.ReadResourceResult(contents=[types.TextResourceContents(
            uri=asked.uri, mime_type=JSON, text=body)])

    made: Server[Any] = Server(
        "finder", version=version("finder"), title="Finder", instructions=schemas.INSTRUCTIONS,
        on_list_tools=list_tools, on_call_tool=call_tool, on_list_resources=list_resources,
        on_read_resource=read_resource)
    made.middleware.clear()  # it would tell a tracing library, where there is one, what was asked
    return made


def _called(tools: Tools, name: str, given: Mapping[str, Any]) -> Said:
    """A tool's answer; of what nobody foresaw, that it broke, with help beside it."""
    try:
        return tools.call(name, given)
    except Exception as wrong:  # noqa: BLE001 - whoever asks gets an answer all the same
        _say(wrong)
        return tools.broken(name, given)


def _result(said: Said) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=one) for one in said.texts],
                                structured_content=said.values, is_error=said.failed)


def _tool(one: schemas.Described) -> types.Tool:
    return types.Tool(name=one.name, title=one.title, description=one.about, input_schema=one.takes,
                      output_schema=one.gives, annotations=types.ToolAnnotations(
                          title=one.title, read_only_hint=True, destructive_hint=False, idempotent_hint=True,
                          open_world_hint=False))


# -- resources -------------------------------------------------------------------------------------------------------


def _resources(tools: Tools) -> list[types.Resource]:
    found = [types.Resource(uri=f"{SCHEME}{lang}/crisis-lines", name=f"crisis-lines-{lang}", mime_type=JSON,
                            title=f"Crisis lines ({lang})", description="Every crisis line of this instance.")
             for lang in tools.languages]
    found += [types.Resource(uri=f"{SCHEME}{lang}/vocabulary/{name}", name=f"{name}-{lang}", mime_type=JSON,
                             title=f"Codes: {name} ({lang})", description="Codes with labels and definitions.")
              for lang in tools.languages for name in LIST_NAMES]
    return found + [types.Resource(uri=f"{SCHEME}schema/{name}", name=f"{name}-schema", mime_type=JSON,
                                   title=f"Schema: {name}", description="JSON Schema 2020-12 of the contract.")
                    for name in schemas.NAMES]


def resource(tools: Tools, uri: str) -> str | None:
    """The text of a resource; None where there is none of that name."""
    found = _URI.fullmatch(uri)
    if found is None:
        return None
    lang, kind, list_name, schema = found.groups()
    if schema is not None:
        return orjson.dumps(schemas.document(schema)).decode() if lang is None and schema in schemas.NAMES else None
    if lang not in tools.languages or list_name is not None and list_name not in LIST_NAMES:
        return None
    given = {"lang": lang} | ({"list": list_name} if list_name else {})
    return orjson.dumps(tools.call("list_vocabulary" if list_name else "crisis_lines", given).values).decode()
