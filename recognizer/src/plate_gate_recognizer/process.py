"""Sets what counts for the process as a whole, before anything else runs in it."""

from contextlib import suppress
import ctypes
import resource
from typing import Final

_M_ARENA_MAX: Final = -8
"""A parameter of glibc's mallopt."""


def set_up() -> None:
    """Leave no memory on disk, and hold no more of it than is needed."""
    _dump_no_core()
    _share_memory()


def _dump_no_core() -> None:
    """Have no memory written to disk if a library crashes: it holds pictures."""
    # A sandbox may not let us; it is then for the sandbox to see to it.
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _share_memory() -> None:
    """Let all threads take memory from one arena.

    glibc gives each thread one of its own, and each keeps what its largest picture once
    needed: with one worker 353 MB were held at most, and 273 with one arena. There is no
    waiting for it, since the networks take memory in few large pieces. Other C libraries
    have no arenas.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):
        return
    set_option(_M_ARENA_MAX, 1)
