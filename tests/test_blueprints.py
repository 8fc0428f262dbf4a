"""Tests of the blueprints, in the automations of a real Home Assistant."""

from datetime import timedelta
from pathlib import Path
import shutil

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.const import BLUEPRINT_FOLDER
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util, yaml as yaml_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from custom_components.plate_gate import lane as lane_module
from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.event import ACCESS, REQUEST, UNKNOWN_VEHICLE
from demo.cameras import HttpCamera

from .common import (
    GATE,
    LABEL,
    LANE,
    PLATE,
    STRANGER,
    GateCover,
    Recognizer,
    eventually,
    lane_data,
    lane_subentry,
    list_vehicle,
    set_up as set_up_site,
    site_entry,
    state_of,
)
from .source import ROOT

BLUEPRINTS = ROOT / "blueprints" / "automation" / "plate_gate"
NAMES = sorted(path.name for path in BLUEPRINTS.glob("*.yaml"))

AUTOMATION = "automation.gate_keeper"
CAMERA = "camera.porch"
LATE = 61.0

REQUEST_ID = "5f0c1d2e3a4b"

type Calls = list[ServiceCall]


@pytest.fixture(autouse=True)
def _blueprints(hass: HomeAssistant, tmp_path: Path) -> None:
    """Put the blueprints where Home Assistant looks for them."""
    hass.config.config_dir = str(tmp_path)
    shutil.copytree(BLUEPRINTS, tmp_path / BLUEPRINT_FOLDER / "automation/plate_gate")


@pytest.fixture
def phones(hass: HomeAssistant, device_registry: dr.DeviceRegistry) -> list[str]:
    """Return two phones with the app; one has a name of its owner's choice."""
    entry = MockConfigEntry(domain="mobile_app")
    entry.add_to_hass(hass)
    devices = [
        device_registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            identifiers={("mobile_app", name)},
            name=name,
        )
        for name in ("Anna's phone", "Ben")
    ]
    device_registry.async_update_device(devices[1].id, name_by_user="Benjamin")
    return [device.id for device in devices]


@pytest.fixture
def pushes(hass: HomeAssistant) -> dict[str, Calls]:
    """Return what is pushed to each phone."""
    return {
        name: async_mock_service(hass, "notify", f"mobile_app_{name}")
        for name in ("anna_s_phone", "ben")
    }


@pytest.fixture
def lane(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> dict[str, str]:
    """Return the entity ids of a lane's events, which nothing has happened at yet."""
    entry = MockConfigEntry(domain=DOMAIN)
    entry.add_to_hass(hass)
    device = device_registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "lane1")}, name=LANE
    )
    found = {}
    for description in (ACCESS, REQUEST, UNKNOWN_VEHICLE):
        registered = entity_registry.async_get_or_create(
            "event",
            DOMAIN,
            f"lane1-{description.key}",
            config_entry=entry,
            device_id=device.id,
        )
        found[description.key] = registered.entity_id
        hass.states.async_set(registered.entity_id, STATE_UNKNOWN)
    return found


async def set_up(hass: HomeAssistant, blueprint: str, **inputs: object) -> None:
    """Set an automation up from a blueprint."""
    used = {"path": f"plate_gate/{blueprint}.yaml", "input": inputs}
    assert await async_setup_component(
        hass,
        "automation",
        {"automation": {"alias": "Gate keeper", "use_blueprint": used}},
    )
    await hass.async_block_till_done()
    state = hass.states.get(AUTOMATION)
    assert state is not None
    assert state.state == "on"


async def happens(
    hass: HomeAssistant, entity_id: str, event_type: str, **attributes: object
) -> None:
    """Let an event entity tell of something."""
    now = dt_util.utcnow().isoformat(timespec="microseconds")
    hass.states.async_set(
        entity_id, now, {"event_type": event_type, **attributes}, force_update=True
    )
    await hass.async_block_till_done()


async def waits(
    hass: HomeAssistant, entity_id: str, event_type: str, **attributes: object
) -> None:
    """Let somebody wait for an answer, which counts for a minute."""
    expires = dt_util.utcnow() + timedelta(seconds=60)
    await happens(
        hass,
        entity_id,
        event_type,
        request_id=REQUEST_ID,
        expires=expires.isoformat(),
        **attributes,
    )


