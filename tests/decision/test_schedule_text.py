"""Weekly schedules as people write them."""

from datetime import time

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.plate_gate.decision.schedule import (
    format_schedule,
    parse_schedule,
)
from custom_components.plate_gate.errors import ScheduleError
from custom_components.plate_gate.models import Period

PLAIN = "mo-fr 07:00-18:00, sa 09:00-12:00"


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "Mo-Fr 7-18, Sa 9-12",
        "mon - fri 07:00 – 18:00; saturday 9:00 to 12:00",
        "Montag bis Freitag 7 Uhr bis 18 Uhr und Samstag 9 bis 12 Uhr",
        "Mo.-Fr. 07.00-18.00 Uhr, Sa. 09.00-12.00 Uhr",
        "mo di mi do fr 7:00-18:00 / Sonnabend 9-12",
        "mo,tu,we,thurs,fr 7-18\nsat 9-12",
        "weekdays 7am-6pm, sa 9 am - 12 pm",
    ],
)
def test_many_ways_to_write_the_same(text: str) -> None:
    """Days in two languages, times in several styles, one meaning."""
    assert parse_schedule(text) == (
        Period(weekdays=frozenset(range(5)), start=time(7), end=time(18)),
        Period(weekdays=frozenset({5}), start=time(9), end=time(12)),
    )
    assert format_schedule(parse_schedule(text)) == PLAIN


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("", ""),
        (" ,; ", ""),
        ("daily 8-9", "mo-su 08:00-09:00"),
        ("täglich 8-9", "mo-su 08:00-09:00"),
        ("8-9", "mo-su 08:00-09:00"),
        ("sa-mo 22:00-6:00", "sa-mo 22:00-06:00"),
        ("So 0-24", "su 00:00-24:00"),
        ("su 00:00-00:00", "su 00:00-24:00"),
        ("weekend", "sa su 00:00-24:00"),
        ("mo-mo 12am-1pm", "mo 00:00-13:00"),
        ("mo, we & fr 8:15-9:45", "mo we fr 08:15-09:45"),
        ("mo-we fr 8-12 13-17", "mo-we fr 08:00-12:00 13:00-17:00"),
        ("mo 8-12, mo 8-12", "mo 08:00-12:00"),
        ("mo 8-12, tu 8-12", "mo 08:00-12:00, tu 08:00-12:00"),
        ("mo 7-7", "mo 07:00-07:00"),
        ("fr 18-24, sa", "fr 18:00-24:00, sa 00:00-24:00"),
    ],
)
def test_plain_form(text: str, plain: str) -> None:
    """Whatever was typed is shown in one form, which means the same."""
    assert format_schedule(parse_schedule(text)) == plain
    assert parse_schedule(plain) == parse_schedule(text)


@pytest.mark.parametrize(
    "text",
    [
        "always",
        "mo-xx 8-9",
        "m 8-9",
        "monfri 8-9",
        "mo 8",
        "mo 8-",
        "mo -8",
        "mo 8-25",
        "mo 24:00-25:00",
        "mo 24:00-06:00",
        "mo 24:01-06:00",
        "mo 8-24:01",
        "mo 8:60-9",
        "mo 8:5-9",
        "mo 13pm-14pm",
        "mo 0am-1am",
        "mo 8-9-10",
        "mo-fr-su 8-9",
        "8-9 o'clock",
        "mo-fr 07:00-18:00 except 12",
        "mo 8-9 " * 100,
    ],
)
def test_refused(text: str) -> None:
    """What is not understood as a whole is not guessed at, and is not in the error."""
    with pytest.raises(ScheduleError) as caught:
        parse_schedule(text)
    assert str(caught.value) == ""


PERIODS = st.builds(
    Period,
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    start=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    end=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
)


@settings(deadline=None)
@given(st.lists(PERIODS, max_size=6, unique=True))
def test_comes_back(periods: list[Period]) -> None:
    """What is written is read as the same."""
    assert parse_schedule(format_schedule(periods)) == tuple(periods)


@settings(deadline=None)
@given(st.text("modifrsatuwe0123456789:-., ", max_size=30) | st.text(max_size=30))
def test_any_text(text: str) -> None:
    """Any text is a schedule with days in it, or refused; nothing else happens."""
    try:
        periods = parse_schedule(text)
    except ScheduleError:
        return
    assert all(period.weekdays for period in periods)
