"""Tells the gate to open, sees whether it does, and tells it once more if not."""

import asyncio
from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback

from ..errors import GateError, GateNotMovingError, GateUnavailableError
from .action import async_act, async_refresh
from .settings import GateSettings
from .shared import SharedGate
from .sight import Pose, Sight
from .watch import Watch


class Drive:
    """What moves a gate, as one lane uses it. Ask it only while the latch is locked."""

    def __init__(
        self,
        hass: HomeAssistant,
        settings: GateSettings,
        sight: Sight,
        shared: SharedGate,
        *,
        on_late_failure: Callable[[GateError], None],
        on_late_success: Callable[[], None],
        patience: float,
    ) -> None:
        """Describe the gate.

        Args:
            hass: Home Assistant.
            settings: Which entity it is, and how long it may take.
            sight: What it looks like.
            shared: What its lanes share.
            on_late_failure: Told when an action fails after all.
            on_late_success: Told when it moves after `pulse` has raised.
            patience: Seconds to wait for the action, where nothing else can tell.

        """
        self._hass = hass
        self._settings = settings
        self._sight = sight
        self._latch = shared.latch
        self._interlocks = shared.interlocks
        self._on_late_failure = on_late_failure
        self._on_late_success = on_late_success
        self._patience = patience
        self._watches: set[Watch] = set()
        self._stopped: asyncio.Future[None] = hass.loop.create_future()

    @property
    def is_stopped(self) -> bool:
        """Whether nobody looks at the gate any more."""
        return self._stopped.done()

    @callback
    def start(self) -> None:
        """Look at the gate again, after a stop."""
        if self._stopped.done():
            self._stopped = self._hass.loop.create_future()

    @callback
    def stop(self) -> None:
        """Look at it no longer; whoever waits gets an answer at once."""
        if not self._stopped.done():
            self._stopped.set_result(None)
        self._end_watches()

    async def see_it_move(self) -> bool | None:
        """Wait for what somebody else has told the gate, and who waits no longer."""
        if not self._sight.tells:
            return None
        if self._latch.is_stuck:
            raise GateNotMovingError
        watch = self._watch(_nothing)
        try:
            await self._wait(watch, None, self._settings.confirm_seconds)
            return self._result(watch)
        finally:
            if self._stopped.done():
                self._end_watch(watch)

    async def pulse(self, name: str, *, by_plate: bool) -> bool | None:
        """Tell the gate to open, and once more if it stays shut.

        Returns:
            Whether it moved; None if nothing can tell.

        """
        overdue = False

        def moved() -> None:
            if overdue:
                self._on_late_success()

        # Whatever moves from here on is not the doing of an earlier action.
        self._end_watches()
        watch = self._watch(moved)
        try:
            action = await self._act(name, watch, by_plate=by_plate)
            if self._may_repeat(action, watch, by_plate=by_plate):
                # An entity that is polled may not have noticed that the gate moves.
                await async_refresh(self._hass, self._sight.entity_ids)
                if self._may_repeat(action, watch, by_plate=by_plate):
                    await self._act(name, watch, by_plate=None)
            return self._result(watch)
        except GateError as err:
            if isinstance(err, GateNotMovingError):
                self._latch.stuck()
            overdue = True
            raise
        finally:
            if watch.moved.done() or not self._sight.tells or self._stopped.done():
                self._end_watch(watch)

    async def _act(
        self, name: str, watch: Watch, *, by_plate: bool | None
    ) -> asyncio.Task[None]:
        """Call the action, and wait until the gate moves or has had the time to.

        Args:
            name: The action.
            watch: What looks at the gate.
            by_plate: Who wants it; None if it is the second pulse of one opening.

        """
        tells = self._sight.tells
        acted = self._latch.acted()
        take_back = (
            _nothing if by_plate is None else self._interlocks.told(by_plate=by_plate)
        )
        given_up = False

        def ended(action: asyncio.Task[None]) -> None:
            if _failed(action) and not watch.moved.done():
                self._latch.failed(acted)
                take_back()
                if given_up:
                    self._on_late_failure(GateUnavailableError())

        action = self._hass.async_create_task(
            async_act(self._hass, self._settings.entity_id, name), "plate_gate open"
        )
        action.add_done_callback(ended)
        try:
            if tells:
                await self._wait(watch, action, self._settings.confirm_seconds)
            else:
                await asyncio.wait({action}, timeout=self._patience)
        finally:
            given_up = not action.done()
        if action.done() and _failed(action) and not watch.moved.done():
            raise GateUnavailableError
        return action

    async def _wait(
        self, watch: Watch, action: asyncio.Task[None] | None, seconds: float
    ) -> None:
        """Wait until the gate moves, its action fails, or the time is up."""
        clock = self._hass.loop.time
        until = clock() + seconds
        waiting: set[asyncio.Future[None]] = {watch.moved, self._stopped}
        if action is not None:
            waiting.add(action)
        while not watch.moved.done() and not self._stopped.done():
            done, _ = await asyncio.wait(
                waiting,
                timeout=max(0.0, until - clock()),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not done:
                return
            if action in done:
                if _failed(action):
                    return
                waiting.remove(action)

    def _may_repeat(
        self, action: asyncio.Task[None], watch: Watch, *, by_plate: bool
    ) -> bool:
        """Tell whether a second pulse can do no harm.

        The gate has to say that it is still shut; its action has to be over, or two
        would be under way; and nothing may have come up that keeps it shut.
        """
        return (
            not watch.moved.done()
            and not self._stopped.done()
            and not self._hass.is_stopping
            and action.done()
            and not self._sight.opens
            and self._sight.pose is Pose.SHUT
            and self._sight.is_reachable
            and not (by_plate and self._interlocks.keep_shut(self._settings))
        )

    def _result(self, watch: Watch) -> bool | None:
        """Tell whether the gate has moved; None if nothing can tell.

        Raises:
            GateNotMovingError: It says that it has not.
            GateMissingError: Its entity was removed.
            GateUnavailableError: Its entity cannot say so any more.

        """
        if watch.moved.done() or self._sight.has_opened:
            self._latch.moved()
            return True
        if self._stopped.done() or not self._sight.tells:
            return None
        self._sight.target()
        if self._sight.pose is None:
            return None
        raise GateNotMovingError

    @callback
    def _watch(self, on_moved: Callable[[], None]) -> Watch:
        def moved() -> None:
            self._watches.discard(watch)
            self._latch.moved()
            on_moved()

        watch = Watch(self._hass, self._sight, moved)
        self._watches.add(watch)
        return watch

    @callback
    def _end_watch(self, watch: Watch) -> None:
        watch.end()
        self._watches.discard(watch)

    @callback
    def _end_watches(self) -> None:
        while self._watches:
            self._watches.pop().end()


def _failed(action: asyncio.Task[None]) -> bool:
    """Tell whether an action that has ended came to nothing."""
    return action.cancelled() or action.exception() is not None


def _nothing() -> None:
    """Do nothing."""