async def tap(hass: HomeAssistant, action: str) -> None:
    """Press a button of a notification."""
    hass.bus.async_fire("mobile_app_notification_action", {"action": action})
    await hass.async_block_till_done()


def buttons(call: ServiceCall) -> dict[str, str]:
    """Return the buttons of a notification, with what the app says when pressed."""
    return {one["title"]: one["action"] for one in call.data["data"]["actions"]}


def confirms(hass: HomeAssistant, failure: Exception | None = None) -> Calls:
    """Take the calls that confirm a request, and answer them."""
    calls: Calls = async_mock_service(
        hass,
        DOMAIN,
        "confirm",
        response={"opened": True},
        supports_response=SupportsResponse.OPTIONAL,
        raise_exception=failure,
    )
    return calls


ASKING = [
    ("unknown_vehicle", "unknown_vehicle", "waiting", {}, "An unknown vehicle waits."),
    (
        "confirm_vehicle",
        "request",
        "confirmation_needed",
        {"vehicle": LABEL},
        f"{LABEL} waits. Open?",
    ),
]
"""Blueprint, event entity, event type, attributes and message."""


@pytest.mark.parametrize(("blueprint", "key", "kind", "more", "message"), ASKING)
async def test_question(
    hass: HomeAssistant,
    lane: dict[str, str],
    phones: list[str],
    pushes: dict[str, Calls],
    freezer: FrozenDateTimeFactory,
    blueprint: str,
    key: str,
    kind: str,
    more: dict[str, str],
    message: str,
) -> None:
    """Each phone is asked once, with the live picture and a button for each answer."""
    await set_up(hass, blueprint, events=[lane[key]], phones=phones, camera=CAMERA)
    await waits(hass, lane[key], kind, **more)

    for (call,) in pushes.values():
        assert call.data["title"] == LANE
        assert call.data["message"] == message
        data = call.data["data"]
        assert data["image"] == f"/api/camera_proxy/{CAMERA}"
        assert data["timeout"] == 60
        assert data["tag"] == f"plate_gate_{REQUEST_ID}"
        assert list(buttons(call)) == ["Open", "Ignore"]
        assert [one.get("authenticationRequired") for one in data["actions"]] == [
            True,
            None,
        ]


@pytest.mark.parametrize(("blueprint", "key", "kind", "more", "message"), ASKING)
@pytest.mark.parametrize(
    ("title", "called"), [("Open", "confirm"), ("Ignore", "ignore")]
)
async def test_answer(
    hass: HomeAssistant,
    lane: dict[str, str],
    phones: list[str],
    pushes: dict[str, Calls],
    blueprint: str,
    key: str,
    kind: str,
    more: dict[str, str],
    message: str,
    title: str,
    called: str,
) -> None:
    """An answer is passed on for the request that was asked about, and no other."""
    calls = {
        "confirm": confirms(hass),
        "ignore": async_mock_service(hass, DOMAIN, "ignore"),
    }
    await set_up(hass, blueprint, events=[lane[key]], phones=phones)
    await waits(hass, lane[key], kind, **more)
    (call,) = pushes["ben"]
    assert "image" not in call.data["data"]

    await tap(hass, buttons(call)[title])

    assert {name: [c.data for c in made] for name, made in calls.items()} == {
        "confirm": [],
        "ignore": [],
        called: [{"request_id": REQUEST_ID}],
    }
    assert len(pushes["ben"]) == 1


@pytest.mark.parametrize(("blueprint", "key", "kind", "more", "message"), ASKING)
async def test_late_answer(
    hass: HomeAssistant,
    lane: dict[str, str],
    phones: list[str],
    pushes: dict[str, Calls],
    freezer: FrozenDateTimeFactory,
    blueprint: str,
    key: str,
    kind: str,
    more: dict[str, str],
    message: str,
) -> None:
    """Who presses a button after the minute is told that it is too late."""
    confirmed = confirms(hass)
    ignored = async_mock_service(hass, DOMAIN, "ignore")
    await set_up(hass, blueprint, events=[lane[key]], phones=phones)
    await waits(hass, lane[key], kind, **more)
    asked = buttons(pushes["ben"][0])

    freezer.tick(LATE)
    await tap(hass, asked["Ignore"])
    assert len(pushes["ben"]) == 1
    await tap(hass, asked["Open"])

    told = pushes["ben"][1].data
    assert told["message"] == "Too late. Nothing was opened."
    assert told["title"] == LANE
    assert told["data"]["tag"] == f"plate_gate_{REQUEST_ID}"
    assert "actions" not in told["data"]
    assert confirmed == ignored == []


