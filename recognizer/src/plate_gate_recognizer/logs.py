"""The log: for people or for programs, and never with anything that was sent in it.

What other packages log, and the text of exceptions, could quote a request, and a
request could hold a plate or a token. So of these only the fixed parts are told: who
reports it, where in the code, and the class of the exception.
"""

from datetime import UTC, datetime
import json
import logging
import sys
from typing import Any, Final, override

from aiohttp.http_exceptions import HttpProcessingError

FORMATS: Final = ("text", "json")
LEVELS: Final = ("error", "warning", "info", "debug")
ACCESS: Final = "plate_gate_recognizer.access"

_OWN: Final = "plate_gate_recognizer"


def set_up(form: str = "text", level: str = "warning", *, access: bool = False) -> None:
    """Send the log to standard error.

    Args:
        form: One of `FORMATS`.
        level: One of `LEVELS`.
        access: Whether there is a line for each request, whatever the level is.

    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    if level != "debug":
        handler.addFilter(_is_no_garbage)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.getLogger(ACCESS).setLevel(logging.INFO if access else logging.WARNING)


def _is_no_garbage(record: logging.LogRecord) -> bool:
    """Tell whether a record is about anything but a request that was no HTTP.

    aiohttp takes that for an error of its own. Anybody could fill the log with it.
    """
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


class TextFormatter(logging.Formatter):
    """A line for people: level and message, and what else there is."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return " ".join(
            [
                record.levelname,
                _message(record),
                *(f"{name}={value}" for name, value in _details(record).items()),
            ]
        )


class JsonFormatter(logging.Formatter):
    """A line for programs: one JSON object."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return json.dumps(
            {
                "time": datetime.fromtimestamp(record.created, UTC).isoformat(
                    timespec="milliseconds"
                ),
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": _message(record),
                **_details(record),
            }
        )


def _message(record: logging.LogRecord) -> str:
    if record.name == _OWN or record.name.startswith(f"{_OWN}."):
        return record.getMessage()
    error = record.exc_info[0] if record.exc_info else None
    what = error.__name__ if error else "something"
    return f"{record.name} reports {what} in {record.funcName}, line {record.lineno}"


def _details(record: logging.LogRecord) -> dict[str, Any]:
    details: dict[str, Any] = getattr(record, "details", {})
    return details
