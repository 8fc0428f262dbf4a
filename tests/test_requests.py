"""Tests of those who wait for a person: their events, and the actions that answer."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.const import STATE_OPEN, STATE_UNKNOWN
from homeassistant.core import Context, HomeAssistant, ServiceResponse
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.plate_gate import lane as lane_module
from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.gate import hash_pin
from custom_components.plate_gate.models import Assurance
from demo.cameras import HttpCamera

from .common import (
    GATE,
    LABEL,
    PLATE,
    STRANGER,
    GateCover,
    Recognizer,
    eventually,
    lane_data,
    lane_subentry,
    list_vehicle,
    set_up,
    site_entry,
    state_of,
)

ACCESS = "event.driveway_access"
REQUEST = "event.driveway_request"
UNKNOWN_VEHICLE = "event.driveway_unknown_vehicle"

PIN = "280417"


def attributes(hass: HomeAssistant, entity_id: str) -> dict[str, Any]:
    """Return the attributes of an entity."""
    state = hass.states.get(entity_id)
    assert state is not None
    return dict(state.attributes)


def event_type(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return what an event entity told last."""
    return attributes(hass, entity_id).get("event_type")


async def call(
    hass: HomeAssistant,
    action: str,
    data: Mapping[str, object],
    *,
    respond: bool = False,
    context: Context | None = None,
) -> ServiceResponse:
    """Call an action."""
    return await hass.services.async_call(
        DOMAIN,
        action,
        dict(data),
        blocking=True,
        return_response=respond,
        context=context,
    )


async def refusal(hass: HomeAssistant, action: str, **data: object) -> str | None:
    """Return with which text an action is refused."""
    with pytest.raises(ServiceValidationError) as raised:
        await call(hass, action, data)
    assert raised.value.translation_domain == DOMAIN
    return raised.value.translation_key


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    entity_registry: er.EntityRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> MockConfigEntry:
    """Return a site whose lane asks a person about everyone who comes."""
    monkeypatch.setattr(lane_module, "UNKNOWN_WAIT", 0.1)
    data = lane_data(camera.url(), assurance="confirmation")
    entry = site_entry(recognizer.url, lane_subentry(data))
    entry.add_to_hass(hass)
    # It is disabled at first.
    entity_registry.async_get_or_create(
        "event",
        DOMAIN,
        "lane1-unknown_vehicle",
        suggested_object_id="driveway_unknown_vehicle",
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def asked_about(
    hass: HomeAssistant, entry: MockConfigEntry, recognizer: Recognizer
) -> str:
    """Let a listed vehicle come and wait; return the id of the request."""
    recognizer.plates = [PLATE]
    await eventually(lambda: state_of(hass, REQUEST) != STATE_UNKNOWN)
    request_id: str = attributes(hass, REQUEST)["request_id"]
    return request_id


async def asked_about_stranger(hass: HomeAssistant, recognizer: Recognizer) -> str:
    """Let a vehicle come and wait that is not listed; return the id of the request."""
    recognizer.plates = [STRANGER]
    await eventually(lambda: state_of(hass, UNKNOWN_VEHICLE) != STATE_UNKNOWN)
    request_id: str = attributes(hass, UNKNOWN_VEHICLE)["request_id"]
    return request_id


async def test_listed_vehicle_that_is_confirmed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    recognizer: Recognizer,
    cover: GateCover,
) -> None:
    """A person is told who waits, says yes, and the gate opens for that vehicle."""
    vehicle_id = await list_vehicle(entry)
    request_id = await asked_about(hass, entry, recognizer)

    event = attributes(hass, REQUEST)
    expires = dt_util.parse_datetime(event.pop("expires"))
    assert expires is not None
    left = expires - dt_util.utcnow()
    assert timedelta(seconds=30) < left <= timedelta(seconds=60)
    assert event == {
        "event_types": [
            "confirmation_needed",
            "announced",
            "confirmed",
            "ignored",
            "expired",
        ],
        "event_type": "confirmation_needed",
        "request_id": request_id,
        "vehicle": LABEL,
        "vehicle_id": vehicle_id,
        "reasons": ["exact_text", "agreeing_frames"],
        "friendly_name": "Driveway Request",
    }
    assert cover.opened == 0
    assert state_of(hass, UNKNOWN_VEHICLE) == STATE_UNKNOWN

    answer = await call(hass, "confirm", {"request_id": request_id}, respond=True)

    assert answer == {"opened": True}
    assert cover.opened == 1
    assert state_of(hass, GATE) == STATE_OPEN
    assert event_type(hass, REQUEST) == "confirmed"
    assert attributes(hass, REQUEST)["request_id"] == request_id
    access = attributes(hass, ACCESS)
    assert (access["event_type"], access["opened"]) == ("granted", True)
    assert "confirmed" in access["reasons"]
    assert await refusal(hass, "confirm", request_id=request_id) == "confirmation_gone"
    assert await refusal(hass, "ignore", request_id=request_id) == "confirmation_gone"


