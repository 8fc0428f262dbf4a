"""How the allowlist is written down: the one place where a plate becomes text."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ..errors import AllowlistDamagedError, PlateInvalidError
from ..models import Plate, Vehicle


def to_data(vehicles: Iterable[Vehicle]) -> dict[str, Any]:
    """Write vehicles as JSON can hold them; times in ISO 8601, with their zone."""
    return {
        "vehicles": [
            {
                "id": vehicle.vehicle_id,
                "label": vehicle.label,
                "plate": vehicle.plate.reveal(),
                "valid_from": _write(vehicle.valid_from),
                "valid_until": _write(vehicle.valid_until),
            }
            for vehicle in vehicles
        ]
    }


def from_data(data: object) -> list[Vehicle]:
    """Read vehicles from what `to_data` wrote.

    Raises:
        AllowlistDamagedError: This is something else. Nothing of it is in the error.

    """
    match data:
        case {"vehicles": list(items)}:
            vehicles = [_read(item) for item in items]
        case _:
            raise AllowlistDamagedError
    for unique in (
        {v.vehicle_id for v in vehicles},
        {v.plate for v in vehicles},
        {v.label.casefold() for v in vehicles},
    ):
        if len(unique) != len(vehicles):
            raise AllowlistDamagedError
    return vehicles


def _read(item: object) -> Vehicle:
    """Read one vehicle."""
    match item:
        case {
            "id": str(vehicle_id),
            "label": str(label),
            "plate": str(plate),
            "valid_from": str() | None as valid_from,
            "valid_until": str() | None as valid_until,
        } if vehicle_id and label:
            try:
                return Vehicle(
                    vehicle_id=vehicle_id,
                    label=label,
                    plate=Plate(plate),
                    valid_from=_time(valid_from),
                    valid_until=_time(valid_until),
                )
            except ValueError, PlateInvalidError:
                # Their own words may quote what they could not read.
                raise AllowlistDamagedError from None
        case _:
            raise AllowlistDamagedError


def _write(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _time(text: str | None) -> datetime | None:
    """Read a time.

    Raises:
        ValueError: It is none, or has no time zone.

    """
    if text is None:
        return None
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("A time without a zone")
    return time
