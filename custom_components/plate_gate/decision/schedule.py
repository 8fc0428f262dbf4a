"""Weekly schedules: when a clock on the wall shows a time that is in one."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from ..models import Period
from .schedule_text import format_schedule, parse_schedule

__all__ = ["format_schedule", "next_change", "next_start", "parse_schedule", "within"]

_HORIZON: Final = timedelta(days=15)
"""A week, and another one where a change of the clock leaves a period out."""

_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)


def within(periods: Sequence[Period], now: datetime) -> bool:
    """Tell whether a schedule holds at a time.

    Only the clock on the wall matters. In the night in which it is put back, a period
    from 02:00 to 03:00 holds in both of these hours; in the night in which it is put
    forward, it does not occur.

    Args:
        periods: The schedule; an empty one always holds.
        now: The time, in the time zone of the site.

    """
    return not periods or any(_holds(period, now) for period in periods)


def next_change(periods: Sequence[Period], now: datetime) -> datetime | None:
    """Return when a schedule begins to hold, or ends to, for the next time.

    Args:
        periods: The schedule.
        now: The time, in the time zone of the site.

    Returns:
        A time after now in the same zone; None if it always holds, or never.

    Raises:
        TypeError: The time has no time zone.

    """
    holds = within(periods, now)
    for moment in _moments(periods, now):
        if within(periods, moment) is not holds:
            return moment
    return None


def next_start(periods: Sequence[Period], now: datetime) -> datetime | None:
    """Return from when on a schedule holds: now, if it does.

    Args:
        periods: The schedule.
        now: The time, in the time zone of the site.

    Returns:
        A time that is not before now, in the same zone; None if it never holds.

    Raises:
        TypeError: The time has no time zone.

    """
    return now if within(periods, now) else next_change(periods, now)


def _holds(period: Period, now: datetime) -> bool:
    """Tell whether a period holds at a time."""
    clock, today = now.time(), now.weekday()
    if period.start < period.end:
        return today in period.weekdays and period.start <= clock < period.end
    return (today in period.weekdays and clock >= period.start) or (
        (today - 1) % 7 in period.weekdays and clock < period.end
    )


def _moments(periods: Sequence[Period], now: datetime) -> list[datetime]:
    """Return every moment up to the horizon at which a schedule may change, in order.

    The comparisons are made in UTC, since two times in one zone are compared by the
    clock on the wall, which goes back now and then.
    """
    zone = now.tzinfo
    if zone is None:
        raise TypeError("A time without a zone")
    begin = now.astimezone(UTC)
    end = begin + _HORIZON
    walls = {t for period in periods for t in (period.start, period.end)}
    found = set(_clock_changes(zone, begin, end))
    for day in range(_HORIZON.days + 2):
        date = now.date() + day * _DAY
        for wall in walls:
            # Both, where the clock shows it twice. Where it is left out, these are
            # moments like any other, and the change of the clock is the one that counts.
            for fold in (0, 1):
                shown = datetime.combine(date, wall.replace(fold=fold), zone)
                found.add(shown.astimezone(UTC))
    return [moment.astimezone(zone) for moment in sorted(found) if begin < moment < end]


def _clock_changes(zone: tzinfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Find the moments at which the clock is put forward or back, to the second."""

    def offset(moment: datetime) -> timedelta | None:
        return moment.astimezone(zone).utcoffset()

    while begin < end:
        after = begin + _DAY
        if offset(begin) != offset(after):
            low, high = begin, after
            while high - low > _SECOND:
                middle = low + (high - low) / 2
                if offset(middle) == offset(low):
                    low = middle
                else:
                    high = middle
            # Never in the midst of a second, so the whole one in between is it.
            yield high.replace(microsecond=0)
        begin = after
