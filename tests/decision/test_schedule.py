"""When a weekly schedule holds, by the clock on the wall and across its changes."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings, strategies as st
import pytest

from custom_components.plate_gate.decision.schedule import (
    next_change,
    next_start,
    parse_schedule,
    within,
)
from custom_components.plate_gate.models import Period

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
WEEK = 7 * 24 * 60

ZONES = {
    # With a moment within the hours around each change of the clock in 2026.
    "Europe/Berlin": ["2026-03-29T01:00", "2026-10-25T01:00"],
    "America/New_York": ["2026-03-08T07:00", "2026-11-01T06:00"],
    "Australia/Lord_Howe": ["2026-04-04T15:00", "2026-10-03T15:30"],
    "Africa/Cairo": ["2026-04-23T22:00", "2026-10-29T21:00"],  # at midnight
    "UTC": ["2026-03-29T01:00"],
}


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """Return a moment, given in UTC, in a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(zone)


@pytest.mark.parametrize(
    ("schedule", "now", "holds"),
    [
        ("", "2026-07-01T10:00", True),
        ("we 12-13", "2026-07-01T09:59", False),
        ("we 12-13", "2026-07-01T10:00", True),
        ("we 12-13", "2026-07-01T10:59", True),
        ("we 12-13", "2026-07-01T11:00", False),
        ("we 12-13", "2026-06-30T10:00", False),
        ("tu 22-6", "2026-07-01T03:59", True),
        ("tu 22-6", "2026-07-01T04:00", False),
        ("tu 22-6", "2026-06-30T20:00", True),
        ("tu 22-6", "2026-06-30T03:00", False),
        ("su 22-6", "2026-06-29T03:00", True),  # into Monday
        ("we", "2026-06-30T21:59", False),
        ("we", "2026-06-30T22:00", True),
        ("we", "2026-07-01T21:59", True),
        ("we", "2026-07-01T22:00", False),
        ("we 7-7", "2026-07-02T04:59", True),
        # The night of 2026-10-25 has the hour from 02:00 to 03:00 twice.
        ("su 2:00-3:00", "2026-10-24T23:59", False),
        ("su 2:00-3:00", "2026-10-25T00:00", True),
        ("su 2:00-3:00", "2026-10-25T01:00", True),
        ("su 2:00-3:00", "2026-10-25T01:59", True),
        ("su 2:00-3:00", "2026-10-25T02:00", False),
        ("su 2:00-2:30", "2026-10-25T00:45", False),
        ("su 2:00-2:30", "2026-10-25T01:15", True),
        # The night of 2026-03-29 does not have it.
        ("su 2:00-3:00", "2026-03-29T00:59", False),
        ("su 2:00-3:00", "2026-03-29T01:00", False),
        ("sa 22-2:30", "2026-03-29T00:59", True),
        ("sa 22-2:30", "2026-03-29T01:00", False),
    ],
)
def test_within(schedule: str, now: str, holds: bool) -> None:
    """A schedule holds while the clock in Berlin shows a time of it."""
    assert within(parse_schedule(schedule), at(now)) is holds


@pytest.mark.parametrize(
    ("schedule", "now", "change"),
    [
        ("", "2026-07-01T10:00", None),
        ("daily", "2026-07-01T10:00", None),
        ("mo-su 0-12, mo-su 12-24", "2026-07-01T10:00", None),
        ("we 12-13", "2026-07-01T10:30", "2026-07-01T11:00"),
        ("we 12-13", "2026-07-01T11:00", "2026-07-08T10:00"),
        ("we 12-13 13-14", "2026-07-01T10:30", "2026-07-01T12:00"),
        ("fr 22-6", "2026-07-03T21:00", "2026-07-04T04:00"),
        # Twice: it ends, and begins again half an hour later.
        ("su 2:00-2:30", "2026-10-25T00:10", "2026-10-25T00:30"),
        ("su 2:00-2:30", "2026-10-25T00:30", "2026-10-25T01:00"),
        ("su 2:00-2:30", "2026-10-25T01:00", "2026-10-25T01:30"),
        # Not at all: the next one is in a week.
        ("su 2:00-2:30", "2026-03-29T00:00", "2026-04-05T00:00"),
        # In part: it begins, or ends, when the clock is put forward.
        ("su 2:30-3:30", "2026-03-29T00:00", "2026-03-29T01:00"),
        ("sa 22-2:30", "2026-03-29T00:00", "2026-03-29T01:00"),
    ],
)
def test_next_change(schedule: str, now: str, change: str | None) -> None:
    """The next change is found to the moment, also where the clock changes."""
    found = next_change(parse_schedule(schedule), at(now))
    if change is None:
        assert found is None
    else:
        assert found == at(change)
        assert found.tzinfo is BERLIN
        assert found.fold == at(change).fold


