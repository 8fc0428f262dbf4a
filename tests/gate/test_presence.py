"""Who counts as present, with real states, real persons and a frozen clock."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import (
    ATTR_RESTORED,
    EVENT_HOMEASSISTANT_STARTED,
    STATE_HOME,
    STATE_UNAVAILABLE,
)
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.setup import async_setup_component
from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.plate_gate.gate.presence import (
    FRESH,
    PRESENCE_DOMAINS,
    async_watch_start,
    is_present,
)

TRACKER = "device_tracker.phone"
BEACON = "device_tracker.beacon"
SENSOR = "binary_sensor.car"
PERSON = "person.anna"


@pytest.fixture(autouse=True)
def _noon(freezer: FrozenDateTimeFactory) -> None:
    """Begin at noon."""
    freezer.move_to("2026-07-01 12:00:00+00:00")


async def set_up_person(hass: HomeAssistant) -> None:
    """Add a person with a phone and a beacon."""
    person = {"id": "1", "name": "Anna", "device_trackers": [TRACKER, BEACON]}
    assert await async_setup_component(hass, "person", {"person": [person]})
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("entity_id", "state", "present"),
    [
        (TRACKER, "home", True),
        (TRACKER, "not_home", False),
        (TRACKER, "Work", False),
        (TRACKER, "on", False),
        (TRACKER, "unknown", False),
        (TRACKER, "unavailable", False),
        (SENSOR, "on", True),
        (SENSOR, "off", False),
        (SENSOR, "home", False),
        (SENSOR, "unknown", False),
        (SENSOR, "unavailable", False),
        ("input_boolean.here", "on", True),
        ("input_boolean.here", "off", False),
        ("switch.here", "on", False),
        ("group.family", "home", False),
        ("zone.home", "1", False),
        # Without a tracker that it is home by, nobody knows since when.
        (PERSON, "home", False),
    ],
)
def test_states(hass: HomeAssistant, entity_id: str, state: str, present: bool) -> None:
    """Only what says "here" in the words of its kind counts."""
    hass.states.async_set(entity_id, state)

    assert is_present(hass, [entity_id]) is present


def test_nobody_asked(hass: HomeAssistant) -> None:
    """No entity, or one that does not exist, is nobody."""
    assert not is_present(hass, [])
    assert not is_present(hass, ["device_tracker.gone", "nonsense"])


def test_any_is_enough(hass: HomeAssistant) -> None:
    """One of several entities is enough."""
    hass.states.async_set(TRACKER, "not_home")
    hass.states.async_set(SENSOR, "on")

    assert is_present(hass, [TRACKER, SENSOR])
    assert is_present(hass, frozenset({SENSOR, TRACKER}))
    assert not is_present(hass, [TRACKER])


@pytest.mark.parametrize(
    ("age", "present"), [(0, True), (119, True), (120, True), (121, False)]
)
@pytest.mark.parametrize(("entity_id", "state"), [(TRACKER, "home"), (SENSOR, "on")])
def test_age(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entity_id: str,
    state: str,
    age: int,
    present: bool,
) -> None:
    """A report counts for two minutes."""
    hass.states.async_set(entity_id, state)
    freezer.tick(timedelta(seconds=age))

    assert is_present(hass, [entity_id]) is present


def test_said_again(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """A tracker that reports the same again is fresh, though nothing changes."""
    hass.states.async_set(TRACKER, "home")
    freezer.tick(timedelta(hours=1))
    assert not is_present(hass, [TRACKER])
    hass.states.async_set(TRACKER, "home")
    state = hass.states.get(TRACKER)

    assert state is not None
    assert state.last_changed < state.last_reported
    assert is_present(hass, [TRACKER])


@pytest.mark.parametrize("back", [1, 60, 3600])
def test_a_clock_that_jumps_back(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, back: int
) -> None:
    """A report of the future was made by a wrong clock."""
    hass.states.async_set(TRACKER, "home")
    freezer.tick(timedelta(seconds=-back))

    assert not is_present(hass, [TRACKER])


async def test_a_person_by_a_tracker(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A person is as fresh as its tracker, and need not say anything itself."""
    hass.states.async_set(TRACKER, "home", {"source_type": "gps"})
    await set_up_person(hass)
    state = hass.states.get(PERSON)
    assert state is not None
    assert (state.state, state.attributes["source"]) == ("home", TRACKER)
    assert is_present(hass, [PERSON])

    freezer.tick(timedelta(seconds=100))
    hass.states.async_set(TRACKER, "home", {"source_type": "gps"})
    freezer.tick(timedelta(seconds=100))
    assert hass.states.get(PERSON) is state, "the person does not say it again"
    assert is_present(hass, [PERSON])

    freezer.tick(timedelta(seconds=21))
    assert not is_present(hass, [PERSON])