@pytest.mark.parametrize(
    "failure",
    [ServiceValidationError("answered already"), HomeAssistantError("stuck")],
)
async def test_answer_that_opens_nothing(
    hass: HomeAssistant,
    lane: dict[str, str],
    phones: list[str],
    pushes: dict[str, Calls],
    failure: Exception,
) -> None:
    """Who is second, or has a gate that fails, is told that it was not opened."""
    confirmed = confirms(hass, failure)
    await set_up(
        hass, "unknown_vehicle", events=[lane["unknown_vehicle"]], phones=phones
    )
    await waits(hass, lane["unknown_vehicle"], "waiting")
    await tap(hass, buttons(pushes["ben"][0])["Open"])

    assert len(confirmed) == 1
    assert pushes["ben"][1].data["message"].startswith("It was not opened")


async def test_buttons_of_others(
    hass: HomeAssistant,
    lane: dict[str, str],
    phones: list[str],
    pushes: dict[str, Calls],
) -> None:
    """What other notifications, and other automations, ask for is not answered here."""
    confirmed = confirms(hass)
    ignored = async_mock_service(hass, DOMAIN, "ignore")
    await set_up(
        hass, "unknown_vehicle", events=[lane["unknown_vehicle"]], phones=phones
    )
    await waits(hass, lane["unknown_vehicle"], "waiting")
    ours = buttons(pushes["ben"][0])["Open"]

    for action in (
        "",
        "OPEN",
        "PLATE_GATE",
        ours.replace("PLATE_GATE", "PLATE_GATE_FAILED"),
        ours.replace(AUTOMATION, "automation.other"),
        ours.replace("OPEN", "CLOSE"),
        f"{ours}|more",
    ):
        await tap(hass, action)
    hass.bus.async_fire("mobile_app_notification_action", {})
    await hass.async_block_till_done()

    assert confirmed == ignored == []
    assert len(pushes["ben"]) == 1


@pytest.mark.parametrize(("blueprint", "key", "kind", "more", "message"), ASKING)
async def test_question_from_before_a_restart(
    hass: HomeAssistant,
    lane: dict[str, str],
    phones: list[str],
    pushes: dict[str, Calls],
    blueprint: str,
    key: str,
    kind: str,
    more: dict[str, str],
    message: str,
) -> None:
    """What an event entity remembers is not asked again when it comes back."""
    await set_up(hass, blueprint, events=[lane[key]], phones=phones)
    await waits(hass, lane[key], kind, **more)
    asked = hass.states.get(lane[key])
    assert asked is not None
    assert len(pushes["ben"]) == 1

    # A reload, and then a start, at which nothing was there before.
    hass.states.async_set(lane[key], STATE_UNAVAILABLE)
    hass.states.async_set(lane[key], asked.state, asked.attributes)
    await hass.async_block_till_done()
    hass.states.async_remove(lane[key])
    hass.states.async_set(lane[key], asked.state, asked.attributes)
    await hass.async_block_till_done()
    assert len(pushes["ben"]) == 1

    await waits(hass, lane[key], kind, **more)
    assert len(pushes["ben"]) == 2


async def test_question_that_is_over_when_it_comes(
    hass: HomeAssistant,
    lane: dict[str, str],
    phones: list[str],
    pushes: dict[str, Calls],
) -> None:
    """Nobody is asked what no answer counts for any more."""
    events = lane["unknown_vehicle"]
    await set_up(hass, "unknown_vehicle", events=[events], phones=phones)
    past = dt_util.utcnow() - timedelta(seconds=1)
    await happens(
        hass, events, "waiting", request_id=REQUEST_ID, expires=past.isoformat()
    )
    await happens(hass, events, "waiting", request_id=REQUEST_ID, expires=None)

    assert pushes["ben"] == []


