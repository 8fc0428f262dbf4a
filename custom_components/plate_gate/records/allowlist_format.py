"""How the allowlist is written down: the one place where a plate becomes text."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, time
from typing import Any, Final

from ..errors import AllowlistDamagedError, AllowlistError
from ..models import Access, Assurance, Period, Plate, Vehicle
from .rights import check_rights


def to_data(vehicles: Iterable[Vehicle]) -> dict[str, Any]:
    """Write vehicles as JSON can hold them; see `write_vehicle`."""
    return {"vehicles": [write_vehicle(vehicle) for vehicle in vehicles]}


def write_vehicle(vehicle: Vehicle) -> dict[str, Any]:
    """Write a vehicle as JSON can hold it; times in ISO 8601, with their zone."""
    return {
        "id": vehicle.vehicle_id,
        "label": vehicle.label,
        "plate": vehicle.plate.reveal(),
        "valid_from": _write(vehicle.valid_from),
        "valid_until": _write(vehicle.valid_until),
        **_rights(vehicle),
    }


def from_data(data: object) -> list[Vehicle]:
    """Read vehicles from what `to_data` wrote.

    Raises:
        AllowlistDamagedError: This is something else. Nothing of it is in the error.

    """
    match data:
        case {"vehicles": list(items)}:
            vehicles = [read_vehicle(item) for item in items]
        case _:
            raise AllowlistDamagedError
    check_unique(vehicles)
    return vehicles


def check_unique(vehicles: Collection[Vehicle]) -> None:
    """Refuse a list in which two vehicles are the same in what tells them apart.

    Raises:
        AllowlistDamagedError: They have the id, the plate or the label in common.

    """
    for unique in (
        {v.vehicle_id for v in vehicles},
        {v.plate for v in vehicles},
        {v.label.casefold() for v in vehicles},
    ):
        if len(unique) != len(vehicles):
            raise AllowlistDamagedError


def read_vehicle(item: object) -> Vehicle:
    """Read one vehicle.

    A key that is not known here may have been a limit, and a list that was written by
    a later version must not give more rights than that one did.

    Raises:
        AllowlistDamagedError: This is none. Nothing of it is in the error.

    """
    if not isinstance(item, dict) or not _NEEDED <= item.keys() <= _KEYS:
        raise AllowlistDamagedError
    try:
        vehicle = Vehicle(
            vehicle_id=_text(item["id"]),
            label=_text(item["label"]),
            plate=Plate(_text(item["plate"])),
            valid_from=_time(item["valid_from"]),
            valid_until=_time(item["valid_until"]),
            **{key: _RIGHTS[key](item[key]) for key in item.keys() - _NEEDED},
        )
        check_rights(vehicle)
    except KeyError, TypeError, ValueError, AllowlistError:
        # Their own words may quote what they could not read.
        raise AllowlistDamagedError from None
    return vehicle


def _text(value: object) -> str:
    """Read a text that is not empty.

    Raises:
        TypeError: It is none.

    """
    if not isinstance(value, str) or not value:
        raise TypeError("No text")
    return value


def _texts(value: object) -> frozenset[str]:
    """Read a list of texts; see `_text`."""
    if not isinstance(value, list):
        raise TypeError("No list")
    return frozenset(map(_text, value))


def _number(value: object) -> int:
    """Read a whole number; see `_text`."""
    if type(value) is not int:  # True is an int to Python, and no number of times.
        raise TypeError("No number")
    return value


def _schedule(value: object) -> tuple[Period, ...]:
    """Read a schedule. An empty one is never written, and would hold always."""
    if not isinstance(value, list) or not value:
        raise TypeError("No schedule")
    return tuple(map(_period, value))


def _period(value: object) -> Period:
    """Read a period, and nothing that looks like one and says more; see `_text`."""
    match value:
        case {"days": list(days), "start": str(start), "end": str(end), **more}:
            if not more:
                return Period(
                    weekdays=frozenset(map(_number, days)),
                    start=time.fromisoformat(start),
                    end=time.fromisoformat(end),
                )
    raise TypeError("No period")


_RIGHTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "access": Access,
    "lanes": _texts,
    "schedule": _schedule,
    "uses": _number,
    "per_day": _number,
    "assurance": Assurance,
    "presence": _texts,
    "pin": _text,
}
_NEEDED: Final = {"id", "label", "plate", "valid_from", "valid_until"}
_KEYS: Final = _NEEDED | _RIGHTS.keys()


def _rights(vehicle: Vehicle) -> dict[str, Any]:
    """Write what is not the default, so that most entries stay short."""
    rights: dict[str, Any] = {}
    if vehicle.access is not Access.ALLOW:
        rights["access"] = vehicle.access.value
    if vehicle.lanes is not None:
        rights["lanes"] = sorted(vehicle.lanes)
    if vehicle.schedule:
        rights["schedule"] = [
            {
                "days": sorted(period.weekdays),
                "start": period.start.isoformat(),
                "end": period.end.isoformat(),
            }
            for period in vehicle.schedule
        ]
    if vehicle.uses is not None:
        rights["uses"] = vehicle.uses
    if vehicle.per_day is not None:
        rights["per_day"] = vehicle.per_day
    if vehicle.assurance is not None:
        rights["assurance"] = vehicle.assurance.value
    if vehicle.presence:
        rights["presence"] = sorted(vehicle.presence)
    if vehicle.pin is not None:
        rights["pin"] = vehicle.pin
    return rights


def _write(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _time(value: object) -> datetime | None:
    """Read a time, whose zone `check_rights` looks at; see `_text`."""
    return None if value is None else datetime.fromisoformat(_text(value))
