"""Python's collector of garbage, kept from going through what is made to stay.

Reading the program makes a million objects, none of them garbage. The collector would go through them again and again
while they are made, which is a fourth of a start, and later in the middle of somebody's request.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def untouched() -> Iterator[None]:
    """Nothing is collected in the block. Of blocks in one another the outermost counts."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def stays() -> None:
    """What is there by now is never looked through again: for a server, just before its processes part and when its app
    is made."""
    gc.freeze()