async def test_a_person_who_is_written_anew(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """That another tracker changes makes nobody fresh who is home by a stale one."""
    hass.states.async_set(TRACKER, "home", {"source_type": "router"})
    hass.states.async_set(BEACON, "home", {"source_type": "bluetooth_le"})
    await set_up_person(hass)
    freezer.tick(timedelta(hours=1))
    hass.states.async_set(BEACON, "not_home", {"source_type": "bluetooth_le"})
    await hass.async_block_till_done()

    state = hass.states.get(PERSON)
    assert state is not None
    assert (state.state, state.attributes["source"]) == ("home", TRACKER)
    freezer.tick(timedelta(seconds=1))
    assert not is_present(hass, [PERSON])


async def test_a_person_by_any_tracker(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A phone that has just come home counts, though a router has known it for long."""
    hass.states.async_set(BEACON, "home", {"source_type": "router"})
    await set_up_person(hass)
    freezer.tick(timedelta(hours=1))
    assert not is_present(hass, [PERSON])
    hass.states.async_set(TRACKER, "home", {"source_type": "gps"})
    await hass.async_block_till_done()

    state = hass.states.get(PERSON)
    assert state is not None
    assert state.attributes["source"] == BEACON
    assert is_present(hass, [PERSON])


@pytest.mark.parametrize(
    "trackers", [None, [], TRACKER, [PERSON], [SENSOR], ["device_tracker.gone"]]
)
def test_a_person_without_a_tracker(hass: HomeAssistant, trackers: object) -> None:
    """Nobody knows when a person was seen that no tracker has seen."""
    hass.states.async_set(TRACKER, "home")
    hass.states.async_set(SENSOR, "on")
    hass.states.async_set(PERSON, "home", {"device_trackers": trackers})

    assert not is_present(hass, [PERSON])


def test_a_person_elsewhere(hass: HomeAssistant) -> None:
    """A person that is not home is not here, though a tracker is."""
    hass.states.async_set(TRACKER, "home")
    hass.states.async_set(PERSON, "not_home", {"device_trackers": [TRACKER]})

    assert not is_present(hass, [PERSON])


async def test_states_from_before_the_start(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """What is written anew while Home Assistant starts tells of nobody."""
    hass.set_state(CoreState.starting)
    async_watch_start(hass)
    hass.states.async_set(TRACKER, "home")
    assert not is_present(hass, [TRACKER])

    freezer.tick(timedelta(seconds=5))
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    assert not is_present(hass, [TRACKER])

    freezer.tick(timedelta(seconds=1))
    hass.states.async_set(TRACKER, "home")
    assert is_present(hass, [TRACKER])


@pytest.mark.parametrize("registered", [True, False])
async def test_states_from_before_a_reload(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, registered: bool
) -> None:
    """What an integration that is loaded again remembers is no news; what follows is."""
    async_watch_start(hass)
    hass.states.async_set(TRACKER, STATE_HOME)
    assert is_present(hass, [TRACKER])
    freezer.tick(FRESH + 1)
    assert not is_present(hass, [TRACKER])

    if registered:
        # So Home Assistant leaves an entity of the registry that is unloaded.
        hass.states.async_set(TRACKER, STATE_UNAVAILABLE, {ATTR_RESTORED: True})
    else:
        hass.states.async_remove(TRACKER)
    await hass.async_block_till_done()
    freezer.tick(1)
    hass.states.async_set(TRACKER, STATE_HOME)
    await hass.async_block_till_done()
    assert not is_present(hass, [TRACKER])

    freezer.tick(10)
    hass.states.async_set(TRACKER, STATE_HOME)
    assert is_present(hass, [TRACKER])


@pytest.mark.parametrize("state", [s for s in CoreState if s is not CoreState.running])
def test_only_while_it_runs(hass: HomeAssistant, state: CoreState) -> None:
    """While Home Assistant starts or stops, nobody is present."""
    hass.states.async_set(TRACKER, "home")
    before = hass.state
    hass.set_state(state)
    try:
        assert not is_present(hass, [TRACKER])
    finally:
        hass.set_state(before)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["home", "not_home", "on", "off", "unknown", "unavailable"]),
        st.integers(-400, 400),
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS, entity_id=st.sampled_from([TRACKER, SENSOR, "input_boolean.here"]))
def test_no_history_makes_the_stale_present(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    steps: list[tuple[str, int]],
    entity_id: str,
) -> None:
    """Whatever states and clock did: who is present said so within two minutes."""
    clock = said = 0
    here = "home" if entity_id == TRACKER else "on"
    for state, seconds in steps:
        hass.states.async_set(entity_id, state)
        said = clock
        freezer.tick(timedelta(seconds=seconds))
        clock += seconds
        expected = state == here and 0 <= clock - said <= FRESH
        assert is_present(hass, [entity_id]) is expected


def test_the_kinds_are_known() -> None:
    """The form offers what counts."""
    assert set(PRESENCE_DOMAINS) == {
        "person",
        "device_tracker",
        "binary_sensor",
        "input_boolean",
    }
