"""The vehicles that may come in, and nobody else: the only plates that are kept."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
import secrets
from typing import Protocol, TypedDict, Unpack, override

from ..errors import AllowlistDamagedError, VaultLockedError, VehicleUnknownError
from ..models import Access, Assurance, Period, Plate, Vehicle
from .labels import check_among, clean, label_key
from .rights import check_rights


class AllowlistStorage(Protocol):
    """Where the list is kept. A `SealedAllowlist` is one."""

    async def async_load(self) -> Sequence[Vehicle]:
        """Return what was saved last; no vehicle, if nothing ever was.

        Raises:
            AllowlistDamagedError: What is kept there is no allowlist.
            StoreDamagedError: It was changed, or is not the newest.
            VaultLockedError: A passphrase has to be typed first.

        """

    async def async_save(self, vehicles: tuple[Vehicle, ...]) -> None:
        """Save, and return once it is saved.

        Raises:
            Exception: It could not be saved; whatever the reason is.

        """


class VehicleRights(TypedDict, total=False):
    """What a vehicle may do, besides its validity; `Vehicle` says what it means."""

    access: Access
    lanes: frozenset[str] | None
    schedule: tuple[Period, ...]
    uses: int | None
    per_day: int | None
    assurance: Assurance | None
    presence: frozenset[str]
    pin: str | None


class VehicleChange(VehicleRights, total=False):
    """What can be changed of a vehicle; what is left out stays as it is."""

    label: str
    plate: Plate
    valid_from: datetime | None
    valid_until: datetime | None


class Allowlist:
    """The vehicles of a site.

    Each change is saved before it counts: if saving fails, the list is what it was and
    the error is passed on. Changes that are asked for at the same time are made one
    after the other.
    """

    def __init__(
        self,
        storage: AllowlistStorage,
        *,
        new_id: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        """Take the place where the list is kept; `load` reads it.

        Args:
            storage: The place.
            new_id: Makes an id that no vehicle had before.

        """
        self._storage = storage
        self._new_id = new_id
        self._vehicles: tuple[Vehicle, ...] = ()
        self._loaded = False
        self._locked = False
        self._lock = asyncio.Lock()
        self._listeners: list[Callable[[], None]] = []

    @override
    def __repr__(self) -> str:
        """Show how many vehicles there are, and nothing of them."""
        return f"Allowlist({len(self._vehicles)} vehicles)"

    @property
    def vehicles(self) -> tuple[Vehicle, ...]:
        """The vehicles, sorted by label. A change replaces the tuple as a whole."""
        return self._vehicles

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener after each change.

        Returns:
            A function that ends the subscription.

        """
        self._listeners.append(listener)

        def unsubscribe() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return unsubscribe

    async def load(self) -> None:
        """Read the list from where it is kept; without one, it is empty.

        Raises:
            AllowlistDamagedError: What is kept there is no allowlist. It stays as it
                is, and so that nothing overwrites it, no change is accepted.
            StoreDamagedError: It was changed since, or is not the newest; likewise.
            VaultLockedError: It takes a passphrase. Until then nobody is on it, and no
                change is accepted.

        """
        async with self._lock:
            self._loaded = False
            try:
                vehicles = _sorted(await self._storage.async_load())
            except VaultLockedError:
                self._locked = True
                raise
            self._loaded, self._locked = True, False
            self._replace(vehicles)

    async def close(self) -> None:
        """Forget the list and accept no more changes; wait for one that is made."""
        async with self._lock:
            self._loaded = False
            self._vehicles = ()

    def find(self, text: str) -> Vehicle:
        """Return the vehicle with this id or label; case does not matter in a label.

        Raises:
            VehicleUnknownError: There is none.

        """
        for vehicle in self._vehicles:
            if vehicle.vehicle_id == text:
                return vehicle
        label = label_key(text)
        for vehicle in self._vehicles:
            if label_key(vehicle.label) == label:
                return vehicle
        raise VehicleUnknownError

    async def add(
        self,
        label: str,
        plate: Plate,
        valid_from: datetime | None = None,
        valid_until: datetime | None = None,
        **rights: Unpack[VehicleRights],
    ) -> Vehicle:
        """Put a vehicle on the list.

        Args:
            label: What it is called wherever it is shown; 1 to 64 characters.
            plate: Its plate.
            valid_from: From when on it is let in; with a time zone.
            valid_until: Until when, exclusive; with a time zone.
            rights: What else is written about it; what is left out is `Vehicle`'s
                default.

        Returns:
            The vehicle, with its new id.

        Raises:
            LabelInvalidError: The label is empty or too long.
            LabelListedError: Another vehicle has the label.
            LabelShowsPlateError: The label contains a plate of the list.
            PlateListedError: Another vehicle has the plate.
            ScheduleError: A period of its schedule is none.
            ValidityError: It would never be let in, a time has no time zone, or one of
                its rights is none.
            AllowlistDamagedError: The list was not loaded, or is closed.

        """
        async with self._lock:
            vehicle = Vehicle(
                vehicle_id=self._new_id(),
                label=clean(label),
                plate=plate,
                valid_from=valid_from,
                valid_until=valid_until,
                **rights,
            )
            check_rights(vehicle)
            check_among(vehicle, self._vehicles)
            await self._save((*self._vehicles, vehicle))
            return vehicle

    async def change(
        self, vehicle_id: str, **changes: Unpack[VehicleChange]
    ) -> Vehicle:
        """Change a vehicle; what is not named stays as it is.

        Args:
            vehicle_id: Which one.
            changes: The new `label`, `plate`, validity or rights; None ends a limit.

        Returns:
            The vehicle as it is now.

        Raises:
            VehicleUnknownError: There is no such vehicle.
            AllowlistError: As for `add`.

        """
        async with self._lock:
            old = self._by_id(vehicle_id)
            vehicle = replace(old, **changes)
            vehicle = replace(vehicle, label=clean(vehicle.label))
            others = self._without(old)
            check_rights(vehicle)
            check_among(vehicle, others)
            await self._save((*others, vehicle))
            return vehicle

    async def remove(self, vehicle_id: str) -> None:
        """Take a vehicle off the list.

        Raises:
            VehicleUnknownError: There is no such vehicle.

        """
        async with self._lock:
            await self._save(self._without(self._by_id(vehicle_id)))

    def _by_id(self, vehicle_id: str) -> Vehicle:
        for vehicle in self._vehicles:
            if vehicle.vehicle_id == vehicle_id:
                return vehicle
        raise VehicleUnknownError

    def _without(self, gone: Vehicle) -> tuple[Vehicle, ...]:
        return tuple(v for v in self._vehicles if v is not gone)

    async def _save(self, vehicles: Iterable[Vehicle]) -> None:
        """Save the list, then let it count."""
        if self._locked:
            raise VaultLockedError
        if not self._loaded:
            raise AllowlistDamagedError
        changed = _sorted(vehicles)
        await self._storage.async_save(changed)
        self._replace(changed)

    def _replace(self, vehicles: tuple[Vehicle, ...]) -> None:
        self._vehicles = vehicles
        for listener in tuple(self._listeners):
            listener()


def _sorted(vehicles: Iterable[Vehicle]) -> tuple[Vehicle, ...]:
    """Sort vehicles as people look for them."""
    return tuple(sorted(vehicles, key=lambda v: (v.label.casefold(), v.vehicle_id)))
