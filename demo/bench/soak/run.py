"""Lets cameras break at random for a while, and checks what the capture makes of it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
import logging
import random
import threading
import time
from typing import Any, Final

from aiohttp import ClientSession, TCPConnector, ThreadedResolver
import av

from custom_components.plate_gate.capture import CameraSettings, WatchSettings
from custom_components.plate_gate.capture.backoff import Backoff
from custom_components.plate_gate.capture.http import HttpReader
from custom_components.plate_gate.capture.reader import Reader
from custom_components.plate_gate.capture.rtsp import OPEN_TIMEOUT, RtspReader
from custom_components.plate_gate.capture.steady import SteadySource
from demo.bench.process import BenchError, Server, memory
from demo.bench.report import Report

from . import faults
from .cameras import PASSWORD, PATH, TOKEN, USER
from .log_watch import LogWatch
from .patient import Patient
from .report import findings
from .vitals import Level, MemoryWatch, until_back

LONGEST: Final = 5.0
"""Seconds between two attempts at most, instead of a minute: a soak is to see many."""

BOUND: Final = 1.2 * LONGEST + OPEN_TIMEOUT + 3.0
"""Seconds after the end of a fault until a frame has to be there: the attempt that is
under way comes to nothing, the longest pause passes, and the next one has time to connect
and to wait for a key picture."""

GROWTH: Final = 20.0
"""MB by which memory may grow after the warm-up."""

WARM: Final = 60.0
"""Seconds of warm-up; a fifth of the time if that is less."""

FROZEN: Final = 5.0
"""Seconds of one and the same JPEG file until the camera counts as one that hangs."""

STOP: Final = 3.0
"""Seconds that stopping all sources may take."""

_SETTLE: Final = 10.0
"""Seconds until what was in use has to be given back."""

_THREADS: Final = 6


def run(seconds: float, seed: int, say: Callable[[str], None]) -> Report:
    """Soak.

    Args:
        seconds: How long faults begin. The last one ends, and is recovered from, later.
        seed: Of chance: which faults, when, for how long.
        say: Told what is being done.

    Returns:
        The report; `failures` is empty if all went well.

    Raises:
        BenchError: The cameras could not be started.

    """
    log = LogWatch([USER, PASSWORD, PATH, TOKEN])
    root = logging.getLogger()
    level, av_level = root.level, av.logging.get_level()
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    av.logging.set_level(av.logging.VERBOSE)
    say("the cameras")
    try:
        with Server("soak.cameras") as cameras:
            urls = cameras.hear()
            say(f"faults, for {seconds / 60:g} minutes")
            return asyncio.run(_Soak(cameras, log, seconds, seed).run(urls))
    finally:
        av.logging.set_level(av_level)
        root.setLevel(level)
        root.removeHandler(log)


class _Soak:
    """One run."""

    def __init__(
        self, cameras: Server, log: LogWatch, seconds: float, seed: int
    ) -> None:
        self._cameras = cameras
        self._log = log
        self._seconds = seconds
        self._seed = seed
        self._turn = asyncio.Lock()
        self._stopping = 0.0

    async def run(self, urls: dict[str, str]) -> Report:
        """Read the cameras while they break; return the report."""
        _fill_executor()
        before = Level.now()
        begun = time.monotonic()
        watch = MemoryWatch(min(WARM, self._seconds / 5))
        # The other resolver leaves a thread of its own behind, for good.
        connector = TCPConnector(resolver=ThreadedResolver())
        async with ClientSession(connector=connector) as session:
            patients = [self._patient(name, url, session) for name, url in urls.items()]
            await self._live(patients, watch)
        after = await until_back(before, _SETTLE)
        return findings(
            patients,
            self._log,
            growth=watch.growth,
            growth_limit=GROWTH,
            memory=memory(),
            before=before,
            after=after,
            stopping=self._stopping,
            stopping_limit=STOP,
        ) | {
            "memory_mb": [round(sample, 1) for sample in watch.samples[::30]],
            "seconds": round(time.monotonic() - begun, 1),
            "seed": self._seed,
            "bound_s": BOUND,
        }

    async def _live(self, patients: list[Patient], watch: MemoryWatch) -> None:
        """Let the cameras be read and broken, until the time is up."""
        end = time.monotonic() + self._seconds
        for patient in patients:
            patient.source.start()
        helpers = [asyncio.create_task(patient.take()) for patient in patients]
        helpers.append(asyncio.create_task(watch.run()))
        helpers.append(asyncio.create_task(self._audit(patients)))
        suffering = asyncio.gather(*(patient.suffer(end) for patient in patients))
        try:
            # What helps does not end by itself, unless it fails.
            tasks: list[asyncio.Future[Any]] = [suffering, *helpers]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not suffering.done():
                for helper in helpers:
                    if helper.done():
                        helper.result()
                raise BenchError("the soak ended early")
            await suffering
        finally:
            suffering.cancel()
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(suffering, *helpers, return_exceptions=True)
            stopped = time.monotonic()
            await asyncio.gather(*(patient.source.stop() for patient in patients))
            self._stopping = time.monotonic() - stopped
        for patient in patients:
            await self._check(patient)

    async def _audit(self, patients: list[Patient]) -> None:
        """Check the frames again and again."""
        while True:
            await asyncio.sleep(1.0)
            for patient in patients:
                await self._check(patient)

    async def _check(self, patient: Patient) -> None:
        # In this order: what was handed on by now was taken by then.
        frames = patient.ledger.handed()
        taken = await self._tell({"do": "taken", "name": patient.name})
        patient.ledger.check(frames, taken)

    async def _tell(self, order: dict[str, Any]) -> Any:
        """Give an order, one at a time."""
        async with self._turn:
            return await asyncio.to_thread(self._cameras.ask, **order)

    def _patient(self, name: str, url: str, session: ClientSession) -> Patient:
        """Return a camera with its source, as a lane has it."""
        settings = CameraSettings(url=url, username=USER, password=PASSWORD)
        is_rtsp = name.startswith("rtsp")
        reader: Reader
        if is_rtsp:
            reader = RtspReader(settings)
        else:
            reader = HttpReader(session, settings, frozen=FROZEN)
        source = SteadySource(
            reader,
            asyncio.get_running_loop(),
            # Every picture, and the usual: what moves.
            watch=WatchSettings(
                sensitivity="off" if name in {"rtsp h264", "mjpeg"} else "medium"
            ),
            fps=settings.fps,
            backoff=Backoff(longest=LONGEST),
        )
        return Patient(
            name,
            source,
            faults.RTSP if is_rtsp else faults.HTTP,
            self._tell,
            chance=random.Random(f"{self._seed} {name}"),
            bound=BOUND,
        )


def _fill_executor() -> None:
    """Let all threads of the executor begin now, so that none seems to be left over."""
    executor = ThreadPoolExecutor(_THREADS, "executor")
    asyncio.get_running_loop().set_default_executor(executor)
    together = threading.Barrier(_THREADS + 1)
    for _ in range(_THREADS):
        executor.submit(together.wait)
    together.wait()
