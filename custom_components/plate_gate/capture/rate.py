"""How often something happens."""

from collections import deque
from typing import Final

_COUNTED: Final = 50


class Rate:
    """Measures how many pictures come per second, over the last fifty of them."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._times: deque[float] = deque(maxlen=_COUNTED)

    def count(self, now: float) -> None:
        """Count a picture.

        Args:
            now: When it came, in seconds that never jump.

        """
        self._times.append(now)

    def clear(self) -> None:
        """Forget what was: a new connection may bring another rate."""
        self._times.clear()

    @property
    def value(self) -> float | None:
        """How many per second; None before the second one."""
        times = tuple(self._times)
        if len(times) < 2 or times[-1] <= times[0]:
            return None
        return (len(times) - 1) / (times[-1] - times[0])