@pytest.mark.parametrize("kind", ["confirmed", "ignored", "expired"])
@pytest.mark.parametrize(
    ("blueprint", "key"),
    [("unknown_vehicle", "unknown_vehicle"), ("confirm_vehicle", "request")],
)
async def test_question_that_somebody_has_answered(
    hass: HomeAssistant,
    lane: dict[str, str],
    phones: list[str],
    pushes: dict[str, Calls],
    blueprint: str,
    key: str,
    kind: str,
) -> None:
    """The question vanishes from all phones."""
    await set_up(hass, blueprint, events=[lane[key]], phones=phones)
    await happens(
        hass, lane[key], kind, request_id=REQUEST_ID, expires=None, vehicle=LABEL
    )

    for (call,) in pushes.values():
        assert call.data["message"] == "clear_notification"
        assert call.data["data"]["tag"] == f"plate_gate_{REQUEST_ID}"


async def test_announcement(
    hass: HomeAssistant,
    lane: dict[str, str],
    phones: list[str],
    pushes: dict[str, Calls],
) -> None:
    """A vehicle that is only announced is told of, and nothing is asked."""
    await set_up(
        hass, "confirm_vehicle", events=[lane["request"]], phones=phones, camera=CAMERA
    )
    await happens(
        hass, lane["request"], "announced", vehicle=LABEL, request_id=None, expires=None
    )

    (call,) = pushes["ben"]
    assert call.data["message"] == f"{LABEL} is there."
    assert call.data["data"]["image"] == f"/api/camera_proxy/{CAMERA}"
    assert "actions" not in call.data["data"]


async def test_texts_of_ones_own(
    hass: HomeAssistant,
    lane: dict[str, str],
    phones: list[str],
    pushes: dict[str, Calls],
) -> None:
    """All that phones show can be said otherwise, with the names in it."""
    await set_up(
        hass,
        "confirm_vehicle",
        events=[lane["request"]],
        phones=phones,
        title="Tor",
        message="{{ vehicle }} steht an: {{ lane }}. 'Öffnen'?",
        open_button="Öffnen",
        ignore_button="Nicht öffnen",
    )
    await waits(hass, lane["request"], "confirmation_needed", vehicle=LABEL)

    (call,) = pushes["ben"]
    assert call.data["title"] == "Tor"
    assert call.data["message"] == f"{LABEL} steht an: {LANE}. 'Öffnen'?"
    assert list(buttons(call)) == ["Öffnen", "Nicht öffnen"]


async def test_phone_that_is_gone(
    hass: HomeAssistant,
    lane: dict[str, str],
    phones: list[str],
    pushes: dict[str, Calls],
    device_registry: dr.DeviceRegistry,
) -> None:
    """A phone that was removed keeps nobody else from being told."""
    events = lane["unknown_vehicle"]
    device_registry.async_remove_device(phones[0])
    await set_up(hass, "unknown_vehicle", events=[events], phones=phones)
    await waits(hass, events, "waiting")

    assert pushes["anna_s_phone"] == []
    assert len(pushes["ben"]) == 1


# -- The gate did not open -------------------------------------------------------------


async def fails(hass: HomeAssistant, entity_id: str) -> None:
    """Let a vehicle in for which the gate does not open."""
    await happens(
        hass,
        entity_id,
        "granted",
        vehicle=LABEL,
        opened=False,
        reasons=["exact_text", "gate_failed"],
    )


