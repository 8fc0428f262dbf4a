"""Measures the capture, beside OpenCV's on the same cameras in the same run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any, Final

from .films import Film, path_of
from .process import Server, Worker
from .report import (
    Report,
    delay_figures,
    delays,
    first_frame_figures,
    growth_figures,
    machine,
    quantile,
)

PAUSE: Final = 0.4
"""Seconds that the slow consumer takes for each frame, as a recognizer may."""

SETTLE: Final = 2.0
"""Seconds of slow consumption that do not count: what piles up while a reader opens the
camera is gone by then, or will never be."""

WARM: Final = 10
"""Reconnects that do not count: what is loaded and set up once is no growth."""

SCENES: Final = (
    Film(
        name="1080p15 h264",
        width=1920,
        height=1080,
        fps=15,
        codec="h264",
        seconds=8,
        mbit=6,
    ),
    Film(
        name="4k15 h265",
        width=3840,
        height=2160,
        fps=15,
        codec="h265",
        seconds=2,
        mbit=12,
    ),
)
"""The first one is what delay and first frame are measured with."""

_FLEETING: Final = Film(
    name="reconnects", width=640, height=360, fps=50, codec="h264", seconds=1, mbit=2
)
_DROP_AFTER: Final = 10
"""Pictures. Small ones in quick succession, or 200 reconnects would take long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long to measure."""

    delay: float = 12.0
    """Seconds of slow consumption."""
    runs: int = 6
    """Connections until the first frame."""
    cpu: float = 6.0
    """Seconds over which CPU time is counted, twice as many at rest. With `settle`, that
    has to stay below the 30 seconds after which a film that repeats counts as stuck."""
    settle: float = 4.0
    """Seconds before it: the motion gate learns what the yard looks like."""
    reconnects: int = 200
    pictures: int = 300
    """Through the motion gate."""


QUICK: Final = Effort(
    delay=4.0, runs=2, cpu=3.0, settle=3.0, reconnects=20, pictures=90
)


def measure(
    effort: Effort, say: Callable[[str], None], scenes: Sequence[Film] = SCENES
) -> Report:
    """Measure everything.

    Args:
        effort: How long.
        say: Told what is being done.
        scenes: What the cameras show, with a car that drives through.

    Returns:
        The report; `docs/capture.md` explains its keys.

    Raises:
        BenchError: Something could not be measured.

    """
    facts = machine()
    for film in scenes:
        say(f"the films of {film.name}")
        path_of(film)
        path_of(_still(film))
    with Server("cameras") as cameras:
        bench = _Bench(cameras, effort)
        say("delay")
        peers = {
            "rtsp": bench.delay(scenes[0], "reading"),
            "cv2": bench.delay(scenes[0], "peer_cv2", in_thread=False),
            "cv2_thread": bench.delay(scenes[0], "peer_cv2", in_thread=True),
        }
        say("first frame")
        bench.first_frame(scenes[0], peers)
        shares: dict[str, dict[str, float]] = {}
        clips: Report = {}
        for film in scenes:
            say(f"CPU time of {film.name}")
            clips[film.name], measured = bench.cpu(film, together=film is scenes[0])
            for key, share in measured.items():
                shares.setdefault(key, {})[film.name] = round(share, 4)
        say("motion gate")
        gate = bench.gate(_still(scenes[0]))
        say(f"memory over {effort.reconnects} reconnects")
        bench.growth(peers)
    rest, alone = shares["cpu_share"], shares["cpu_share_decode"]
    first = scenes[0].name
    return {
        **peers,
        **shares,
        **gate,
        "gate_share": round(rest[first] - alone[first], 4),
        "clips": clips,
        "machine": facts,
    }


class _Bench:
    """Lets readers loose on cameras."""

    def __init__(self, cameras: Server, effort: Effort) -> None:
        self._cameras = cameras
        self._effort = effort

    def delay(self, film: Film, module: str, **how: object) -> Report:
        """Let a slow consumer read a camera."""
        url = self._open(film)
        seconds = SETTLE + self._effort.delay
        measured = Worker(
            module, "delay", url=url, seconds=seconds, pause=PAUSE, **how
        ).result()
        taken = self._cameras.ask(do="taken", name=_name(film))
        self._close(film)
        return delay_figures(
            delays(measured["seen"], taken, film.pictures, settle=SETTLE)
        )

    def first_frame(self, film: Film, peers: dict[str, Report]) -> None:
        """Connect several times, ours first."""
        url, runs = self._open(film), self._effort.runs
        ours = Worker("reading", "first_frame", url=url, runs=runs).result()
        peers["rtsp"] |= first_frame_figures(ours["seconds"]) | {
            "first_frame_cold_s": round(ours["cold"], 3),
            "stop_worst_s": round(max(ours["stopping"]), 3),
        }
        theirs = Worker("peer_cv2", "first_frame", url=url, runs=runs).result()
        peers["cv2"] |= first_frame_figures(theirs["seconds"])
        self._close(film)

    def cpu(self, film: Film, *, together: bool) -> tuple[Report, dict[str, float]]:
        """Count CPU time: at rest, moving, of decoding alone, of OpenCV.

        Args:
            film: What the camera shows when something moves.
            together: Whether to decode alone while ours is at rest, so that what slows
                the machine down slows both. Two decoders of large pictures are more
                than some machines have cores, and who waits for one drops pictures.

        """
        still = _still(film)
        how = {"sensitivity": "medium"}
        url = self._open(still)
        # What counts is their difference, which is less certain than each of them.
        seconds = 2 * self._effort.cpu
        decoding = self._cpu(url, "decoding", seconds)
        if not together:
            decoding.result()
        resting = self._cpu(url, "reading", seconds, **how)
        decoding.result()
        resting.result()
        others = self._cpu(url, "peer_cv2", self._effort.cpu)
        others.result()
        self._close(still)
        working = self._cpu(self._open(film), "reading", self._effort.cpu, **how)
        working.result()
        self._close(film)
        measured = {
            "cpu_share": _per_picture(resting.result()),
            "cpu_share_moving": _per_picture(working.result()),
            "cpu_share_decode": _per_picture(decoding.result()),
            "cpu_share_cv2": _per_picture(others.result()),
        }
        at_rest, at_work = measured["cpu_share"], measured["cpu_share_moving"]
        size = path_of(film).stat().st_size
        clip = {
            "mbit_s": round(size * 8 / film.seconds / 1e6, 2),
            "decode_ms": round(measured["cpu_share_decode"]["ms"], 2),
            "camera_fps": film.fps,
            "fps": {key: round(one["fps"], 1) for key, one in measured.items()},
            "passed_at_rest": round(at_rest["moving"], 3),
            "passed_moving": round(at_work["moving"], 3),
            "taken_moving": at_work["taken"],
        }
        # Of a camera at its full rate, also if this machine could not keep up with it.
        return clip, {key: one["ms"] * film.fps / 1000 for key, one in measured.items()}

    def _cpu(self, url: str, module: str, seconds: float, **how: object) -> Worker:
        """Let a reader begin to read a camera."""
        settle = self._effort.settle
        return Worker(module, "cpu", url=url, seconds=seconds, settle=settle, **how)

    def gate(self, film: Film) -> Report:
        """Count the CPU time of looking at pictures."""
        pictures = film.fps + self._effort.pictures
        measured = Worker(
            "reading", "gate", film=str(path_of(film)), pictures=pictures
        ).result()
        # What the first picture sets up is no part of a look.
        times = measured["ms"][film.fps :]
        return {
            "gate_ms": round(fmean(times), 3),
            "gate_ms_p50": round(quantile(times, 0.5), 3),
            "gate_ms_max": round(max(times), 3),
        }

    def growth(self, peers: dict[str, Report]) -> None:
        """Lose cameras again and again, each peer its own, at the same time."""
        count = {"warm": WARM, "count": self._effort.reconnects}
        workers = {}
        for peer, module in (("rtsp", "reading"), ("cv2", "peer_cv2")):
            url = self._open(replace(_FLEETING, name=peer), drop_after=_DROP_AFTER)
            workers[peer] = Worker(module, "growth", url=url, **count)
        for peer, worker in workers.items():
            measured = worker.result()
            peers[peer] |= growth_figures(measured, self._effort.reconnects)
            self._cameras.ask(do="close", name=peer)

    def _open(self, film: Film, **how: Any) -> str:
        """Let a camera show a film; return its address."""
        url: str = self._cameras.ask(
            do="open", name=_name(film), film=str(path_of(film)), **how
        )
        return url

    def _close(self, film: Film) -> None:
        self._cameras.ask(do="close", name=_name(film))


def _per_picture(measured: Report) -> Report:
    """Return what a reader took for each picture, among others."""
    pictures = max(measured["decoded"], 1)
    return measured | {
        "ms": 1000 * measured["used"] / pictures,
        "fps": pictures / measured["wall"],
    }


def _still(film: Film) -> Film:
    """Return the same yard without the car."""
    return replace(film, moves=False)


def _name(film: Film) -> str:
    return film.name if film.moves else f"{film.name}, still"
