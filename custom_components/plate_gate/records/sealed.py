"""What is kept in a vault: the allowlist, and smaller things as a whole."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson

from ..errors import (
    AllowlistDamagedError,
    AllowlistNotSavedError,
    StoreDamagedError,
    StoreNotSavedError,
    VaultLockedError,
)
from ..models import Vehicle
from .allowlist_format import check_unique, read_vehicle, write_vehicle
from .vault import Vault, VaultKeeper

_VEHICLES: Final = "vehicles"

_SLACK: Final = 100
"""Rows that a file may have beyond the vehicles, before it is written anew."""


class SealedAllowlist:
    """The allowlist, a row for each vehicle.

    A vehicle that is new, or whose validity or rights have changed, is a row at the end;
    the last row of a vehicle counts. If one goes, or its plate, label or PIN becomes
    another, the file is written anew: what was taken off the list is not in it any more.
    """

    def __init__(self, keeper: VaultKeeper) -> None:
        """Take the vault in which it is kept."""
        self._keeper = keeper
        self._saved: dict[str, Vehicle] = {}
        self._rows = 0

    async def async_load(self) -> Sequence[Vehicle]:
        """Return the vehicles; none if none was ever saved.

        Raises:
            AllowlistDamagedError: What is kept there is no allowlist.
            StoreDamagedError: It was changed, or is not the newest.
            VaultLockedError: The vault is not open.

        """
        return await self._keeper.do(self._load)

    async def async_begin(self, vehicles: tuple[Vehicle, ...]) -> None:
        """Save the vehicles with which the list begins, unless it has begun before.

        What was deleted from a list, or put beside it later, does not begin it anew.

        Raises:
            AllowlistDamagedError: What is kept there is no allowlist.
            StoreDamagedError: It was changed, or is not the newest.
            AllowlistNotSavedError: They could not be written.
            VaultLockedError: The vault is not open.

        """
        await self.async_load()
        if not await self._keeper.do(lambda vault: vault.journal(_VEHICLES).exists):
            await self.async_save(vehicles)

    async def async_save(self, vehicles: tuple[Vehicle, ...]) -> None:
        """Save the vehicles; return once they are on the disk.

        Raises:
            AllowlistNotSavedError: They could not be written, and none of it was.
            VaultLockedError: The vault is not open.

        """
        try:
            await self._keeper.do(lambda vault: self._save(vault, vehicles))
        except StoreNotSavedError:
            raise AllowlistNotSavedError from None

    def _load(self, vault: Vault) -> list[Vehicle]:
        rows = vault.journal(_VEHICLES).load()
        try:
            items = [orjson.loads(row) for row in rows]
            latest = {item["id"]: item for item in items}
        except ValueError, KeyError, TypeError:
            raise AllowlistDamagedError from None
        vehicles = [read_vehicle(item) for item in latest.values()]
        check_unique(vehicles)
        self._saved = {vehicle.vehicle_id: vehicle for vehicle in vehicles}
        self._rows = len(rows)
        return vehicles

    def _save(self, vault: Vault, vehicles: tuple[Vehicle, ...]) -> None:
        journal = vault.journal(_VEHICLES)
        now = {vehicle.vehicle_id: vehicle for vehicle in vehicles}
        changed = [v for key, v in now.items() if self._saved.get(key) is not v]
        rows = self._rows + len(changed)
        leaves = self._saved.keys() - now.keys() or any(
            _leaves(self._saved.get(vehicle.vehicle_id), vehicle) for vehicle in changed
        )
        if leaves or rows > 2 * len(now) + _SLACK:
            journal.rewrite(_rows(vehicles))
            rows = len(vehicles)
        else:
            journal.append(_rows(changed))
        self._saved, self._rows = now, rows


class SealedData:
    """A small thing that is kept as a whole, as JSON can hold it."""

    def __init__(self, keeper: VaultKeeper, name: str) -> None:
        """Take the vault in which it is kept, and what it is called there."""
        self._keeper = keeper
        self._name = name

    async def async_load(self) -> dict[str, Any] | None:
        """Return what was saved last, None if nothing ever was.

        Raises:
            AllowlistDamagedError: It was changed, is not the newest, or is no such thing.
            VaultLockedError: The vault is not open.

        """
        try:
            content = await self._keeper.do(lambda vault: vault.file(self._name).load())
            data = None if content is None else orjson.loads(content)
        except StoreDamagedError, ValueError:
            raise AllowlistDamagedError from None
        if data is not None and not isinstance(data, dict):
            raise AllowlistDamagedError
        return data

    async def async_save(self, data: dict[str, Any]) -> None:
        """Save; return once it is on the disk.

        Raises:
            AllowlistNotSavedError: It could not be written, or the vault is not open.

        """
        content = orjson.dumps(data)
        try:
            await self._keeper.do(lambda vault: vault.file(self._name).save(content))
        except StoreDamagedError, StoreNotSavedError, VaultLockedError:
            raise AllowlistNotSavedError from None

    async def async_begin_anew(self, data: dict[str, Any]) -> None:
        """Save, whatever is there: for a person who gives that up.

        Raises:
            AllowlistNotSavedError: As for `async_save`.

        """
        content = orjson.dumps(data)
        try:
            await self._keeper.do(
                lambda vault: vault.file(self._name).overwrite(content)
            )
        except StoreNotSavedError, VaultLockedError:
            raise AllowlistNotSavedError from None


def _leaves(before: Vehicle | None, now: Vehicle) -> bool:
    """Tell whether a change would leave something behind that is not to be kept."""
    return before is not None and (before.plate, before.label, before.pin) != (
        now.plate,
        now.label,
        now.pin,
    )


def _rows(vehicles: Iterable[Vehicle]) -> list[bytes]:
    return [orjson.dumps(write_vehicle(vehicle)) for vehicle in vehicles]
