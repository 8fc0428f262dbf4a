"""What a listed vehicle may do, and when."""

from datetime import datetime

from ..models import Reason, Vehicle


def refusal(vehicle: Vehicle, now: datetime) -> Reason | None:
    """Return why a vehicle is not let in now, None if it is.

    Args:
        vehicle: The vehicle, its times with a time zone.
        now: The time, with a time zone.

    """
    if vehicle.valid_from is not None and now < vehicle.valid_from:
        return Reason.NOT_YET_VALID
    if vehicle.valid_until is not None and now >= vehicle.valid_until:
        return Reason.EXPIRED
    return None
