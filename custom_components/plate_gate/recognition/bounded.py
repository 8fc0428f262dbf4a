"""Asking with a limit that holds, whoever is asked."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from ..errors import BackendTimeoutError, BackendUnavailableError

GRACE: Final = 0.1
"""Seconds that a question which is given up has to end; closing a socket takes none."""


class Bounded:
    """Asks questions that are given up in time, and knows those that will not end."""

    def __init__(self) -> None:
        """Begin with no question open."""
        self._stuck: set[asyncio.Task[Any]] = set()

    @property
    def stuck(self) -> int:
        """How many questions were given up and have not ended."""
        return len(self._stuck)

    async def ask[T](self, question: Coroutine[Any, Any, T], limit: float) -> T:
        """Wait for the answer to a question, and give it up in time.

        A question that is given up is canceled, which closes its connection. One that
        does not end by that does not hold up whoever asked.

        Args:
            question: What to wait for.
            limit: Seconds.

        Raises:
            BackendTimeoutError: There was no answer within the limit.
            BackendUnavailableError: The question was canceled by somebody else.
            Exception: What the question raised.

        """
        task = asyncio.create_task(question, name="plate_gate question to a backend")
        task.add_done_callback(_look_at)
        try:
            answered, _ = await asyncio.wait({task}, timeout=limit)
        finally:
            if not task.done():
                await self._give_up(task)
        try:
            if not answered:
                raise BackendTimeoutError("No answer in time")
            if task.cancelled():
                # Passed on, it would end the lane as if that had been told to stop.
                raise BackendUnavailableError("The question was given up elsewhere")
            return task.result()
        finally:
            # An exception keeps this frame, and this frame would keep the exception,
            # and both a picture, until somebody cleans up.
            del task, answered

    async def settle(self, limit: float) -> None:
        """Wait, within reason, for the questions that were given up.

        Args:
            limit: Seconds.

        """
        if self._stuck:
            await asyncio.wait(self._stuck, timeout=limit)

    async def _give_up(self, task: asyncio.Task[Any]) -> None:
        self._stuck.add(task)
        task.add_done_callback(self._stuck.discard)
        task.cancel()
        await asyncio.wait({task}, timeout=GRACE)


def _look_at(task: asyncio.Task[Any]) -> None:
    """Look at an exception, lest asyncio log it with its words: nobody may want it."""
    if not task.cancelled():
        task.exception()
