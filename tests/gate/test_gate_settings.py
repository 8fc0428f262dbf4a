"""Tests of reading a gate from the data of a lane."""

from custom_components.plate_gate.gate import GateSettings


def test_lane_that_names_the_gate_alone() -> None:
    """A lane from before there was more to say gets what is usual."""
    assert GateSettings.from_data({"gate_entity": "cover.gate"}) == GateSettings(
        entity_id="cover.gate"
    )


def test_lane_that_says_everything() -> None:
    """Each setting is read; numbers may come as forms give them."""
    assert GateSettings.from_data(
        {
            "gate_entity": "switch.gate",
            "confirm_entity": "binary_sensor.gate",
            "confirm_seconds": 5.0,
            "cool_down": 1.0,
            "vehicle_cool_down": 2.0,
            "per_minute": 3.0,
            "stays_closed": ["alarm_control_panel.house"],
            "opens_when": ["binary_sensor.fire"],
            "hold_open": True,
            "close_after": 30.0,
            "obstruction_entity": "binary_sensor.beam",
        }
    ) == GateSettings(
        entity_id="switch.gate",
        confirm_entity="binary_sensor.gate",
        confirm_seconds=5.0,
        cool_down=1.0,
        vehicle_cool_down=2.0,
        per_minute=3,
        stays_closed=("alarm_control_panel.house",),
        opens_when=("binary_sensor.fire",),
        hold_open=True,
        close_after=30.0,
        obstruction_entity="binary_sensor.beam",
    )


def test_fields_that_were_left_empty() -> None:
    """An entity that was taken out of the form is none."""
    settings = GateSettings.from_data(
        {
            "gate_entity": "cover.gate",
            "confirm_entity": "",
            "obstruction_entity": None,
            "close_after": None,
            "cool_down": 0,
        }
    )

    assert settings == GateSettings(entity_id="cover.gate", cool_down=0)
