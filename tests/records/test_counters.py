"""Tests of the counts of a day."""

from datetime import date, timedelta

from custom_components.plate_gate.records import DayCount

TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)


def test_counts_within_a_day() -> None:
    """What happens on the same day adds up."""
    count = DayCount(TODAY).plus(TODAY).plus(TODAY, 3)

    assert count.on(TODAY) == 4


def test_begins_anew_on_another_day() -> None:
    """A new day begins at zero, and forgets the old one."""
    yesterday = DayCount(TODAY, 7)

    assert yesterday.on(TOMORROW) == 0
    assert yesterday.plus(TOMORROW).on(TOMORROW) == 1
    assert yesterday.plus(TOMORROW).on(TODAY) == 0


def test_does_not_change_itself() -> None:
    """Each count is a value of its own."""
    count = DayCount(TODAY, 2)
    count.plus(TODAY)

    assert count == DayCount(TODAY, 2)