async def test_listed_vehicle_that_is_ignored(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    recognizer: Recognizer,
    cover: GateCover,
) -> None:
    """A no is final for this request."""
    await list_vehicle(entry)
    request_id = await asked_about(hass, entry, recognizer)
    await call(hass, "ignore", {"request_id": request_id})

    assert event_type(hass, REQUEST) == "ignored"
    assert await refusal(hass, "confirm", request_id=request_id) == "confirmation_gone"
    assert cover.opened == 0


async def test_unknown_vehicle(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    recognizer: Recognizer,
    cover: GateCover,
) -> None:
    """That somebody waits is told, and nothing else; a person may open."""
    request_id = await asked_about_stranger(hass, recognizer)
    event = attributes(hass, UNKNOWN_VEHICLE)
    assert event.pop("expires")
    assert event == {
        "event_types": ["waiting", "confirmed", "ignored", "expired"],
        "event_type": "waiting",
        "request_id": request_id,
        "friendly_name": "Driveway Unknown vehicle",
    }

    await call(hass, "confirm", {"request_id": request_id})

    assert cover.opened == 1
    assert event_type(hass, UNKNOWN_VEHICLE) == "confirmed"
    for other in (REQUEST, ACCESS):
        assert state_of(hass, other) == STATE_UNKNOWN


