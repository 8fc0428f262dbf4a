"""How long to leave a camera alone that could not be reached."""

from collections.abc import Callable
import random


class Backoff:
    """Pauses that double, from the first to the longest.

    Each is up to a fifth shorter or longer, so that cameras that were lost together,
    with their switch, do not all come back in the same instant.
    """

    def __init__(
        self,
        first: float = 1.0,
        longest: float = 60.0,
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Begin with the first pause.

        Args:
            first: Seconds.
            longest: Seconds.
            chance: Gives numbers from 0 to 1.

        """
        self._first = first
        self._longest = longest
        self._chance = chance
        self._pause = first

    def next(self) -> float:
        """Return the next pause in seconds."""
        pause = self._pause
        self._pause = min(pause * 2, self._longest)
        return self._jittered(pause)

    def longest(self) -> float:
        """Return the longest pause in seconds, and stay with it.

        For a refused password: cameras lock the account of whoever tries too often.
        """
        self._pause = self._longest
        return self._jittered(self._longest)

    def reset(self) -> None:
        """Begin anew with the first pause."""
        self._pause = self._first

    def _jittered(self, pause: float) -> float:
        return pause * (0.8 + 0.4 * self._chance())
