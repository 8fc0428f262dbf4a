"""The log: two forms, and nothing in it that was sent."""

import json
import logging

import pytest

from plate_gate_recognizer.logs import ACCESS, JsonFormatter, TextFormatter

FAULT = (KeyError, KeyError("AB12CDE"), None)


def record(
    name: str, message: str, *arguments: object, **more: object
) -> logging.LogRecord:
    """Return something to log."""
    one = logging.LogRecord(
        name, logging.WARNING, "file.py", 7, message, arguments, None, "caller"
    )
    vars(one).update(more)
    return one


def test_text() -> None:
    """People get level, message and details."""
    own = record("plate_gate_recognizer.server", "There are %d", 2)
    assert TextFormatter().format(own) == "WARNING There are 2"
    request = record(ACCESS, "request", details={"method": "GET", "status": 200})
    assert TextFormatter().format(request) == "WARNING request method=GET status=200"


def test_json() -> None:
    """Programs get an object, in one line."""
    request = record(ACCESS, 'a "quoted"\nline', details={"ms": 12, "plates": None})
    line = JsonFormatter().format(request)
    assert "\n" not in line
    told = json.loads(line)
    assert told.pop("time").endswith("+00:00")
    assert told == {
        "level": "warning",
        "logger": ACCESS,
        "message": 'a "quoted"\nline',
        "ms": 12,
        "plates": None,
    }


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
@pytest.mark.parametrize("name", ["asyncio", "aiohttp.server", "plate_gate"])
def test_others(formatter: logging.Formatter, name: str) -> None:
    """What others log is told by where it was, not by what it said."""
    one = record(name, "Task failed: %s", "AB12CDE", exc_info=FAULT)
    line = formatter.format(one)
    assert "AB12CDE" not in line
    assert f"{name} reports KeyError in caller, line 7" in line


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_no_traceback(formatter: logging.Formatter) -> None:
    """A traceback of our own is not told, either: it ends in the exception's text."""
    one = record("plate_gate_recognizer", "It failed", exc_info=FAULT)
    assert "AB12CDE" not in formatter.format(one)
