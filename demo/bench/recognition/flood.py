"""Clients that send each picture when it is there, whatever became of those before.

So do many that are not ours. Whoever answers them has to say no, or to queue.
"""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from io import BytesIO
import time
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, FormData

from .pictures import Picture
from .tally import Fate, Tally


class Flood:
    """Sends pictures, and counts what becomes of them.

    Attributes:
        tally: What became of them so far.
        in_flight_max: How many were without an answer at a time, at most.
        rude: How many were refused without being told when to come again.

    """

    def __init__(self, session: ClientSession, url: str) -> None:
        """Begin with nothing sent.

        Args:
            session: What is sent with; with as many connections as it likes.
            url: Of the service.

        """
        self.tally = Tally()
        self.in_flight_max = 0
        self.rude = 0
        self._session = session
        self._url = f"{url}/v1/vision/alpr"
        self._begin = 0.0
        self._in_flight = 0

    async def send(
        self,
        pictures: Sequence[Picture],
        *,
        per_second: float,
        seconds: float,
        patience: float,
    ) -> None:
        """Send for a while, then wait for answers.

        Args:
            pictures: What to send, over and over.
            per_second: How many.
            seconds: For how long; at least one is sent.
            patience: Seconds to wait after that; what has no answer then is lost.

        """
        self._begin = time.monotonic()
        tasks: list[asyncio.Task[None]] = []
        for number in range(max(1, round(per_second * seconds))):
            due = self._begin + number / per_second
            await asyncio.sleep(due - time.monotonic())
            self.tally.take()
            picture = pictures[number % len(pictures)]
            tasks.append(asyncio.create_task(self._send_one(picture)))
        _, late = await asyncio.wait(tasks, timeout=patience)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def _send_one(self, picture: Picture) -> None:
        sent = time.monotonic()
        self._in_flight += 1
        self.in_flight_max = max(self.in_flight_max, self._in_flight)
        fate = Fate.LOST
        try:
            fate = await self._ask(picture)
        except ClientError, OSError, ValueError:
            # No connection, or one that broke, or an answer that is none.
            fate = Fate.LOST
        finally:
            # Also if it was given up.
            self._in_flight -= 1
            self.tally.end(fate, sent - self._begin, time.monotonic() - sent)

    async def _ask(self, picture: Picture) -> Fate:
        form = FormData()
        form.add_field(
            "upload",
            BytesIO(picture.jpeg),
            filename="frame.jpg",
            content_type="image/jpeg",
        )
        async with self._session.post(
            self._url, data=form, timeout=ClientTimeout(total=None)
        ) as response:
            answer: Any = await response.json()
            if response.status == HTTPStatus.OK:
                is_read = isinstance(answer, dict) and answer.get("success") is True
                return Fate.ANSWERED if is_read else Fate.FAILED
            if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
                self.rude += "Retry-After" not in response.headers
                return Fate.REFUSED
            return Fate.FAILED
