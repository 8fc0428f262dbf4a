"""What a listed vehicle may do, and every reason why not."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.plate_gate.decision.rules import NoUsage, Rules, SiteRules, Usage
from custom_components.plate_gate.models import (
    Access,
    Direction,
    Movement,
    Period,
    Reason,
    Vehicle,
)

from .scene import NOON, vehicle

HOUR = timedelta(hours=1)
MORNING = Period(weekdays=frozenset({2}), start=time(8), end=time(12, 30))
"""Of a Wednesday, as `NOON` is one."""

ENTRY, EXIT, BOTH = Direction.ENTRY, Direction.EXIT, Direction.BOTH
APPROACHING, RECEDING, UNKNOWN = Movement


@dataclass
class Counted:
    """What has been counted, as it is said."""

    known: bool = True
    inside: int = 0
    used: int = 0
    on: dict[date, int] = field(default_factory=dict)
    is_in: bool = False

    def uses(self, vehicle_id: str) -> int:
        """Return how often."""
        return self.used

    def uses_on(self, vehicle_id: str, day: date) -> int:
        """Return how often on a day."""
        return self.on.get(day, 0)

    def is_inside(self, vehicle_id: str) -> bool:
        """Tell whether it is inside."""
        return self.is_in


def ours(**rights: Any) -> Vehicle:
    """Return a vehicle with some rights."""
    return replace(vehicle("AB12CDE"), **rights)


def refused(
    rules: Rules,
    now: datetime = NOON,
    movement: Movement = UNKNOWN,
    **rights: Any,
) -> list[Reason]:
    """Return why a vehicle with these rights is not let in."""
    return list(rules.refusals(ours(**rights), now, movement))


@pytest.mark.parametrize(
    ("rights", "reasons"),
    [
        ({}, []),
        ({"access": Access.BLOCK}, [Reason.BLOCKED]),
        ({"valid_from": NOON}, []),
        ({"valid_from": NOON + HOUR}, [Reason.NOT_YET_VALID]),
        ({"valid_until": NOON + HOUR}, []),
        ({"valid_until": NOON}, [Reason.EXPIRED]),
        ({"schedule": (MORNING,)}, []),
        ({"schedule": (replace(MORNING, end=time(12)),)}, [Reason.OUTSIDE_SCHEDULE]),
        ({"lanes": frozenset({"north", "south"})}, []),
        ({"lanes": frozenset({"south"})}, [Reason.WRONG_LANE]),
        ({"lanes": frozenset()}, [Reason.WRONG_LANE]),
    ],
)
@pytest.mark.parametrize("direction", Direction)
def test_what_is_written(
    rights: dict[str, Any], reasons: list[Reason], direction: Direction
) -> None:
    """What is written about the vehicle itself holds for each direction."""
    assert refused(Rules(lane="north", direction=direction), **rights) == reasons


def test_validity_in_the_hour_that_comes_twice() -> None:
    """At half past two for the second time, what ended at the first one has ended."""
    berlin = ZoneInfo("Europe/Berlin")
    first, again = (
        datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=berlin) for fold in (0, 1)
    )
    after, before = first.replace(minute=31), again.replace(minute=29)
    assert refused(Rules(), before, valid_until=first) == [Reason.EXPIRED]
    assert refused(Rules(), after, valid_until=again) == []
    assert refused(Rules(), after, valid_from=again) == [Reason.NOT_YET_VALID]
    assert refused(Rules(), before, valid_from=first) == []


def test_every_reason_is_told() -> None:
    """Who has one thing put right learns of the others before the next try."""
    rules = Rules(
        lane="north",
        movement=APPROACHING,
        site=SiteRules(occupancy=3),
        usage=Counted(used=2, on={NOON.date(): 1}, inside=3),
        standing=lambda v: (Reason.GATE_COOLING_DOWN, Reason.INTERLOCKED),
    )
    assert refused(
        rules,
        movement=RECEDING,
        access=Access.BLOCK,
        valid_from=NOON + HOUR,
        valid_until=NOON - HOUR,
        schedule=(replace(MORNING, end=time(12)),),
        lanes=frozenset({"south"}),
        uses=2,
        per_day=1,
    ) == [
        Reason.BLOCKED,
        Reason.NOT_YET_VALID,
        Reason.EXPIRED,
        Reason.OUTSIDE_SCHEDULE,
        Reason.WRONG_LANE,
        Reason.WRONG_DIRECTION,
        Reason.USES_UP,
        Reason.DAY_QUOTA_UP,
        Reason.SITE_FULL,
        Reason.GATE_COOLING_DOWN,
        Reason.INTERLOCKED,
    ]


def test_standing_is_asked_about_the_vehicle() -> None:
    """The gate may have a reason for one vehicle and none for another."""

    def cooling(one: Vehicle) -> tuple[Reason, ...]:
        return (Reason.VEHICLE_COOLING_DOWN,) if one.label == "Anna" else ()

    rules = Rules(standing=cooling)
    assert refused(rules, label="Anna") == [Reason.VEHICLE_COOLING_DOWN]
    assert refused(rules, label="Bob") == []


@pytest.mark.parametrize(
    ("asked", "moves", "passes"),
    [
        (None, APPROACHING, True),
        (None, RECEDING, True),
        (None, UNKNOWN, True),
        (APPROACHING, APPROACHING, True),
        (APPROACHING, RECEDING, False),
        (APPROACHING, UNKNOWN, True),
        (RECEDING, APPROACHING, False),
        (RECEDING, RECEDING, True),
        (RECEDING, UNKNOWN, True),
    ],
)
def test_movement(asked: Movement | None, moves: Movement, passes: bool) -> None:
    """Who drives off does not open the gate anew; who stands at it does."""
    reasons = [] if passes else [Reason.WRONG_DIRECTION]
    assert refused(Rules(movement=asked), movement=moves) == reasons


def test_asks_for_movement() -> None:
    """It matters where a movement is asked for, or tells who comes from who goes."""
    assert not Rules().asks_for_movement
    assert not Rules(direction=EXIT).asks_for_movement
    assert not Rules(direction=BOTH).asks_for_movement
    counts = SiteRules(anti_passback=True)
    assert Rules(direction=BOTH, site=counts).asks_for_movement
    assert not Rules(direction=ENTRY, site=counts).asks_for_movement
    assert Rules(movement=RECEDING).asks_for_movement


@pytest.mark.parametrize(
    ("direction", "ways"),
    [
        (ENTRY, [ENTRY, ENTRY, ENTRY]),
        (EXIT, [EXIT, EXIT, EXIT]),
        (BOTH, [ENTRY, EXIT, BOTH]),
    ],
)
def test_way(direction: Direction, ways: list[Direction]) -> None:
    """At a lane for both directions, the movement tells which one it is."""
    rules = Rules(direction=direction)
    assert [rules.way(movement) for movement in Movement] == ways


@pytest.mark.parametrize(
    ("direction", "movement", "counted"),
    [
        (ENTRY, UNKNOWN, True),
        (ENTRY, RECEDING, True),
        (EXIT, UNKNOWN, False),
        (EXIT, APPROACHING, False),
        (BOTH, APPROACHING, True),
        (BOTH, UNKNOWN, True),
        (BOTH, RECEDING, False),
    ],
)
def test_limits(direction: Direction, movement: Movement, counted: bool) -> None:
    """Limits are for those who come in, or might: nobody is kept from going out."""

    def reasons(**usage: Any) -> list[Reason]:
        rules = Rules(direction=direction, usage=Counted(**usage))
        return refused(rules, movement=movement, uses=3, per_day=2)

    today, yesterday = NOON.date(), (NOON - timedelta(days=1)).date()
    assert reasons(used=2, on={today: 1, yesterday: 9}) == []
    up = [Reason.USES_UP] if counted else []
    assert reasons(used=3) == reasons(used=4) == up
    quota = [Reason.DAY_QUOTA_UP] if counted else []
    assert reasons(on={today: 2}) == reasons(on={today: 3}) == quota
    unknown = [Reason.COUNTS_UNKNOWN] if counted else []
    assert reasons(known=False) == unknown


def test_without_limits_nothing_is_counted() -> None:
    """Who has no limit passes whatever was counted, or cannot be read."""
    usage = Counted(used=9, on={NOON.date(): 9}, inside=9, is_in=True)
    assert refused(Rules(usage=usage)) == []
    assert refused(Rules(usage=Counted(known=False))) == []


def test_the_day_is_the_sites() -> None:
    """A quota begins anew at midnight where the gate is."""
    late = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    rules = Rules(usage=Counted(on={date(2026, 7, 1): 1}))
    assert refused(rules, late, per_day=1) == [Reason.DAY_QUOTA_UP]
    assert refused(rules, late.astimezone(ZoneInfo("Europe/Berlin")), per_day=1) == []


@pytest.mark.parametrize(
    ("direction", "movement", "held"),
    [
        (ENTRY, UNKNOWN, True),
        (EXIT, UNKNOWN, False),
        (BOTH, APPROACHING, True),
        (BOTH, UNKNOWN, False),
        (BOTH, RECEDING, False),
    ],
)
def test_inside(direction: Direction, movement: Movement, held: bool) -> None:
    """Who is inside keeps out those who come in, and never locks anybody in."""

    def reasons(site: SiteRules, **usage: Any) -> list[Reason]:
        rules = Rules(direction=direction, site=site, usage=Counted(**usage))
        return refused(rules, movement=movement)

    passback, full = SiteRules(anti_passback=True), SiteRules(occupancy=2)
    assert reasons(passback, inside=1) == []
    already = [Reason.ALREADY_INSIDE] if held else []
    assert reasons(passback, inside=1, is_in=True) == already
    assert reasons(full, inside=1) == []
    too_many = [Reason.SITE_FULL] if held else []
    assert reasons(full, inside=2) == reasons(full, inside=3) == too_many
    assert reasons(full, inside=2, is_in=True) == []  # it has its place already
    unknown = [Reason.COUNTS_UNKNOWN] if held else []
    assert reasons(passback, known=False) == reasons(full, known=False) == unknown


def test_nobody_at_all() -> None:
    """A site for no vehicle lets none in."""
    rules = Rules(site=SiteRules(occupancy=0), usage=Counted())
    assert refused(rules) == [Reason.SITE_FULL]


def test_no_usage_is_usage() -> None:
    """A lane without limits counts nothing, and says so in the same words."""
    usage: Usage = NoUsage()
    assert usage.known
    assert usage.inside == usage.uses("1") == usage.uses_on("1", NOON.date()) == 0
    assert not usage.is_inside("1")


RIGHTS = st.builds(
    ours,
    access=st.sampled_from(Access),
    lanes=st.none() | st.frozensets(st.sampled_from(["north", "south"])),
    uses=st.none() | st.integers(1, 3),
    per_day=st.none() | st.integers(1, 3),
    schedule=st.sampled_from([(), (MORNING,), (replace(MORNING, end=time(12)),)]),
    valid_until=st.sampled_from([None, NOON, NOON + HOUR]),
)
COUNTED = st.builds(
    Counted,
    known=st.booleans(),
    inside=st.integers(0, 3),
    used=st.integers(0, 4),
    on=st.integers(0, 4).map(lambda n: {NOON.date(): n}),
    is_in=st.booleans(),
)
SITES = st.builds(
    SiteRules,
    occupancy=st.none() | st.integers(0, 3),
    anti_passback=st.booleans(),
)


@settings(deadline=None)
@given(RIGHTS, COUNTED, SITES, st.sampled_from(Direction), st.sampled_from(Movement))
def test_nothing_that_is_limited_passes_uncounted(
    one: Vehicle,
    usage: Counted,
    site: SiteRules,
    direction: Direction,
    movement: Movement,
) -> None:
    """Whatever the mixture: who passes is allowed to, and who goes is let out."""
    rules = Rules(lane="north", direction=direction, site=site, usage=usage)
    reasons = rules.refusals(one, NOON, movement)
    assert len(set(reasons)) == len(reasons)
    way = rules.way(movement)
    counts = {
        Reason.USES_UP,
        Reason.DAY_QUOTA_UP,
        Reason.ALREADY_INSIDE,
        Reason.SITE_FULL,
        Reason.COUNTS_UNKNOWN,
    }
    if way is EXIT:
        assert counts.isdisjoint(reasons)
    if not reasons:
        assert one.access is Access.ALLOW
        assert one.lanes is None or "north" in one.lanes
        if way is not EXIT:
            assert one.uses is None or (usage.known and usage.used < one.uses)
            today = usage.on[NOON.date()]
            assert one.per_day is None or (usage.known and today < one.per_day)
        if way is ENTRY and site.counts_inside:
            assert usage.known
            assert not (site.anti_passback and usage.is_in)
