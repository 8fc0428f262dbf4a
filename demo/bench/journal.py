"""When a simulated camera took each picture, with nothing forgotten before it is asked."""

from collections import deque
from typing import Final, override

_MOST: Final = 100_000


class Journal(dict[int, float]):
    """Takes the place of a camera's `taken`.

    Attributes:
        first: The number that the first picture of what is shown now carries.

    """

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self.first = 0
        self._entries: deque[tuple[int, float]] = deque(maxlen=_MOST)

    @override
    def __setitem__(self, index: int, at: float) -> None:
        """Note a picture; called in the thread of the camera.

        Args:
            index: In what is shown.
            at: When it was taken, of `time.monotonic`, which all processes share.

        """
        super().__setitem__(index, at)
        self._entries.append((self.first + index, at))

    def take(self) -> list[tuple[int, float]]:
        """Return what was noted since the last time: number and when."""
        return [self._entries.popleft() for _ in range(len(self._entries))]
