"""What it takes besides the plate: by kind of gate, by lane and by vehicle."""

from itertools import product

from homeassistant.components.cover import CoverDeviceClass
from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest

from custom_components.plate_gate.gate import GATE_DOMAINS
from custom_components.plate_gate.gate.assurance import asked, least_assurance
from custom_components.plate_gate.models import Assurance, Plate, Vehicle
from tests.common import GATE

LEVELS = tuple(Assurance)


def vehicle(assurance: Assurance | None = None) -> Vehicle:
    """Return a vehicle that asks for something."""
    return Vehicle(
        vehicle_id="1",
        label="Anna's car",
        plate=Plate("AB12CDE"),
        assurance=assurance,
    )


@pytest.mark.parametrize("device_class", CoverDeviceClass)
def test_covers(hass: HomeAssistant, device_class: CoverDeviceClass) -> None:
    """A garage and a house door ask for presence, a gate and the like do not."""
    hass.states.async_set(GATE, "closed", {ATTR_DEVICE_CLASS: device_class})

    house = device_class in {CoverDeviceClass.GARAGE, CoverDeviceClass.DOOR}
    expected = Assurance.PRESENCE if house else Assurance.PLATE
    assert least_assurance(hass, GATE) is expected


@pytest.mark.parametrize("domain", GATE_DOMAINS)
def test_kinds_of_gate(hass: HomeAssistant, domain: str) -> None:
    """A lock asks for presence, whatever is known of it."""
    entity_id = f"{domain}.gate"
    expected = Assurance.PRESENCE if domain == "lock" else Assurance.PLATE
    if domain != "cover":
        assert least_assurance(hass, entity_id) is expected
    hass.states.async_set(entity_id, "unavailable")
    assert least_assurance(hass, entity_id) is expected


def test_a_cover_that_nobody_knows(hass: HomeAssistant) -> None:
    """It may be a garage, so it asks for presence."""
    assert least_assurance(hass, "cover.typo") is Assurance.PRESENCE


@pytest.mark.parametrize(
    ("original", "chosen", "expected"),
    [
        ("garage", None, Assurance.PRESENCE),
        ("gate", None, Assurance.PLATE),
        ("gate", "door", Assurance.PRESENCE),
        ("garage", "gate", Assurance.PLATE),
        (None, None, Assurance.PLATE),
    ],
)
def test_a_cover_without_a_state(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    original: str | None,
    chosen: str | None,
    expected: Assurance,
) -> None:
    """While its integration is not there, the registry knows what it is."""
    entity_id = entity_registry.async_get_or_create(
        "cover", "demo", "1", original_device_class=original
    ).entity_id
    entity_registry.async_update_entity(entity_id, device_class=chosen)

    assert hass.states.get(entity_id) is None
    assert least_assurance(hass, entity_id) is expected


async def test_a_real_group(hass: HomeAssistant) -> None:
    """A group of covers says what is in it, as does a scene."""
    hass.states.async_set("cover.garage", "closed", {ATTR_DEVICE_CLASS: "garage"})
    assert await async_setup_component(
        hass,
        "cover",
        {"cover": {"platform": "group", "name": "Doors", "entities": ["cover.garage"]}},
    )
    assert await async_setup_component(
        hass,
        "scene",
        {"scene": {"name": "Home", "entities": {"lock.front": "unlocked"}}},
    )
    await hass.async_block_till_done()

    assert hass.states.get("cover.doors") is not None
    assert least_assurance(hass, "cover.doors") is Assurance.PRESENCE
    assert least_assurance(hass, "scene.home") is Assurance.PRESENCE


def test_a_group_in_a_circle(hass: HomeAssistant) -> None:
    """Groups that hold each other come to an end."""
    hass.states.async_set("cover.one", "closed", {ATTR_ENTITY_ID: ["cover.two"]})
    hass.states.async_set("cover.two", "closed", {ATTR_ENTITY_ID: ["cover.one"]})

    assert least_assurance(hass, "cover.one") is Assurance.PLATE


@pytest.mark.usefixtures("cover")
def test_a_real_cover(hass: HomeAssistant) -> None:
    """A cover that says nothing of its kind is taken for a gate."""
    assert least_assurance(hass, GATE) is Assurance.PLATE


@pytest.mark.parametrize("lane", [None, *LEVELS])
@pytest.mark.parametrize("own", [None, *LEVELS])
@pytest.mark.parametrize("least", [Assurance.PLATE, Assurance.PRESENCE])
def test_the_most_is_asked_for(
    lane: Assurance | None, own: Assurance | None, least: Assurance
) -> None:
    """Nobody can ask for less than another asks for."""
    found = asked(vehicle(own), lane, least)

    assert found in {lane, own, least}
    assert all(level.rank <= found.rank for level in (lane, own, least) if level)


@pytest.mark.parametrize(("lane", "own"), product(LEVELS, [None, *LEVELS]))
def test_a_written_reason(lane: Assurance, own: Assurance | None) -> None:
    """With a reason the kind of gate asks for nothing; vehicle and lane still do."""
    found = asked(vehicle(own), lane, Assurance.PRESENCE, overridden=True)

    assert found.rank == max(lane.rank, own.rank if own else 0)


def test_a_reason_alone() -> None:
    """A reason for nothing in particular lowers nothing."""
    found = asked(vehicle(), None, Assurance.PRESENCE, overridden=True)

    assert found is Assurance.PRESENCE
