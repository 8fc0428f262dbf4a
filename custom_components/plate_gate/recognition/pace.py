"""How patient a pool is, and how often it asks again."""

from collections.abc import Callable
from dataclasses import dataclass
import random

from ..errors import BackendAuthError, BackendError


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long to wait for what, in seconds.

    Together they hold the promise that a backend which is back is asked again within
    10 seconds: at worst it comes back while a reading hangs (5, the deadline), then
    follow a rest (4) and two answers.
    """

    ping: float = 3.0
    """For a ping; a hung connection must not hide for long that all is well again."""
    start: float = 60.0
    """For a backend to get ready, which may have to load models."""
    leave: float = 15.0
    """For a backend to let go of everything."""
    slow_start: float = 3.0
    """For the others to get ready as well, once one is."""
    share: float = 1.0
    """For a reading, at least, as long as there is another backend to turn to."""
    blink: float = 0.5
    """Before the first probe: most often it was one connection that broke."""
    rest: float = 2.0
    """Between two probes."""
    relapse: float = 4.0
    """Between two probes of one that passes them and then reads nothing."""
    lockout: float = 8.0
    """Between two probes of one that refuses the token, lest it shut us out for it."""
    busy: float = 1.0
    """For one that is busy and does not say for how long."""
    busy_min: float = 0.1
    busy_max: float = 10.0
    """For one that is busy, at least and at most, whatever it says."""
    chance: Callable[[], float] = random.random
    """Gives numbers from 0 to 1, so that many sites do not probe in step."""

    def until_probe(self, error: BackendError, *, tries: int, relapsed: bool) -> float:
        """Return the seconds until the next probe of a backend that failed.

        Args:
            error: Why it failed.
            tries: Probes since then.
            relapsed: Whether it passed a probe and then did not read.

        """
        if isinstance(error, BackendAuthError):
            rest = self.lockout
        elif relapsed:
            rest = self.relapse
        else:
            rest = self.rest if tries else self.blink
        return rest * (1 - self.chance() / 10)

    def busy_for(self, retry_after: float | None) -> float:
        """Return the seconds for which a busy backend is left alone."""
        if retry_after is None:
            return self.busy
        return min(max(retry_after, self.busy_min), self.busy_max)
