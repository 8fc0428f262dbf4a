"""Weekly schedules as people write them: `mo-fr 07:00-18:00, sa 09:00-12:00`."""

from collections.abc import Iterable, Iterator
from datetime import time
from itertools import groupby
import re
from typing import Final

from ..errors import ScheduleError
from ..models import Period

TEXT_MAX: Final = 500
"""Characters of a schedule."""

_DAYS: Final = ("mo", "tu", "we", "th", "fr", "sa", "su")
_EVERY_DAY: Final = frozenset(range(7))

_WORDS: Final = (
    # Each as short as it gets, and whole: what is in between is understood as well.
    ("mo", "monday montag"),
    ("tu", "tuesday"),
    ("di", "dienstag"),
    ("we", "wednesday"),
    ("mi", "mittwoch"),
    ("th", "thursday"),
    ("do", "donnerstag"),
    ("fr", "friday freitag"),
    ("sa", "saturday samstag"),
    ("su", "sunday"),
    ("so", "sonntag"),
    ("sonna", "sonnabend"),
)
_NUMBERS: Final = (0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 6, 5)

_SETS: Final = {
    "daily": _EVERY_DAY,
    "täglich": _EVERY_DAY,
    "taeglich": _EVERY_DAY,
    "weekdays": frozenset(range(5)),
    "weekend": frozenset({5, 6}),
    "wochenende": frozenset({5, 6}),
}

_NOISE: Final = {"and", "und", "&", "+"}
_O_CLOCK: Final = re.compile(r"\s*uhr\b")
_DASH: Final = re.compile(r"\s*(?:[-\u2010-\u2015\u2212]|\bto\b|\bbis\b)\s*")
_HALF_DAY: Final = re.compile(r"(?<=\d)\s+(?=[ap]m\b)")
_SEPARATOR: Final = re.compile(r"[\s,;/]+")
_TIME: Final = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?")


def parse_schedule(text: str) -> tuple[Period, ...]:
    """Read a schedule.

    Days come before their times, and count until others come: `mo-we fr 08:00-12:00
    13:00-17:00`. They are understood in English and German, short and long; times with
    and without minutes, also as `7am-6pm`; 24:00 is the end of a day. An end that is
    not later than its start is on the day after. Days without times are whole days,
    and times without days are those of every day.

    Args:
        text: What somebody typed. An empty one is no schedule, which always holds.

    Returns:
        Its periods, in the order of the text.

    Raises:
        ScheduleError: It is none.

    """
    if len(text) > TEXT_MAX:
        raise ScheduleError
    periods: list[Period] = []
    days: frozenset[int] = frozenset()
    timed = True
    for word in _words(text):
        if (named := _days(word)) is not None:
            days = named if timed else days | named
            timed = False
        else:
            periods.append(_period(days or _EVERY_DAY, word))
            timed = True
    if not timed:
        periods.append(Period(weekdays=days, start=time(0), end=time(0)))
    return tuple(dict.fromkeys(periods))


def format_schedule(periods: Iterable[Period]) -> str:
    """Write a schedule, so that `parse_schedule` reads the same.

    The days are named by the first two letters of their English names, in any language.

    Args:
        periods: The schedule, on full minutes.

    Returns:
        Such as `mo-fr 07:00-18:00, sa 09:00-12:00`; nothing for an empty one.

    """
    return ", ".join(
        " ".join([_format_days(days), *map(_format_times, together)])
        for days, together in groupby(periods, key=lambda period: period.weekdays)
    )


def _words(text: str) -> Iterator[str]:
    """Cut a text into words; days and times that a dash connects are one."""
    text = _HALF_DAY.sub("", _O_CLOCK.sub("", text.casefold()))
    text = _DASH.sub("-", text)
    for word in _SEPARATOR.split(text):
        word = word.strip(".")
        if word and word not in _NOISE:
            yield word


def _days(word: str) -> frozenset[int] | None:
    """Return the days of a word, None if it is about something else."""
    if word in _SETS:
        return _SETS[word]
    first, dash, last = word.partition("-")
    begin = _day(first)
    end = _day(last) if dash else begin
    if begin is None or end is None:
        return None
    return frozenset((begin + n) % 7 for n in range((end - begin) % 7 + 1))


def _day(word: str) -> int | None:
    """Return the number of a day, 0 for Monday."""
    word = word.removesuffix(".")
    for number, (short, names) in zip(_NUMBERS, _WORDS, strict=True):
        if word.startswith(short) and any(
            name.startswith(word) for name in names.split()
        ):
            return number
    return None


def _period(days: frozenset[int], word: str) -> Period:
    """Read a start and an end.

    Raises:
        ScheduleError: It is something else.

    """
    first, dash, last = word.partition("-")
    if not dash:
        raise ScheduleError
    start, end = _minutes(first), _minutes(last)
    if start == 24 * 60:
        raise ScheduleError
    return Period(weekdays=days, start=_clock(start), end=_clock(end))


def _minutes(text: str) -> int:
    """Read a time as minutes since midnight, up to 24:00.

    Raises:
        ScheduleError: It is none.

    """
    if (match := _TIME.fullmatch(text)) is None:
        raise ScheduleError
    hours, minutes, half = int(match[1]), int(match[2] or 0), match[3]
    if half:
        if not 1 <= hours <= 12:
            raise ScheduleError
        hours = hours % 12 + (12 if half == "pm" else 0)
    if minutes > 59 or 60 * hours + minutes > 24 * 60:
        raise ScheduleError
    return 60 * hours + minutes


def _clock(minutes: int) -> time:
    """Return a time of the day; the end of a day is the beginning of the next."""
    return time(minutes // 60 % 24, minutes % 60)


def _format_days(days: frozenset[int]) -> str:
    """Write days, three and more in a row as from the first to the last."""
    if days == _EVERY_DAY:
        return "mo-su"
    written = []
    for first in sorted(day for day in days if (day - 1) % 7 not in days):
        run = [first]
        while (run[-1] + 1) % 7 in days:
            run.append((run[-1] + 1) % 7)
        names = [_DAYS[day] for day in run]
        written += [f"{names[0]}-{names[-1]}"] if len(run) > 2 else names
    return " ".join(written)


def _format_times(period: Period) -> str:
    """Write a start and an end; midnight is 24:00 as an end."""
    end = "24:00" if period.end == time(0) else f"{period.end:%H:%M}"
    return f"{period.start:%H:%M}-{end}"
