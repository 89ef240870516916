"""A served site while many clients send or read next to nothing: help and pages go on."""

from __future__ import annotations

import http.client
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from finder.cli import probing
from finder.cli.patient import IDLE_SECONDS
from finder.cli.server import THREADS, address, free_port
from tests.cli.test_setup import start

HOST = "127.0.0.1"
WORKERS = 2
MORE_THAN_THREADS = 2 * WORKERS * THREADS  # of clients; a thread for each would leave none
PATIENCE = 20  # seconds; a site that is stopped answers nothing however long one waits
SLOW: dict[str, Callable[[socket.socket], None]] = {
    "say nothing": lambda line: None,
    "stop in the first line": lambda line: line.sendall(b"GET /cri"),
    "stop in the headers": lambda line: line.sendall(b"GET /crisis HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"),
    "stop in what they send": lambda line: line.sendall(
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 60000\r\n\r\nneed="),
    "read nothing": lambda line: line.sendall(b"GET /data/listings.jsonl HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
    "read nothing of many": lambda line: line.sendall(
        b"GET /data/listings.csv HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20),
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    found = free_port(HOST)
    child = start(tmp_path_factory.mktemp("slow"), "demo", "--port", str(found))
    probing.wait_until_alive(address(HOST, found), child)
    yield found
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=30)
    assert child.returncode == 0


def ask(port: int, path: str) -> tuple[int, int]:
    """The status, and how long what is answered is."""
    line = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    line.request("GET", path)
    answer = line.getresponse()
    found = answer.status, len(answer.read())
    line.close()
    return found


def slow(port: int, behave: Callable[[socket.socket], None], held: ExitStack) -> socket.socket:
    line = held.enter_context(socket.socket())
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect((HOST, port))
    behave(line)
    return line


def check(port: int, how: str, clients: int) -> None:
    before = ask(port, "/crisis")
    with ExitStack() as held:
        for _ in range(clients):
            slow(port, SLOW[how], held)
        assert ask(port, "/crisis") == before
        assert ask(port, "/healthz")[0] == 200
        assert ask(port, "/programs")[0] == 200


@pytest.mark.turns(3)
@pytest.mark.parametrize("how", SLOW)
def test_V3_clients_that_are_slow_stop_no_page(port: int, how: str) -> None:
    check(port, how, MORE_THAN_THREADS)


@pytest.mark.soak
@pytest.mark.parametrize("how", SLOW)
def test_V3_five_hundred_slow_clients_stop_no_page(port: int, how: str) -> None:
    check(port, how, 500)


@pytest.mark.soak
@pytest.mark.parametrize("how", ["say nothing", "stop in the headers", "stop in what they send", "read nothing"])
def test_V3_a_line_on_which_nothing_moves_is_cut(port: int, how: str) -> None:
    with ExitStack() as held:
        line = slow(port, SLOW[how], held)
        line.settimeout(3 * IDLE_SECONDS)
        more = b"some"
        while more:  # the buffers of the machine hold some of an answer; then comes the end
            more = line.recv(65536)
        assert more == b""


def test_what_comes_in_pieces_is_answered_when_it_is_whole(port: int) -> None:
    with socket.create_connection((HOST, port), timeout=PATIENCE) as line:
        for piece in (b"GET /heal", b"thz HTTP/1.1\r\nHo", b"st: 127.0.0.1\r\nConnection: close\r\n\r\n"):
            line.sendall(piece)
        assert line.recv(100).startswith(b"HTTP/1.1 200")
