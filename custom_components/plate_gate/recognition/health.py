"""How the backends of a site are doing."""

from dataclasses import dataclass
from enum import StrEnum

from ..errors import BackendError


class BackendState(StrEnum):
    """What can be expected of a backend."""

    READY = "ready"
    """It answers."""
    BUSY = "busy"
    """It is well, but has asked to be left alone for a while."""
    FAILED = "failed"
    """It gave no usable answer; it is asked again every few seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendHealth:
    """How one backend is doing. Replaced as a whole; counts and times only."""

    key: str
    """Tells it from the others of its site; it means nothing."""
    name: str
    """What the user calls it."""
    state: BackendState
    error: BackendError | None = None
    """Why it is not ready."""
    version: str | None = None
    latency_p50_ms: int | None = None
    """Milliseconds that half of the last readings took at most; None before the first."""
    latency_p95_ms: int | None = None
    reads: int = 0
    """Frames that it answered since it was set up, with plates or without."""
    failures: int = 0
    """Frames for which it gave no usable answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolHealth:
    """How all backends of a site are doing, in the order in which they are asked."""

    backends: tuple[BackendHealth, ...]

    @property
    def available(self) -> bool:
        """Whether there is one left that reads."""
        return any(b.state is not BackendState.FAILED for b in self.backends)

    @property
    def error(self) -> BackendError | None:
        """Why none is left, as the first backend has it; None if there is one."""
        if self.available:
            return None
        return next((b.error for b in self.backends if b.error is not None), None)
