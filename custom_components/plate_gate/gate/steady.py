"""Seconds that pass, whatever a clock does."""

from collections.abc import Callable


class SteadyClock:
    """A clock that is never set back.

    While the one behind it is set back, this one stands still for a moment and goes on
    from there. So what has to last for some seconds is neither over too early nor lasts
    for ever.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take the clock behind it, which gives seconds."""
        self._clock = clock
        self._last = clock()
        self._passed = 0.0

    def __call__(self) -> float:
        """Return the seconds that have passed since it was made."""
        now = self._clock()
        self._passed += max(0.0, now - self._last)
        self._last = now
        return self._passed
