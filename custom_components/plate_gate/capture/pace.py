"""How many frames per second are handed on."""


class Pace:
    """Tells which of the pictures that a camera delivers is due."""

    def __init__(self, fps: float) -> None:
        """Let at most `fps` pictures per second through, on average."""
        self._interval = 1 / fps
        self._due = 0.0

    def allows(self, now: float) -> bool:
        """Tell whether a picture is due, and count it if so.

        Args:
            now: Seconds that never jump.

        """
        if now < self._due:
            return False
        # A camera's rate is seldom a multiple of ours. What one picture comes too late
        # the next may come earlier, or 10 of 15 per second would become 7.5.
        self._due = max(self._due, now - self._interval) + self._interval
        return True
