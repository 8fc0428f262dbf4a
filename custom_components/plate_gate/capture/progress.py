"""How far the reading of a stream has come: whether it is live, and how late it is."""

from typing import Final

from .outlet import MAX_AGE
from .timeline import STEP_BACK, Timeline

WAITED: Final = 0.005
"""Seconds. Who waits longer for a packet has read all that was there: it is live."""

CATCH_UP: Final = 2.0
"""Seconds after which a reader that never has to wait is too slow to decode it all, and
seconds after which the first packets of a connection are no backlog any more."""

PROMPT: Final = 0.5
"""Share of the time between two pictures that a packet has to be waited for. What has
piled up comes faster than it was taken, however slow the network is."""

PROMPT_ONES: Final = 2
"""Such packets, one after another, that make a stream live. A single one may be a large
key picture of what has piled up."""


class Progress:
    """Knows how far the reading of a connection has come."""

    def __init__(self, now: float, *, trust_stamps: bool) -> None:
        """Begin with a connection.

        Args:
            now: Seconds that never jump.
            trust_stamps: Whether the camera's time stamps mean anything.

        """
        self.timeline = Timeline(MAX_AGE)
        self.is_live = False
        """Whether everything has been read that had piled up."""
        self.waited_at = now
        """When a packet was waited for last: whoever has to wait is not behind."""
        self._began = now
        self._trust_stamps = trust_stamps
        self._newest: float | None = None
        self._waited = 0.0
        self._prompt = 0

    def note(
        self, stamp: float | None, taken: float, now: float, waited: float
    ) -> float:
        """Take note of a packet.

        Args:
            stamp: When the camera says that it was taken.
            taken: When it began to arrive, in seconds that never jump.
            now: When it was given out.
            waited: Seconds that it was waited for.

        Returns:
            By how many seconds it is late.

        """
        late = self.timeline.lateness(stamp, taken) if self._trust_stamps else 0.0
        if waited >= WAITED:
            self.waited_at = now
        self._judge(stamp, waited)
        calm = min(now - self._began, self.timeline.gained(taken))
        self.is_live |= self._prompt >= PROMPT_ONES or calm > CATCH_UP
        return late

    def _judge(self, stamp: float | None, waited: float) -> None:
        """Tell whether a packet came as fast as it was taken."""
        newest = self._newest
        if stamp is None or newest is None or stamp < newest - STEP_BACK:
            self._newest, self._waited = stamp, 0.0
            return
        # With B-pictures, stamps go back and forth; what counts is how they advance.
        self._waited += waited
        if stamp <= newest:
            return
        prompt = self._waited >= max(WAITED, PROMPT * (stamp - newest))
        self._prompt = self._prompt + 1 if prompt else 0
        self._newest, self._waited = stamp, 0.0
