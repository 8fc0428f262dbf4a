"""One backend of a pool: asks it, and keeps book of how it does."""

from collections.abc import Callable, Coroutine
import logging
from typing import Any, Final

from ..errors import (
    BackendError,
    BackendProtocolError,
    BackendRateLimitedError,
    BackendRejectedError,
    BackendTimeoutError,
)
from ..faults import where
from ..models import Frame, PlateRead
from .backend import BackendInfo
from .bounded import Bounded
from .breaker import Breaker
from .health import BackendHealth, BackendState
from .latency import Latency
from .member import Member
from .pace import Pace

_LOGGER = logging.getLogger(__name__)

_USUALLY: Final = 3.0
"""An answer that takes so many times as long as most do will not come."""


class Seat:
    """What a pool knows of one of its backends, and how it asks that one."""

    def __init__(
        self,
        member: Member,
        *,
        pace: Pace,
        clock: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        """Take the backend.

        Args:
            member: Which one it is.
            pace: How long to wait for what.
            clock: Seconds that never jump.
            changed: Called after each change of the state, or of the kind of error.

        """
        self.member = member
        self.in_flight = 0
        """Frames that it is reading now."""
        self.reads = 0
        self._failures = 0
        self.version: str | None = None
        self._pace = pace
        self._clock = clock
        self._changed = changed
        self._breaker = Breaker()
        self._latency = Latency()
        self._bounded = Bounded()
        self._told = self._look()
        self._told_of_failure = False
        self._quiet = True

    @property
    def state(self) -> BackendState:
        """How the backend is doing now."""
        self._breaker.busy_for(self._clock())
        return self._breaker.state

    @property
    def error(self) -> BackendError | None:
        """Why it is not ready."""
        return self._breaker.error

    @property
    def health(self) -> BackendHealth:
        """How the backend is doing now, with numbers."""
        return BackendHealth(
            key=self.member.key,
            name=self.member.name,
            state=self.state,
            error=self.error,
            version=self.version,
            latency_p50_ms=self._milliseconds(50),
            latency_p95_ms=self._milliseconds(95),
            reads=self.reads,
            failures=self._failures,
        )

    @property
    def doubtful(self) -> bool:
        """Whether it refuses so many pictures that it may not read at all."""
        return self._breaker.doubtful

    @property
    def stuck(self) -> bool:
        """Whether questions that were given up still have not ended."""
        return self._bounded.stuck > 0

    @property
    def share(self) -> float | None:
        """Seconds after which it is better to ask another one; None if unknown."""
        usual = self._latency.percentile(95)
        return None if usual is None else max(self._pace.share, _USUALLY * usual)

    def busy_for(self) -> float:
        """Return for how many more seconds it wants to be left alone."""
        left = self._breaker.busy_for(self._clock())
        self.report()
        return left

    def until_probe(self, tries: int) -> float:
        """Return the seconds until the next probe of the backend, which failed.

        Args:
            tries: Probes since it did.

        """
        return self._pace.until_probe(
            self._breaker.error or BackendError(),
            tries=tries,
            relapsed=self._breaker.relapsed,
        )

    async def read(self, frame: Frame, limit: float) -> list[PlateRead]:
        """Let the backend read a frame, and note how that went.

        Args:
            frame: The picture.
            limit: Seconds after which it is given up.

        Raises:
            BackendError: It gave no usable answer.

        """
        began = self._clock()
        self.in_flight += 1
        try:
            reads = await self._ask(self.member.backend.read(frame), limit)
        except BackendRateLimitedError as err:
            self.busy(err)
            raise
        except BackendRejectedError:
            self._failures += 1
            self._breaker.refuse(frame.taken)
            raise
        except BackendError as err:
            self._failures += 1
            if isinstance(err, BackendTimeoutError):
                # It takes longer than that: the next one may, if it can be waited for.
                self._latency.add(limit)
            self.fail(err, reading=True)
            raise
        finally:
            self.in_flight -= 1
        self.reads += 1
        self._latency.add(self._clock() - began)
        # Who is paid for each reading knows best when to be asked for the next one;
        # anybody else was busy with the reading that has just ended.
        self._breaker.read(frees=not self.member.metered)
        self.report()
        return reads

    async def ping(self) -> BackendInfo:
        """Ask the backend whether it is there.

        Raises:
            BackendError: It is not.

        """
        info = await self._ask(self.member.backend.ping(), self._pace.ping)
        self.version = info.version
        return info

    async def check(self, limit: float) -> BackendInfo:
        """Ask the backend whether it reads; one that is paid for, whether it is there.

        Args:
            limit: Seconds that the reading may take.

        Raises:
            BackendError: It does not.

        """
        if self.member.metered:
            return await self.ping()
        info = await self._ask(self.member.backend.check(), limit)
        self.version = info.version
        return info

    async def start(self) -> None:
        """Get the backend ready.

        Raises:
            BackendError: It cannot be made ready.

        """
        await self._ask(self.member.backend.start(), self._pace.start)

    async def stop(self) -> None:
        """Let go of the backend; what goes wrong with that is nobody's loss."""
        await self._bounded.settle(self._pace.ping)
        try:
            await self._ask(self.member.backend.stop(), self._pace.leave)
        except BackendError as err:
            _LOGGER.debug("%s: not stopped (%s)", self.member.name, type(err).__name__)

    def close(self) -> None:
        """Ask the backend nothing more, and tell nobody."""
        self._quiet = True
        self._told_of_failure = False
        self._breaker = Breaker()
        self._told = self._look()

    def fail(self, error: BackendError, *, reading: bool = False) -> None:
        """Ask the backend for no readings until it has passed a probe.

        Args:
            error: Why.
            reading: Whether a picture of a lane was not read, and not a probe failed.

        """
        self._breaker.fail(error, reading=reading)
        self.report()

    def busy(self, error: BackendRateLimitedError) -> None:
        """Leave the backend alone for as long as it says, within reason."""
        seconds = self._pace.busy_for(error.retry_after)
        self._breaker.busy(error, self._clock() + seconds)
        self.report()

    def recover(self) -> None:
        """Ask the backend for readings again, since it passed a probe."""
        self._breaker.recover()
        self.report()

    def cleared(self) -> None:
        """Take note that it reads, and refused pictures because of those."""
        self._breaker.cleared()

    def outdone(self) -> None:
        """Take note that others read the picture which it has just refused."""
        if self._breaker.doubtful:
            why = BackendRejectedError("It refuses pictures that others read")
            self.fail(why, reading=True)

    def announce(self) -> None:
        """Log from now on, beginning with how it is doing."""
        self._quiet = False
        self._log()

    def report(self) -> None:
        """Tell of a change, if there was one since the last time."""
        self._log()
        told, self._told = self._told, self._look()
        if self._told != told:
            self._changed()

    async def _ask[T](self, question: Coroutine[Any, Any, T], limit: float) -> T:
        try:
            return await self._bounded.ask(question, limit)
        except BackendError:
            raise
        except Exception as err:  # noqa: BLE001
            # A fault of ours in one backend must not keep the others from reading.
            _LOGGER.error("%s: unexpected %s", self.member.name, where(err))
            raise BackendProtocolError("Something unexpected went wrong") from None

    def _look(self) -> tuple[BackendState, type[BackendError] | None]:
        error = self._breaker.error
        return self._breaker.state, None if error is None else type(error)

    def _log(self) -> None:
        """Tell of a failure once, and of its end once it is believed.

        Who passes a probe is believed, unless that has been wrong before: then only a
        real reading is.
        """
        if self._quiet:
            return
        failed = self._breaker.state is BackendState.FAILED
        if failed and not self._told_of_failure:
            self._told_of_failure = True
            name = type(self._breaker.error).__name__
            _LOGGER.warning("%s: recognizer failed (%s)", self.member.name, name)
        elif self._told_of_failure and not failed and not self._breaker.relapsed:
            self._told_of_failure = False
            _LOGGER.info("%s: recognizer is back", self.member.name)

    def _milliseconds(self, percent: int) -> int | None:
        seconds = self._latency.percentile(percent)
        return None if seconds is None else round(seconds * 1000)