@pytest.mark.parametrize(
    ("gate", "domain", "action"),
    [
        ("cover.gate", "cover", "open_cover"),
        ("lock.gate", "lock", "unlock"),
        ("button.gate", "button", "press"),
        ("input_button.gate", "input_button", "press"),
        ("script.gate", "homeassistant", "turn_on"),
        ("switch.gate", "homeassistant", "turn_on"),
    ],
)
async def test_gate_that_fails(
    hass: HomeAssistant,
    lane: dict[str, str],
    phones: list[str],
    pushes: dict[str, Calls],
    gate: str,
    domain: str,
    action: str,
) -> None:
    """Phones are told, with a button that opens whatever kind of gate it is."""
    opened = async_mock_service(hass, domain, action)
    await set_up(hass, "gate_failed", events=[lane["access"]], phones=phones, gate=gate)
    await fails(hass, lane["access"])
    for (call,) in pushes.values():
        assert call.data["title"] == LANE
        assert call.data["message"] == f"The gate did not open for {LABEL}."
        assert list(buttons(call)) == ["Open"]
        assert call.data["data"]["actions"][0]["authenticationRequired"] is True

    await tap(hass, buttons(pushes["ben"][0])["Open"])

    (call,) = opened
    assert call.data["entity_id"] == [gate]
    assert len(pushes["ben"]) == 1


async def test_button_for_a_gate_that_failed_long_ago(
    hass: HomeAssistant,
    lane: dict[str, str],
    phones: list[str],
    pushes: dict[str, Calls],
    freezer: FrozenDateTimeFactory,
) -> None:
    """Ten minutes later the button opens nothing any more, and says so."""
    opened = async_mock_service(hass, "cover", "open_cover")
    await set_up(hass, "gate_failed", events=[lane["access"]], phones=phones, gate=GATE)
    await fails(hass, lane["access"])
    button = buttons(pushes["ben"][0])["Open"]
    await tap(hass, button.replace(AUTOMATION, "automation.other"))
    freezer.tick(601)
    await tap(hass, button)

    assert opened == []
    assert [call.data["message"] for call in pushes["ben"][1:]] == [
        "Too late. Nothing was opened."
    ]


async def test_gate_that_works(
    hass: HomeAssistant,
    lane: dict[str, str],
    phones: list[str],
    pushes: dict[str, Calls],
) -> None:
    """Who is let in, turned away, or remembered from before is no failure."""
    await set_up(hass, "gate_failed", events=[lane["access"]], phones=phones, gate=GATE)
    await happens(
        hass, lane["access"], "granted", vehicle=LABEL, opened=True, reasons=["x"]
    )
    await happens(
        hass, lane["access"], "denied", vehicle=LABEL, opened=False, reasons=["expired"]
    )
    await fails(hass, lane["access"])
    state = hass.states.get(lane["access"])
    assert state is not None
    hass.states.async_set(lane["access"], STATE_UNAVAILABLE)
    hass.states.async_set(lane["access"], state.state, state.attributes)
    await hass.async_block_till_done()

    assert len(pushes["ben"]) == 1


# -- Welcome home ----------------------------------------------------------------------

WELCOME = {
    "action": "light.turn_on",
    "data": {"name": "{{ vehicle }} at {{ lane }}"},
}


@pytest.mark.parametrize(
    ("inputs", "sun", "vehicle", "opened", "welcomed"),
    [
        ({}, "above_horizon", LABEL, True, True),
        ({}, "above_horizon", LABEL, False, False),
        ({"vehicles": ["Post", "anna's CAR "]}, "above_horizon", LABEL, True, True),
        ({"vehicles": ["Post"]}, "above_horizon", LABEL, True, False),
        ({"after_sunset": True}, "above_horizon", LABEL, True, False),
        ({"after_sunset": True}, "below_horizon", LABEL, True, True),
    ],
)
async def test_welcome(
    hass: HomeAssistant,
    lane: dict[str, str],
    inputs: dict[str, object],
    sun: str,
    vehicle: str,
    opened: bool,
    welcomed: bool,
) -> None:
    """Something is done for the vehicles that are meant, when they are let in."""
    done = async_mock_service(hass, "light", "turn_on")
    hass.states.async_set("sun.sun", sun)
    await set_up(
        hass, "welcome_home", events=[lane["access"]], welcome=[WELCOME], **inputs
    )
    await happens(hass, lane["access"], "denied", vehicle=vehicle, opened=False)
    await happens(hass, lane["access"], "granted", vehicle=vehicle, opened=opened)

    expected = [{"name": f"{LABEL} at {LANE}"}] if welcomed else []
    assert [call.data for call in done] == expected
    state = hass.states.get(lane["access"])
    assert state is not None
    hass.states.async_set(lane["access"], STATE_UNAVAILABLE)
    hass.states.async_set(lane["access"], state.state, state.attributes)
    await hass.async_block_till_done()
    assert len(done) == len(expected)


