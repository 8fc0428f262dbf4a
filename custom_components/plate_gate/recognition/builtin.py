"""A backend: our own recognizer, run beside Home Assistant as a child process."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
import logging
import sys
from typing import Final, override

import aiohttp

from ..errors import BackendError, BackendTimeoutError, BackendUnavailableError
from ..models import Frame, PlateRead
from .backend import BackendInfo, RecognitionBackend
from .child import HOST, Child
from .codeproject import CodeProjectBackend

_LOGGER = logging.getLogger(__name__)

_PACKAGE: Final = "plate_gate_recognizer"

TIMEOUTS_MAX: Final = 3
"""So many in a row mean that the recognizer hangs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for what, in seconds."""

    ready: float = 30.0
    """For a child to load its models."""
    leave: float = 3.0
    """For a child to end by itself, and again when it is told to."""
    answer: float = 12.0
    """For the answer to one request."""
    pause: float = 1.0
    """Before the first attempt to run it again; each further pause is twice as long."""
    pause_max: float = 60.0
    steady: float = 60.0
    """After which a child that runs counts as well, and pauses begin anew."""

    def pauses(self) -> Iterator[float]:
        """Return the pauses before one attempt after the other, without an end."""
        pause = self.pause
        while True:
            yield pause
            pause = min(pause * 2, self.pause_max)


def built_in_available() -> bool:
    """Tell whether the recognizer is installed. This looks at the disk."""
    try:
        return find_spec(_PACKAGE) is not None
    except ValueError:
        # Something else put a module without a specification in its place.
        return False


class BuiltInBackend(RecognitionBackend):
    """Our own recognizer as a child process that is kept running."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        threads: int = 2,
        python: str = sys.executable,
        command: Sequence[str] | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Plan the child. It is run by `start`.

        Args:
            session: What requests are sent with; it stays the caller's.
            threads: How many threads, and so cores, one reading may use.
            python: The interpreter that has the recognizer installed.
            command: Program and arguments to run instead of the recognizer.
            patience: How long to wait for what.

        """
        self._session = session
        # -P: the current directory is Home Assistant's configuration, not code.
        self._command = command or (
            *(python, "-P", "-m", _PACKAGE, "serve"),
            *("--host", HOST, "--port", "0"),
            *("--threads", str(threads), "--exit-with-stdin"),
        )
        self._patience = patience or Patience()
        self._child: Child | None = None
        self._client: CodeProjectBackend | None = None
        """None while the child is not ready."""
        self._supervision: asyncio.Task[None] | None = None
        self._timeouts: Counter[str] = Counter()

    @override
    async def start(self) -> None:
        """Run the recognizer and wait until it is ready; keep it running from then on.

        Raises:
            BackendError: It cannot be run. Nothing of it is left.

        """
        if self._supervision is not None:
            return
        child = await self._run()
        self._supervision = asyncio.create_task(
            self._supervise(child), name="plate_gate recognizer supervision"
        )

    @override
    async def stop(self) -> None:
        """End the recognizer within a few seconds, and leave nothing of it behind."""
        if self._supervision is not None:
            self._supervision.cancel()
            await asyncio.wait([self._supervision])
            self._supervision = None
        self._client = None
        if self._child is not None:
            await self._child.stop()
            self._child = None

    @override
    async def ping(self) -> BackendInfo:
        """Ask the recognizer whether it is there.

        Returns:
            The version of the recognizer.

        Raises:
            BackendError: It is not.

        """
        return await self._ask("ping", lambda client: client.ping())

    @override
    async def check(self) -> BackendInfo:
        """Let the recognizer read a picture without a plate.

        Returns:
            The version of the recognizer.

        Raises:
            BackendError: It is not there, or cannot read.

        """
        return await self._ask("read", lambda client: client.check())

    @override
    async def read(self, frame: Frame) -> list[PlateRead]:
        """Let the recognizer read the plates in a frame.

        Returns:
            The reads, with character probabilities; an empty list if there are none.

        Raises:
            BackendUnavailableError: It is not running just now, or too slow.
            BackendError: It gave no usable answer.

        """
        return await self._ask("read", lambda client: client.read(frame))

    async def _ask[T](
        self, kind: str, question: Callable[[CodeProjectBackend], Awaitable[T]]
    ) -> T:
        """Ask the child something, and end it if it keeps being silent.

        Timeouts of pings and of readings are counted apart, since a child whose reading
        hangs may go on to answer pings.
        """
        child, client = self._child, self._client
        if child is None or client is None:
            raise BackendUnavailableError("The recognizer is not running")
        try:
            answer = await question(client)
        except BackendTimeoutError:
            self._timeouts[kind] += 1
            if self._timeouts[kind] >= TIMEOUTS_MAX:
                child.kill()
            raise
        except BackendError:
            self._timeouts[kind] = 0
            raise
        self._timeouts[kind] = 0
        return answer

    async def _run(self) -> Child:
        """Run a child and talk to it from now on."""
        child = await Child.spawn(
            self._command, ready=self._patience.ready, leave=self._patience.leave
        )
        self._child = child
        self._client = CodeProjectBackend(
            self._session,
            child.url,
            token=child.token,
            timeout=self._patience.answer,
        )
        self._timeouts.clear()
        return child

    async def _supervise(self, child: Child) -> None:
        """Run the child again whenever it has ended, until cancelled."""
        pauses = self._patience.pauses()
        troubled = False
        while True:
            if await self._steady(child):
                if troubled:
                    _LOGGER.info("The built-in recognizer runs steadily again")
                pauses = self._patience.pauses()
                troubled = False
            status = await child.wait()
            self._client = None
            await child.stop()
            if not troubled:
                _LOGGER.warning(
                    "The built-in recognizer ended (%s) and is run again", status
                )
                troubled = True
            child = await self._run_again(pauses)

    async def _steady(self, child: Child) -> bool:
        """Tell whether a child runs for long enough to count as well."""
        try:
            async with asyncio.timeout(self._patience.steady):
                await child.wait()
        except TimeoutError:
            return True
        return False

    async def _run_again(self, pauses: Iterator[float]) -> Child:
        """Try, after a pause each, until a child runs."""
        while True:
            await asyncio.sleep(next(pauses))
            with suppress(BackendError):
                return await self._run()
