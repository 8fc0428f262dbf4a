"""Hears everything that is said while something runs, to find secrets in it."""

from collections.abc import Iterator
from contextlib import contextmanager
import logging
import os
import sys
import tempfile
import traceback
from typing import override

import av


class Ears(logging.Handler):
    """Keeps all that is logged, from debug level on, and what is said on stderr.

    FFmpeg logs as much as it can, its addresses included if it were to.
    """

    def __init__(self) -> None:
        """Hear nothing yet; `listening` begins."""
        super().__init__(logging.DEBUG)
        self._heard: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Take a record in, with what was not yet put into its text."""
        self._heard.append(f"{self.format(record)} {record.args!r}")

    def show(self, thing: object) -> None:
        """Take in how something shows itself, an error with all that is behind it."""
        self._heard.append(repr(thing))
        if isinstance(thing, BaseException):
            self._heard += traceback.format_exception(thing)

    def count(self, secrets: tuple[str, ...]) -> int:
        """Return how often one of the secrets was heard."""
        return sum(text.count(secret) for text in self._heard for secret in secrets)

    @property
    def lines(self) -> int:
        """How many things were heard: with none, nothing was tested."""
        return len(self._heard)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear, and be the only one who does: nobody wants to read all that."""
        root = logging.getLogger()
        handlers, level, loud = root.handlers[:], root.level, av.logging.get_level()
        root.handlers[:] = [self]
        root.setLevel(logging.DEBUG)
        av.logging.set_level(av.logging.VERBOSE)
        try:
            with self._standard_error():
                yield
        finally:
            av.logging.set_level(loud)
            root.setLevel(level)
            root.handlers[:] = handlers

    @contextmanager
    def _standard_error(self) -> Iterator[None]:
        """Take in what libraries write past Python."""
        sys.stderr.flush()
        with tempfile.TemporaryFile() as kept:
            real = os.dup(2)
            os.dup2(kept.fileno(), 2)
            try:
                yield
            finally:
                sys.stderr.flush()
                os.dup2(real, 2)
                os.close(real)
                kept.seek(0)
                self._heard.append(kept.read().decode(errors="replace"))