# -- With a real lane ------------------------------------------------------------------


async def test_stranger_who_is_let_in_from_a_phone(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    entity_registry: er.EntityRegistry,
    phones: list[str],
    pushes: dict[str, Calls],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the camera to the phone, and from its button to the open gate; once."""
    monkeypatch.setattr(lane_module, "UNKNOWN_WAIT", 0.1)
    entry = site_entry(recognizer.url, lane_subentry(lane_data(camera.url())))
    entry.add_to_hass(hass)
    event = entity_registry.async_get_or_create(
        "event", DOMAIN, "lane1-unknown_vehicle", suggested_object_id="stranger"
    ).entity_id
    assert await hass.config_entries.async_setup(entry.entry_id)
    await set_up(hass, "unknown_vehicle", events=[event], phones=phones)

    recognizer.plates = [STRANGER]
    await eventually(lambda: pushes["ben"])
    (question,) = pushes["ben"]
    assert question.data["title"] == LANE
    assert STRANGER not in str(question.data)
    assert cover.opened == 0
    await tap(hass, buttons(question)["Open"])

    assert cover.opened == 1
    for phone in pushes.values():
        assert [call.data["message"] for call in phone] == [
            "An unknown vehicle waits.",
            "clear_notification",
        ]
    await tap(hass, buttons(question)["Open"])
    assert cover.opened == 1
    assert pushes["ben"][-1].data["message"].startswith("It was not opened")

    asked = len(pushes["ben"])
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert len(pushes["ben"]) == asked


@pytest.mark.parametrize("fails", [False, True])
async def test_vehicle_that_comes_home(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    phones: list[str],
    pushes: dict[str, Calls],
    fails: bool,
) -> None:
    """A vehicle that is let in is welcomed, unless the gate fails: that is told."""
    done = async_mock_service(hass, "light", "turn_on")
    entry = site_entry(recognizer.url, lane_subentry(lane_data(camera.url())))
    await set_up_site(hass, entry)
    await list_vehicle(entry)
    access = "event.driveway_access"
    blueprints = [
        ("welcome_home", {"events": [access], "welcome": [WELCOME]}),
        ("gate_failed", {"events": [access], "phones": phones, "gate": GATE}),
    ]
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": [
                {
                    "alias": name,
                    "use_blueprint": {
                        "path": f"plate_gate/{name}.yaml",
                        "input": given,
                    },
                }
                for name, given in blueprints
            ]
        },
    )
    if fails:
        cover.failure = HomeAssistantError("stuck")
    recognizer.plates = [PLATE]
    await eventually(lambda: pushes["ben"] if fails else done)

    assert len(done) == int(not fails)
    assert len(pushes["ben"]) == int(fails)
    if fails:
        cover.failure = None
        await tap(hass, buttons(pushes["ben"][0])["Open"])
    assert state_of(hass, GATE) == "open"


# -- The files -------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
async def test_blueprint_can_be_imported(hass: HomeAssistant, name: str) -> None:
    """Each blueprint is valid, says where it is from, and describes all that it asks."""
    data = yaml_util.load_yaml_dict(BLUEPRINTS / name)
    blueprint = Blueprint(
        data,
        path=name,
        expected_domain="automation",
        schema=AUTOMATION_BLUEPRINT_SCHEMA,
    )
    assert blueprint.validate() is None
    metadata = blueprint.metadata
    assert metadata["source_url"].endswith(f"/blueprints/automation/plate_gate/{name}")
    assert metadata["homeassistant"]["min_version"] == "2026.10.0"
    assert metadata["description"]
    for key, asked in blueprint.inputs.items():
        assert asked["name"], key
        assert asked["selector"], key


def test_blueprints_are_listed() -> None:
    """The page about the blueprints tells of each."""
    page = (ROOT / "docs" / "blueprints.md").read_text(encoding="utf-8")
    assert NAMES
    for name in NAMES:
        assert f"blueprints/automation/plate_gate/{name}" in page
