"""How often listed vehicles were let in, and which of them are inside.

Only what a rule needs is counted: uses of vehicles with a limit, and who is inside if the
site asks for it. There are ids, numbers and days in it; no plate, no label and no time.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol, override

from ..errors import (
    AllowlistDamagedError,
    GateInterlockedError,
    LedgerDamagedError,
    VaultLockedError,
)
from ..models import Direction, Reason, Vehicle
from .ledger_format import Count, from_data, to_data

_YESTERDAY: Final = timedelta(days=1)


class LedgerStorage(Protocol):
    """Where the ledger is kept. A `SealedData` is one."""

    async def async_load(self) -> dict[str, Any] | None:
        """Return what was saved last, None if nothing ever was."""

    async def async_save(self, data: dict[str, Any]) -> None:
        """Save, and return once it is saved.

        Raises:
            Exception: It could not be saved; whatever the reason is.

        """

    async def async_begin_anew(self, data: dict[str, Any]) -> None:
        """Save over whatever is there, be it damaged.

        Raises:
            Exception: As for `async_save`.

        """


@dataclass(slots=True, eq=False)
class Use:
    """That a vehicle was let in or out, to give back if the gate did not open."""

    vehicle_id: str
    day: date
    count: Count | None = field(default=None, repr=False)
    """Where it was counted; None if it did not have to be."""
    of_all: bool = False
    """Whether it was counted as one of all uses."""
    of_day: bool = False
    """Whether it was counted as one of the day."""
    entered: bool | None = None
    """Whether it came in or went out; None if that was not counted."""
    given_back: bool = False


class Ledger:
    """Counts of a site; what `decision.Usage` asks for.

    Counting is done in memory and at once, so that of two lanes that let a vehicle in at
    the same moment the second one knows of the first. `settle` writes it down. Where
    that fails, the count goes on in memory and the next `settle` tries again.
    """

    def __init__(self, storage: LedgerStorage, *, counts_inside: bool = False) -> None:
        """Take the place where the ledger is kept; `load` reads it.

        Args:
            storage: The place.
            counts_inside: See the property.

        """
        self._storage = storage
        self._counts_inside = counts_inside
        self._counts: dict[str, Count] = {}
        self._inside: set[str] = set()
        self._last: dict[str, Use] = {}
        """By vehicle, the latest use that changed whether it is inside."""
        self._day: date | None = None
        """The day of the latest use that was counted."""
        self._known = False
        self._changes = 0
        self._saved = 0
        self._lock = asyncio.Lock()

    @override
    def __repr__(self) -> str:
        """Show how much is counted, and nothing of whom."""
        return f"Ledger({len(self._counts)} counted, {len(self._inside)} inside)"

    @property
    def known(self) -> bool:
        """Whether what was counted could be read; not before `load`."""
        return self._known

    @property
    def counts_inside(self) -> bool:
        """Whether it is kept who is inside; if that is ended, it is forgotten."""
        return self._counts_inside

    @counts_inside.setter
    def counts_inside(self, counts: bool) -> None:
        self._counts_inside = counts
        if not counts and self._inside:
            self._inside.clear()
            self._last.clear()
            self._changes += 1

    @property
    def inside(self) -> int:
        """How many listed vehicles are inside, as far as lanes have seen."""
        return len(self._inside)

    def uses(self, vehicle_id: str) -> int:
        """Return how often a vehicle was let in since its uses are limited."""
        count = self._counts.get(vehicle_id)
        return count.uses if count else 0

    def uses_on(self, vehicle_id: str, day: date) -> int:
        """Return how often a vehicle with a limit per day was let in on one.

        Args:
            vehicle_id: Which one.
            day: Today; earlier days are forgotten sooner or later.

        """
        count = self._counts.get(vehicle_id)
        return count.days.get(day, 0) if count else 0

    def is_inside(self, vehicle_id: str) -> bool:
        """Tell whether a vehicle came in and has not gone out."""
        return vehicle_id in self._inside

    async def load(self) -> None:
        """Read what was counted; nothing was, if nothing was ever saved.

        Once that is known, this does nothing: what is in memory is never older than what
        is kept, and may not have been saved yet.

        Raises:
            LedgerDamagedError: What is kept there is no ledger, or cannot be opened yet.
                It stays as it is, and nothing is known until `reset`, or until it could
                be read.

        """
        async with self._lock:
            if self._known:
                return
            try:
                data = await self._storage.async_load()
            except AllowlistDamagedError, VaultLockedError:
                raise LedgerDamagedError from None
            if data is not None:
                self._counts, self._inside = from_data(data)
            self._saved = self._changes
            self._known = True
            # What another setting has left in the file goes with the next saving.
            self.counts_inside = self._counts_inside

    async def reset(self) -> None:
        """Begin anew: nobody was ever let in, and nobody is inside.

        Raises:
            Exception: This could not be saved, and all is as it was.

        """
        async with self._lock:
            await self._storage.async_begin_anew(to_data({}, ()))
            self._clear()
            self._saved = self._changes
            self._known = True

    async def close(self) -> None:
        """Forget everything and save no more; wait for what is just being saved."""
        async with self._lock:
            self._known = False
            self._clear()

    def take(self, vehicle: Vehicle, direction: Direction, now: datetime) -> Use:
        """Count that a vehicle is let in or out, before the gate opens.

        Ask `decision.Rules.refusals` in the same step, without awaiting anything in
        between: this looks at the limits of the vehicle only. A passage whose direction
        is not known (`BOTH`) counts as a use, and says nothing of who is inside.

        Args:
            vehicle: The vehicle, as it is listed now.
            direction: Which way it passes; see `decision.Rules.way`.
            now: The time, in the time zone of the site.

        Returns:
            What to hand to `give_back` if the gate does not open.

        Raises:
            GateInterlockedError: A limit of the vehicle is reached, or it has one and
                nothing is known. Nothing was counted.

        """
        use = Use(vehicle_id=vehicle.vehicle_id, day=now.date())
        if direction is not Direction.EXIT:
            self._count(vehicle, use)
        if self._known and self._counts_inside and direction is not Direction.BOTH:
            use.entered = direction is Direction.ENTRY
            self._put(use.vehicle_id, use.entered)
            self._last[use.vehicle_id] = use
        return use

    def give_back(self, use: Use) -> None:
        """Undo a use, because the gate did not open. Once; again changes nothing."""
        if use.given_back:
            return
        use.given_back = True
        count = use.count
        # If it was forgotten meanwhile, there is nothing to undo.
        if count is not None and self._counts.get(use.vehicle_id) is count:
            count.uses -= use.of_all
            if use.of_day and use.day in count.days:
                count.days[use.day] -= 1
            self._changes += 1
        if use.entered is not None and self._last.get(use.vehicle_id) is use:
            del self._last[use.vehicle_id]
            self._put(use.vehicle_id, not use.entered)

    def set_inside(self, vehicle_id: str, inside: bool) -> None:
        """Correct whether a vehicle is inside; nothing if that is not counted."""
        if self._known and self._counts_inside:
            self._last.pop(vehicle_id, None)
            self._put(vehicle_id, inside)

    def forget(self, vehicle_id: str) -> None:
        """Let the uses of a vehicle begin anew. Where it is, it stays."""
        if self._counts.pop(vehicle_id, None) is not None:
            self._changes += 1

    def keep(self, vehicle_ids: Iterable[str]) -> None:
        """Forget all vehicles but these, which are still listed."""
        for gone in {*self._counts, *self._inside, *self._last} - set(vehicle_ids):
            self.forget(gone)
            self._last.pop(gone, None)
            self._put(gone, False)

    async def settle(self) -> None:
        """Save what has changed; return once it is saved.

        Raises:
            Exception: It could not be saved; whatever the storage raised, such as
                `AllowlistNotSavedError`. It is still counted.

        """
        async with self._lock:
            # What cannot be read is not overwritten.
            if not self._known or self._saved == self._changes:
                return
            changes, data = self._changes, to_data(self._counts, self._inside)
            await self._storage.async_save(data)
            self._saved = changes

    def _count(self, vehicle: Vehicle, use: Use) -> None:
        """Count a use, as far as the vehicle has limits.

        Raises:
            GateInterlockedError: One is reached.

        """
        if vehicle.uses is None and vehicle.per_day is None:
            return
        if not self._known:
            raise GateInterlockedError((Reason.COUNTS_UNKNOWN,))
        uses = self.uses(vehicle.vehicle_id)
        today = self.uses_on(vehicle.vehicle_id, use.day)
        reached = []
        if vehicle.uses is not None and uses >= vehicle.uses:
            reached.append(Reason.USES_UP)
        if vehicle.per_day is not None and today >= vehicle.per_day:
            reached.append(Reason.DAY_QUOTA_UP)
        if reached:
            raise GateInterlockedError(tuple(reached))
        self._drop_days(use.day)
        use.count = self._counts.setdefault(vehicle.vehicle_id, Count())
        use.of_all = vehicle.uses is not None
        use.of_day = vehicle.per_day is not None
        use.count.uses += use.of_all
        if use.of_day:
            use.count.days[use.day] = today + 1
        self._changes += 1

    def _drop_days(self, today: date) -> None:
        """Forget the days that have gone by.

        A clock that jumps, and back, must not begin the day anew. So the latest day on
        which anything was counted stays until another one follows.
        """
        if today == self._day:
            return
        first = min(today, self._day or today) - _YESTERDAY
        for vehicle_id, count in list(self._counts.items()):
            count.drop_days(before=first)
            if not count.uses and not count.days:
                del self._counts[vehicle_id]
        self._day = today

    def _put(self, vehicle_id: str, inside: bool) -> None:
        """Note whether a vehicle is inside."""
        if inside is not (vehicle_id in self._inside):
            (self._inside.add if inside else self._inside.discard)(vehicle_id)
            self._changes += 1

    def _clear(self) -> None:
        self._counts = {}
        self._inside = set()
        self._last = {}
