"""What happens to a picture between the camera and whoever looks at frames."""

from collections.abc import Callable
import threading
import time
from typing import Final

import numpy as np

from ..errors import CameraFrozenError
from .pace import Pace
from .picture import Picture, Shot
from .rate import Rate
from .slot import Slot
from .view.frozen import FrozenWatch
from .view.motion import MotionGate
from .view.scene import SceneProblem, SceneWatch
from .watch import WatchSettings

MAX_AGE: Final = 2.0
"""Seconds. An older picture may show a vehicle that has gone, and is not handed on."""

LOOKS: Final = 16.0
"""Pictures per second in which motion is looked for, at most."""

BLINK: Final = 2.0
"""Seconds without a picture in which something may have passed unseen."""

STUCK_AGAIN: Final = 300.0
"""Seconds until a camera that shows the same picture since before is given up again."""


class Outlet:
    """Takes the pictures of a camera, and hands on those that are worth looking at.

    It outlives the connections of the camera, and with it does what is known of the
    view. Pictures are put in from any thread, and counts read from every one.
    """

    def __init__(
        self,
        slot: Slot,
        delivered: Callable[[], None],
        settings: WatchSettings | None = None,
        *,
        max_age: float = MAX_AGE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Put pictures into a slot.

        Args:
            slot: Where they go.
            delivered: Called after each picture, in the thread of the reader.
            settings: What is looked at; everything if it is None.
            max_age: Seconds. Older pictures are left out.
            clock: The clock of `Frame.taken`.

        """
        settings = settings or WatchSettings()
        self.decoded = 0
        self.moving = 0
        self.late = 0
        self.corrupt = 0
        self.newest: float | None = None
        """When the newest picture was taken that was not too old."""
        self.rate = Rate()
        self.keeps_coming = False
        """Whether pictures come by themselves, so that silence means a fault."""
        self.last_digest = b""
        """Tells which file was handed on last, also after the camera was lost."""
        self._slot = slot
        self._delivered = delivered
        self._max_age = max_age
        self._clock = clock
        whole = settings.region.is_whole
        self._mask = None if whole else settings.region.mask()
        self._gate = MotionGate(settings.sensitivity, self._mask)
        self._scene = SceneWatch(self._mask)
        self._frozen = FrozenWatch()
        self._pace = Pace(LOOKS)
        self._began: float | None = None
        self._watched_since = 0.0
        self._quiet_since: float | None = None
        self._lively = False
        self._open = False
        self._wanted = False
        self._accept_view = False
        self._know_last = settings.trigger_entity is not None
        # Whatever still works for a connection that was given up may come in between.
        self._lock = threading.Lock()
        self._is_closed = False
        self._is_stuck = False

    @property
    def problem(self) -> SceneProblem | None:
        """What is wrong with what the camera shows."""
        return self._scene.problem

    def want(self) -> None:
        """Let the next picture through."""
        self._wanted = True

    def accept_view(self) -> None:
        """Take what the camera sees from now on for what it should see."""
        self._accept_view = True

    def begin(self, *, keeps_coming: bool) -> None:
        """Note that a connection begins: what happened before it was not seen.

        Args:
            keeps_coming: Whether pictures come by themselves.

        """
        with self._lock:
            self._is_closed = False
            self.keeps_coming = keeps_coming
            self.rate.clear()
            self._gate.reset()
            # That something is there is said by the trigger, too.
            self._frozen.doubt(know_last=self._know_last)
            self._began = None
            self._lively = self._open = False

    def close(self) -> None:
        """Take nothing until a connection begins; this may wait for some milliseconds."""
        with self._lock:
            self._is_closed = True
            self._slot.clear()

    def damaged(self) -> None:
        """Count a picture that is not whole."""
        self.corrupt += 1

    def missed(self) -> None:
        """Count a picture that came too late."""
        self.late += 1

    def skipped(self) -> None:
        """Count a whole picture that is not looked at, because many come."""
        self.decoded += 1
        self.moving += self._open

    def offer(self, picture: Picture, taken: float) -> None:
        """Hand a picture on, if something may have happened in it.

        Args:
            picture: Whole, as far as that is known.
            taken: When it was taken.

        Raises:
            CameraFrozenError: The camera shows the same picture for too long.
            CameraPictureError: The picture turned out to be damaged.

        """
        with self._lock:
            if not self._is_closed:
                self._offer(picture, taken)

    def _offer(self, picture: Picture, taken: float) -> None:
        if self._clock() - taken > self._max_age:
            self.missed()
            return
        self.decoded += 1
        if self._pace.allows(taken) or (picture.is_key and self.keeps_coming):
            self._look(picture, taken)
        if self._is_stuck:
            # Nor are those alive that come in between and are not looked at.
            return
        self.moving += self._open
        self.newest = taken
        self.rate.count(taken)
        self._delivered()
        if self._open or self._wanted:
            self._wanted = False
            self._slot.put(
                Shot(
                    picture,
                    taken,
                    offered=self._clock(),
                    live=self._frozen.changed,
                    quiet_since=self._quiet_since,
                )
            )

    def _look(self, picture: Picture, taken: float) -> None:
        """Look at what the camera shows, and whether it is alive."""
        gray = picture.gray()
        if self._accept_view:
            self._accept_view = False
            self._scene.reset()
        if self._scene.due(taken):
            self._scene.look(gray, picture.luma(), taken)
        if self._began is None:
            self._began = self._watched_since = taken
        elif self.newest is None or taken - self.newest > BLINK:
            self._watched_since = taken
        shown = gray if self._mask is None else np.where(self._mask, gray, np.uint8(0))
        self._is_stuck = self._frozen.look(shown, taken, key=picture.is_key)
        if self._is_stuck:
            self._give_up_at(taken)
            return
        self._lively = True
        self._open = self._gate.passes(gray, taken)
        self._quiet_since = self._quiet(taken)

    def _quiet(self, taken: float) -> float | None:
        """Return since when nothing has moved that was watched without a break."""
        moved = self._gate.moved_at
        if moved is None or moved == taken:
            return None
        return max(moved, self._watched_since)

    def _give_up_at(self, taken: float) -> None:
        """Give the connection up for showing the same picture, but not every time.

        One that begins with the picture of the last one is kept for a while, so that it
        is noticed at once when the picture changes.
        """
        began = taken if self._began is None else self._began
        if self._lively or taken - began >= STUCK_AGAIN:
            raise CameraFrozenError
