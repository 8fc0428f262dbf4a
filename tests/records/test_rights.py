"""What is written about a vehicle: kept, refused, and never read as more."""

from collections.abc import Callable
from datetime import UTC, datetime, time
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.plate_gate.errors import (
    AllowlistDamagedError,
    AllowlistError,
    ScheduleError,
    ValidityError,
)
from custom_components.plate_gate.models import (
    Access,
    Assurance,
    Period,
    Plate,
    Vehicle,
)
from custom_components.plate_gate.records import Allowlist
from custom_components.plate_gate.records.allowlist_format import from_data, to_data

from .test_allowlist import GOOD, Memory

MORNING = Period(weekdays=frozenset({0, 4}), start=time(8), end=time(12, 30))
NIGHT = Period(weekdays=frozenset({5}), start=time(22), end=time(0))

ALL: dict[str, Any] = {
    "access": Access.BLOCK,
    "lanes": frozenset({"south", "north"}),
    "schedule": (MORNING, NIGHT),
    "uses": 3,
    "per_day": 1,
    "assurance": Assurance.CONFIRMATION,
    "presence": frozenset({"person.anna", "device_tracker.annas_phone"}),
    "pin": "scrypt$salt$hash",
}
WRITTEN: dict[str, Any] = {
    "access": "block",
    "lanes": ["north", "south"],
    "schedule": [
        {"days": [0, 4], "start": "08:00:00", "end": "12:30:00"},
        {"days": [5], "start": "22:00:00", "end": "00:00:00"},
    ],
    "uses": 3,
    "per_day": 1,
    "assurance": "confirmation",
    "presence": ["device_tracker.annas_phone", "person.anna"],
    "pin": "scrypt$salt$hash",
}


async def opened(memory: Memory) -> Allowlist:
    """Return the list that is kept somewhere."""
    allowlist = Allowlist(memory)
    await allowlist.load()
    return allowlist


async def test_added_and_kept() -> None:
    """All that can be written about a vehicle is there after a restart."""
    memory = Memory()
    allowlist = await opened(memory)
    ours = await allowlist.add("Guest", Plate("AB12CDE"), **ALL)
    assert ours == Vehicle(
        vehicle_id=ours.vehicle_id, label="Guest", plate=Plate("AB12CDE"), **ALL
    )
    assert (await opened(memory)).vehicles == (ours,)
    (item,) = json.loads(memory.saved)["vehicles"]
    assert item == {**GOOD, "id": ours.vehicle_id, **WRITTEN}


@pytest.mark.parametrize("key", ALL)
async def test_one_at_a_time(key: str) -> None:
    """What is not the default is written, nothing else, and can be taken back."""
    memory = Memory()
    allowlist = await opened(memory)
    ours = await allowlist.add("Guest", Plate("AB12CDE"))
    changes: dict[str, Any] = {key: ALL[key]}
    changed = await allowlist.change(ours.vehicle_id, **changes)
    assert getattr(changed, key) == ALL[key]
    assert (await opened(memory)).vehicles == (changed,)
    (item,) = json.loads(memory.saved)["vehicles"]
    assert item == {**GOOD, "id": ours.vehicle_id, key: WRITTEN[key]}
    back: dict[str, Any] = {key: getattr(ours, key)}
    assert await allowlist.change(ours.vehicle_id, **back) == ours
    assert json.loads(memory.saved)["vehicles"] == [{**GOOD, "id": ours.vehicle_id}]


async def test_other_changes_leave_them() -> None:
    """Who changes the label changes no right."""
    allowlist = await opened(Memory())
    ours = await allowlist.add("Guest", Plate("AB12CDE"), **ALL)
    changed = await allowlist.change(ours.vehicle_id, label="Friend")
    assert {key: getattr(changed, key) for key in ALL} == ALL


def test_files_from_before() -> None:
    """A list that was written before there were rights is read as it was."""
    assert from_data({"vehicles": [GOOD]}) == [
        Vehicle(vehicle_id="a1", label="Guest", plate=Plate("AB12CDE"))
    ]


BAD: list[tuple[str, Any, type[AllowlistError]]] = [
    ("access", "allow", ValidityError),
    ("access", None, ValidityError),
    ("lanes", frozenset(), ValidityError),
    ("lanes", frozenset({""}), ValidityError),
    ("uses", 0, ValidityError),
    ("uses", -1, ValidityError),
    ("uses", 1.5, ValidityError),
    ("uses", True, ValidityError),
    ("per_day", 0, ValidityError),
    ("per_day", True, ValidityError),
    ("assurance", "plate", ValidityError),
    ("presence", frozenset({"anna"}), ValidityError),
    ("presence", frozenset({"Person.Anna"}), ValidityError),
    ("presence", frozenset({"person.anna "}), ValidityError),
    ("presence", frozenset({""}), ValidityError),
    ("pin", "", ValidityError),
    (
        "schedule",
        (Period(weekdays=frozenset(), start=time(8), end=time(9)),),
        ScheduleError,
    ),
    (
        "schedule",
        (Period(weekdays=frozenset({7}), start=time(8), end=time(9)),),
        ScheduleError,
    ),
    (
        "schedule",
        (Period(weekdays=frozenset({1}), start=time(8, tzinfo=UTC), end=time(9)),),
        ScheduleError,
    ),
]


