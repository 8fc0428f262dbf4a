"""What can be written about a vehicle of the list, and what cannot."""

from datetime import datetime
import re
from typing import Final

from ..errors import ScheduleError, ValidityError
from ..models import Access, Assurance, Period, Vehicle

_ENTITY_ID: Final = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+", re.ASCII)

_WEEK: Final = frozenset(range(7))


def check_rights(vehicle: Vehicle) -> None:
    """Refuse rights that are none, and those with which nobody is ever let in.

    What comes from a file or an action of Home Assistant has no types yet, so these are
    looked at, too: what only looks like a limit would not limit anything.

    Raises:
        ScheduleError: A period has no days, or times that are no times of a day.
        ValidityError: Anything else.

    """
    _check_validity(vehicle.valid_from, vehicle.valid_until)
    for limit in (vehicle.uses, vehicle.per_day):
        if limit is not None and (type(limit) is not int or limit < 1):
            raise ValidityError
    if vehicle.lanes is not None and not (vehicle.lanes and all(vehicle.lanes)):
        raise ValidityError
    if not all(map(_ENTITY_ID.fullmatch, vehicle.presence)):
        raise ValidityError
    if not isinstance(vehicle.access, Access) or vehicle.pin == "":
        raise ValidityError
    if not isinstance(vehicle.assurance, Assurance | None):
        raise ValidityError
    if not all(map(_makes_sense, vehicle.schedule)):
        raise ScheduleError


def _check_validity(begin: datetime | None, end: datetime | None) -> None:
    """Refuse times without a zone, and a validity that has no moment in it."""
    if begin is None and end is None:
        return
    if any(time is not None and time.tzinfo is None for time in (begin, end)):
        raise ValidityError
    if begin is not None and end is not None and end <= begin:
        raise ValidityError


def _makes_sense(period: Period) -> bool:
    """Tell whether a period has days, and times by the clock on the wall."""
    naive = period.start.tzinfo is None and period.end.tzinfo is None
    return bool(period.weekdays) and period.weekdays <= _WEEK and naive
