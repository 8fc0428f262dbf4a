"""Reads every line of the log, and tells which of them hold what nobody should read."""

from collections import Counter
from collections.abc import Sequence
import logging
from typing import override
from urllib.parse import quote


class LogWatch(logging.Handler):
    """Takes the log at its most talkative, and keeps nothing of it but counts.

    Attributes:
        lines: How many there were.
        leaks: How many of them held a secret, by logger and level.

    """

    def __init__(self, secrets: Sequence[str]) -> None:
        """Prepare.

        Args:
            secrets: What must not be there, also written as in an address.

        """
        super().__init__(logging.DEBUG)
        self.lines = 0
        self.leaks: Counter[str] = Counter()
        self._secrets = {form for word in secrets for form in (word, quote(word, ""))}

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Read a line, with its traceback and its unformatted arguments."""
        self.lines += 1
        text = f"{self.format(record)} {record.args!r}"
        if any(secret in text for secret in self._secrets):
            self.leaks[f"{record.name} ({record.levelname})"] += 1