@pytest.mark.parametrize(("key", "value", "error"), BAD)
async def test_refused(key: str, value: Any, error: type[AllowlistError]) -> None:
    """What is no right, or lets nobody in ever, is refused and not saved."""
    memory = Memory()
    allowlist = await opened(memory)
    rights: dict[str, Any] = {key: value}
    with pytest.raises(error):
        await allowlist.add("Guest", Plate("AB12CDE"), **rights)
    ours = await allowlist.add("Guest", Plate("AB12CDE"))
    saves = memory.saves
    with pytest.raises(error):
        await allowlist.change(ours.vehicle_id, **rights)
    assert allowlist.vehicles == (ours,)
    assert memory.saves == saves


PERIOD = WRITTEN["schedule"][0]


@pytest.mark.parametrize(
    "bad",
    [
        {"access": "deny"},
        {"access": None},
        {"access": ["block"]},
        {"lanes": []},
        {"lanes": None},
        {"lanes": "north"},
        {"lanes": [1]},
        {"schedule": []},
        {"schedule": None},
        {"schedule": "mo-fr 08:00-12:00"},
        {"schedule": [None]},
        {"schedule": [{}]},
        *({"schedule": [{k: v for k, v in PERIOD.items() if k != g}]} for g in PERIOD),
        {"schedule": [{**PERIOD, "days": []}]},
        {"schedule": [{**PERIOD, "days": [7]}]},
        {"schedule": [{**PERIOD, "days": ["mo"]}]},
        {"schedule": [{**PERIOD, "days": [True]}]},
        {"schedule": [{**PERIOD, "days": 3}]},
        {"schedule": [{**PERIOD, "start": "eight"}]},
        {"schedule": [{**PERIOD, "end": 12}]},
        {"schedule": [{**PERIOD, "end": "12:00+02:00"}]},
        {"schedule": [{**PERIOD, "except": "holidays"}]},
        {"uses": 0},
        {"uses": None},
        {"uses": "3"},
        {"uses": True},
        {"uses": 2.0},
        {"per_day": 0},
        {"per_day": False},
        {"assurance": "fingerprint"},
        {"assurance": None},
        {"presence": ["anna"]},
        {"presence": "person.anna"},
        {"pin": ""},
        {"pin": 1234},
        {"curfew": "22:00"},
    ],
)
def test_never_read_as_more(bad: dict[str, Any]) -> None:
    """A right that is not understood damages the list, and says nothing of it."""
    with pytest.raises(AllowlistDamagedError) as caught:
        from_data({"vehicles": [{**GOOD, **bad}]})
    assert str(caught.value) == ""
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


VEHICLES = st.builds(
    Vehicle,
    vehicle_id=st.just("a1"),
    label=st.just("Guest"),
    plate=st.sampled_from([Plate("AB12CDE"), Plate("GÖAB123")]),
    valid_until=st.none() | st.just(datetime(2026, 7, 1, 12, tzinfo=UTC)),
    access=st.sampled_from(Access),
    lanes=st.none() | st.frozensets(st.text(min_size=1, max_size=5), min_size=1),
    schedule=st.lists(
        st.builds(
            Period,
            weekdays=st.frozensets(st.integers(0, 6), min_size=1),
            start=st.times(),
            end=st.times(),
        ),
        max_size=3,
    ).map(tuple),
    uses=st.none() | st.integers(1),
    per_day=st.none() | st.integers(1),
    assurance=st.none() | st.sampled_from(Assurance),
    presence=st.frozensets(
        st.from_regex(r"[a-z_]{1,5}\.[a-z0-9_]{1,5}", fullmatch=True)
    ),
    pin=st.none() | st.text(min_size=1),
)


@settings(deadline=None)
@given(VEHICLES)
def test_comes_back(ours: Vehicle) -> None:
    """What is written is read as the same, to the last right."""
    assert from_data(json.loads(json.dumps(to_data([ours])))) == [ours]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(WRITTEN)), JSON)
def test_any_damage(key: str, value: Any) -> None:
    """Whatever stands in the place of a right is one, or damage; nothing is ignored."""
    read: Callable[[], list[Vehicle]] = lambda: from_data(  # noqa: E731
        {"vehicles": [{**GOOD, key: value}]}
    )
    try:
        (ours,) = read()
    except AllowlistDamagedError:
        return
    (again,) = to_data([ours])["vehicles"]
    # An empty list of entities is the default, and is not written.
    assert again == {**GOOD, key: value} or (key == "presence" and value == [])


async def test_a_pin_does_not_print() -> None:
    """Not even what a PIN is checked against shows in a log."""
    allowlist = await opened(Memory())
    ours = await allowlist.add("Guest", Plate("AB12CDE"), pin="scrypt$salt$hash")
    assert "scrypt" not in repr(ours)