def test_next_start() -> None:
    """It is now while the schedule holds, and else when it will."""
    periods = parse_schedule("we 12-13")
    inside, outside = at("2026-07-01T10:30"), at("2026-07-01T12:00")
    assert next_start(periods, inside) == inside
    assert next_start(periods, outside) == at("2026-07-08T10:00")
    assert next_start((), outside) == outside


def test_never() -> None:
    """A period that has no days never begins."""
    never = (Period(weekdays=frozenset(), start=time(8), end=time(9)),)
    assert not within(never, at("2026-07-01T10:00"))
    assert next_start(never, at("2026-07-01T10:00")) is None


def test_a_time_without_a_zone() -> None:
    """There is no telling when the clock changes where nobody knows where."""
    with pytest.raises(TypeError, match="zone"):
        next_change(parse_schedule("we 12-13"), datetime(2026, 7, 1, 12))


PERIODS = st.lists(
    st.builds(
        Period,
        weekdays=st.frozensets(st.integers(0, 6), min_size=1),
        start=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
        end=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    ),
    min_size=1,
    max_size=3,
)
NIGHTS = st.lists(
    st.builds(
        Period,
        weekdays=st.frozensets(st.sampled_from([3, 4, 5, 6])),
        start=st.builds(time, st.integers(0, 3), st.sampled_from([0, 15, 30, 45])),
        end=st.builds(time, st.integers(0, 3), st.sampled_from([0, 15, 30, 45])),
    ),
    min_size=1,
    max_size=3,
)
MOMENTS = st.sampled_from(
    [(zone, moment) for zone, moments in ZONES.items() for moment in moments]
)


def minutes_of(periods: list[Period]) -> set[int]:
    """Return the minutes of the week of a schedule, counted one by one."""
    found = set()
    for period in periods:
        start = 60 * period.start.hour + period.start.minute
        end = 60 * period.end.hour + period.end.minute
        for weekday in period.weekdays:
            minute = 24 * 60 * weekday + start
            while True:
                found.add(minute % WEEK)
                minute += 1
                if minute % (24 * 60) == end:
                    break
    return found


def on_the_wall(now: datetime) -> int:
    """Return which minute of the week a clock shows."""
    return 24 * 60 * now.weekday() + 60 * now.hour + now.minute


@settings(deadline=None, max_examples=60)
@given(PERIODS | NIGHTS, MOMENTS, st.integers(-600, 600))
def test_is_what_a_patient_watcher_sees(
    periods: list[Period], moment: tuple[str, str], shift: int
) -> None:
    """Minute by minute around a change of the clock, holds and changes are right."""
    zone = ZoneInfo(moment[0])
    now = at(moment[1], zone).astimezone(UTC) + shift * MINUTE
    minutes = minutes_of(periods)

    def holds(when: datetime) -> bool:
        return on_the_wall(when.astimezone(zone)) in minutes

    assert within(periods, now.astimezone(zone)) is holds(now)
    found = next_change(periods, now.astimezone(zone))
    watched = (now + n * MINUTE for n in range(1, 15 * 24 * 60))
    first = next((when for when in watched if holds(when) is not holds(now)), None)
    # Compared in UTC: a time that a clock shows twice is equal to none of another zone.
    assert (found and found.astimezone(UTC)) == first


@settings(deadline=None)
@given(PERIODS, st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)))
def test_changes_come_one_after_the_other(
    periods: list[Period], begin: datetime
) -> None:
    """Each change is a change, comes later than the one before, and is exact."""
    now = begin.replace(tzinfo=UTC).astimezone(BERLIN)
    for _ in range(4):
        found = next_change(periods, now)
        assume(found is not None)
        assert found is not None
        assert found.astimezone(UTC) > now.astimezone(UTC)
        before = (found.astimezone(UTC) - timedelta(microseconds=1)).astimezone(BERLIN)
        assert within(periods, before) is not within(periods, found)
        now = found