async def test_who_has_left_is_not_opened_for(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    recognizer: Recognizer,
    cover: GateCover,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A request ends with its vehicle."""
    request_id = await asked_about_stranger(hass, recognizer)
    recognizer.plates = []
    lane = entry.runtime_data.lanes["lane1"].lane
    # It has gone: the lane's clock runs ahead.
    monkeypatch.setattr(lane, "_clock", lambda: lane._source._clock() + 60)
    await eventually(lambda: event_type(hass, UNKNOWN_VEHICLE) == "expired")

    assert await refusal(hass, "confirm", request_id=request_id) == "confirmation_gone"
    assert cover.opened == 0


async def test_unknown_vehicle_is_not_told_of_by_itself(
    hass: HomeAssistant, recognizer: Recognizer, entity_registry: er.EntityRegistry
) -> None:
    """Whoever wants to be told of strangers has to enable that."""
    data = lane_data("http://127.0.0.1:1/")
    await set_up(hass, site_entry(recognizer.url, lane_subentry(data)))

    registered = entity_registry.async_get(UNKNOWN_VEHICLE)
    assert registered is not None
    assert registered.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert hass.states.get(UNKNOWN_VEHICLE) is None


async def test_announcement(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    recognizer: Recognizer,
    cover: GateCover,
) -> None:
    """A vehicle that is only announced is told of; there is nothing to answer."""
    vehicle_id = await list_vehicle(entry)
    allowlist = entry.runtime_data.allowlist
    await allowlist.change(vehicle_id, assurance=Assurance.ANNOUNCE)
    recognizer.plates = [PLATE]
    await eventually(lambda: state_of(hass, REQUEST) != STATE_UNKNOWN)

    event = attributes(hass, REQUEST)
    assert event["event_type"] == "announced"
    assert event["vehicle"] == LABEL
    assert event["request_id"] is None
    assert event["expires"] is None
    assert "announce_only" in attributes(hass, ACCESS)["reasons"]
    assert cover.opened == 0


async def test_pin(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    recognizer: Recognizer,
    cover: GateCover,
) -> None:
    """The PIN of the vehicle that waits opens, and another one does not."""
    vehicle_id = await list_vehicle(entry)
    pin = await hass.async_add_executor_job(hash_pin, PIN)
    await entry.runtime_data.allowlist.change(vehicle_id, pin=pin)
    assert await refusal(hass, "enter_pin", pin=PIN) == "confirmation_gone"
    await asked_about(hass, entry, recognizer)

    assert await refusal(hass, "enter_pin", pin="0000") == "pin_wrong"
    assert cover.opened == 0
    answer = await call(
        hass, "enter_pin", {"pin": PIN, "lane": "driveway"}, respond=True
    )

    assert answer == {"opened": True}
    assert cover.opened == 1
    assert event_type(hass, REQUEST) == "confirmed"


async def test_too_many_wrong_pins(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    recognizer: Recognizer,
    cover: GateCover,
) -> None:
    """Whoever guesses is locked out before the right one is found."""
    vehicle_id = await list_vehicle(entry)
    pin = await hass.async_add_executor_job(hash_pin, PIN)
    await entry.runtime_data.allowlist.change(vehicle_id, pin=pin)
    await asked_about(hass, entry, recognizer)

    keys = [await refusal(hass, "enter_pin", pin=f"000{n}") for n in range(8)]

    assert keys[0] == "pin_wrong"
    assert keys[-1] == "pin_locked"
    assert await refusal(hass, "enter_pin", pin=PIN) == "pin_locked"
    assert cover.opened == 0


async def test_which_lane_a_pin_is_for(
    hass: HomeAssistant, recognizer: Recognizer, device_registry: dr.DeviceRegistry
) -> None:
    """With several lanes one is named, by its name, its id or its device."""
    far = lane_data("http://127.0.0.1:1/")
    entry = site_entry(
        recognizer.url,
        lane_subentry(far),
        lane_subentry(far, "Yard", "lane2"),
        lane_subentry(far, "yard", "lane3"),
    )
    await set_up(hass, entry)
    (device,) = (
        device
        for device in dr.async_entries_for_config_entry(device_registry, entry.entry_id)
        if (DOMAIN, "lane2") in device.identifiers
    )

    # A device of another integration, whose identifier has three parts.
    stranger = device_registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={("other", "lane2", "3")},  # type: ignore[arg-type]
    )
    for lane, key in (
        (stranger.id, "lane_unknown"),
        ("Driveway", "confirmation_gone"),
        ("lane3", "confirmation_gone"),
        (device.id, "confirmation_gone"),
        ("Yard", "lane_ambiguous"),
        ("Cellar", "lane_unknown"),
    ):
        assert await refusal(hass, "enter_pin", pin=PIN, lane=lane) == key
    assert await refusal(hass, "enter_pin", pin=PIN) == "lane_ambiguous"


async def test_no_lane_to_enter_a_pin_at(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """A site without lanes has nobody waiting."""
    await set_up(hass, site_entry(recognizer.url))
    assert await refusal(hass, "enter_pin", pin=PIN) == "lane_unknown"
    assert await refusal(hass, "confirm", request_id="1") == "confirmation_gone"


async def test_gate_that_fails(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    recognizer: Recognizer,
    cover: GateCover,
) -> None:
    """Who says yes is told that the gate did not open."""
    await list_vehicle(entry)
    request_id = await asked_about(hass, entry, recognizer)
    cover.failure = HomeAssistantError("stuck")

    with pytest.raises(HomeAssistantError) as raised:
        await call(hass, "confirm", {"request_id": request_id})

    assert not isinstance(raised.value, ServiceValidationError)
    assert raised.value.translation_key == "gate_unavailable"
    assert raised.value.__suppress_context__
    assert attributes(hass, ACCESS)["reasons"][-1] == "gate_failed"


async def test_pin_at_a_gate_that_fails(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    recognizer: Recognizer,
    cover: GateCover,
) -> None:
    """Who types the PIN is told, too."""
    vehicle_id = await list_vehicle(entry)
    pin = await hass.async_add_executor_job(hash_pin, PIN)
    await entry.runtime_data.allowlist.change(vehicle_id, pin=pin)
    await asked_about(hass, entry, recognizer)
    cover.failure = HomeAssistantError("stuck")

    with pytest.raises(HomeAssistantError) as raised:
        await call(hass, "enter_pin", {"pin": PIN})

    assert raised.value.translation_key == "gate_unavailable"


async def test_who_may_answer(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    recognizer: Recognizer,
    cover: GateCover,
    hass_read_only_user: MockUser,
) -> None:
    """Who may use the gate may answer, administrator or not; nobody else may."""
    member = MockUser().add_to_hass(hass)
    member.mock_policy({"entities": {"entity_ids": {GATE: True}}})
    guest = Context(user_id=hass_read_only_user.id)
    await list_vehicle(entry)
    request_id = await asked_about(hass, entry, recognizer)
    data = {"request_id": request_id}

    for action, given in (
        ("confirm", data),
        ("ignore", data),
        ("enter_pin", {"pin": PIN}),
    ):
        with pytest.raises(Unauthorized):
            await call(hass, action, given, context=guest)
        with pytest.raises(UnknownUser):
            await call(hass, action, given, context=Context(user_id="nobody"))
    assert cover.opened == 0

    await call(hass, "confirm", data, context=Context(user_id=member.id))
    assert cover.opened == 1


@pytest.mark.parametrize("action", ["confirm", "ignore"])
async def test_answer_at_the_moment_at_which_the_vehicle_leaves(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    recognizer: Recognizer,
    cover: GateCover,
    monkeypatch: pytest.MonkeyPatch,
    action: str,
) -> None:
    """An answer for a vehicle that has just left, which nobody has been told, is late."""
    await list_vehicle(entry)
    request_id = await asked_about(hass, entry, recognizer)
    lane = entry.runtime_data.lanes["lane1"].lane
    monkeypatch.setattr(lane._admission.requests, "_is_here", lambda arrival: False)
    monkeypatch.setattr(lane._admission.requests, "lapse", list)

    assert await refusal(hass, action, request_id=request_id) == "confirmation_gone"
    assert cover.opened == 0


async def test_answer_for_one_of_several_sites(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    recognizer: Recognizer,
    cover: GateCover,
) -> None:
    """A request names its lane by itself, however many sites there are, loaded or not."""
    async with Recognizer() as one, Recognizer() as two:
        far = lane_subentry(lane_data("http://127.0.0.1:1/"), "Yard", "lane2")
        others = [
            site_entry(one.url, far, entry_id="00BEFORE"),
            site_entry(two.url, entry_id="00STOPPED"),
        ]
        for other in others:
            await set_up(hass, other)
        await hass.config_entries.async_unload("00STOPPED")
        await list_vehicle(entry)
        request_id = await asked_about(hass, entry, recognizer)

        await call(hass, "confirm", {"request_id": request_id})
        assert await refusal(hass, "confirm", request_id="x") == "confirmation_gone"

        assert cover.opened == 1
