"""Measuring the capture: what is made of numbers, and a tiny run on real cameras."""

import asyncio
from collections.abc import AsyncIterator, Callable
import io
import json
import logging
import os
from pathlib import Path
import random
import socket
import threading
import time
from typing import Any

import av
import numpy as np
from PIL import Image
import pytest

from custom_components.plate_gate.capture import CameraSettings, WatchSettings
from custom_components.plate_gate.capture.backoff import Backoff
from custom_components.plate_gate.capture.rtsp import RtspReader
from custom_components.plate_gate.capture.steady import SteadySource
from demo.bench import capture, decoding, numbers, peer_cv2, reading
from demo.bench.films import Film, path_of
from demo.bench.journal import Journal
from demo.bench.process import BenchError, Worker, files, memory, threads
from demo.bench.report import Goal, delays, goals, quantile, table, text
from demo.bench.soak import report as soak_report
from demo.bench.soak.cameras import FROZEN, PASSWORD, USER, LoopingCamera
from demo.bench.soak.faults import Fault
from demo.bench.soak.ledger import Handed, Ledger
from demo.bench.soak.log_watch import LogWatch
from demo.bench.soak.patient import Episode, Patient
from demo.bench.soak.vitals import Level, MemoryWatch, until_back
from demo.bench.yard import Yard
from demo.cameras import Clip, RtspCamera

TINY = Film(
    name="tiny", width=320, height=180, fps=30, codec="h264", seconds=4, mbit=0.5
)
EFFORT = capture.Effort(
    delay=0.9, runs=1, cpu=0.5, settle=0.3, reconnects=3, pictures=20
)


@pytest.fixture(scope="module")
def film_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place for the films of these tests."""
    return tmp_path_factory.mktemp("films")


@pytest.fixture(autouse=True)
def _films_apart(film_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep films out of the cache of whoever runs the tests."""
    monkeypatch.setenv("PLATE_GATE_CACHE", str(film_folder))


class Task:
    """Takes the place of `Worker`: does the same work, in a thread."""

    def __init__(self, module: str, task: str, **arguments: Any) -> None:
        """Start it."""
        modules = {"reading": reading, "peer_cv2": peer_cv2, "decoding": decoding}
        function = getattr(modules[module], task)
        self._answer: dict[str, Any] = {}

        def run() -> None:
            found = function(**arguments)
            if asyncio.iscoroutine(found):
                found = asyncio.run(found)
            self._answer |= json.loads(json.dumps(found))

        self._thread = threading.Thread(target=run)
        self._thread.start()

    def result(self) -> dict[str, Any]:
        """Wait until it is done."""
        self._thread.join()
        assert self._answer, "the task failed; its thread tells why"
        return self._answer


def test_capture(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report has the keys that it promises, and a table for people."""
    monkeypatch.setattr(capture, "Worker", Task)
    monkeypatch.setattr(capture, "WARM", 1)
    monkeypatch.setattr(capture, "SETTLE", 0.5)
    said: list[str] = []
    report = capture.measure(EFFORT, said.append, [TINY])
    assert said[0] == "the films of tiny"

    promised = {"delay_ms_p50", "delay_ms_p95", "first_frame_s", "rss_growth_mb"}
    for peer in ("rtsp", "cv2"):
        assert promised <= set(report[peer])
        assert 0 < report[peer]["delay_ms_p50"] <= report[peer]["delay_ms_p95"]
        assert report[peer]["first_frame_s"] > 0
        assert report[peer]["reconnects"] == 3
        assert report[peer]["frames_between"] > 0
    # It reads picture after picture, and takes 0.4 s for each of 1/30 s.
    assert report["cv2"]["delay_ms_p95"] > report["rtsp"]["delay_ms_p95"]
    for shares in (
        "cpu_share",
        "cpu_share_moving",
        "cpu_share_decode",
        "cpu_share_cv2",
    ):
        assert set(report[shares]) == {"tiny"}
        assert report[shares]["tiny"] > 0
    assert report["gate_ms"] > 0
    rest, alone = report["cpu_share"]["tiny"], report["cpu_share_decode"]["tiny"]
    assert report["gate_share"] == pytest.approx(rest - alone)
    assert report["clips"]["tiny"]["mbit_s"] == pytest.approx(0.5, rel=0.5)
    assert json.loads(json.dumps(report)) == report

    shown = text(report)
    assert "Plate Gate" in shown.splitlines()[0]
    for goal in goals(report):
        assert goal.name in shown


def test_worker_is_a_process() -> None:
    """What is measured runs in a process of its own, and answers in JSON."""
    clip = Clip.from_file(path_of(TINY))
    with RtspCamera(clip) as camera:
        measured = Worker(
            "decoding", "cpu", url=camera.url(), seconds=0.3, settle=0.1
        ).result()
    assert measured["decoded"] > 0
    assert 0 < measured["used"] < measured["wall"]


def test_worker_fails(capfd: pytest.CaptureFixture[str]) -> None:
    """A task that fails says so, and its traceback is shown."""
    with pytest.raises(BenchError, match="decoding cpu failed"):
        Worker("decoding", "cpu", nonsense=1).result()
    assert "nonsense" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.5, 2), (0.51, 3), (0.95, 4), (1.0, 4)]
)
def test_quantile(share: float, expected: float) -> None:
    """It is the smallest value that at least that share does not exceed."""
    assert quantile([4, 1, 3, 2], share) == expected


def test_delays() -> None:
    """Each picture is found among all that were taken, whatever was left out."""
    taken = [(index % 10, 100 + index / 10) for index in range(40)]
    seen = [(2, 100.3), (9, 101.0), (3, 101.5), (1, 102.4)]
    assert delays(seen, taken, 10) == pytest.approx([0.1, 0.1, 0.2, 0.3])
    assert delays(seen, taken, 10, settle=1.0) == pytest.approx([0.2, 0.3])


def test_goals() -> None:
    """A goal is met up to its limit."""
    assert Goal("delay", 150.0, 150.0).is_met
    assert not Goal("delay", 150.1, 150.0).is_met


def test_table() -> None:
    """The first column is flush left, the others flush right."""
    assert table([["a", "bc"], ["def", "g"]]) == "a    bc\ndef   g"


@pytest.mark.parametrize("number", [0, 1, 12345, FROZEN])
def test_number_of_a_picture(number: int) -> None:
    """A number survives a JPEG file."""
    picture = Yard(320, 180).picture(0.5, number)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=50)
    assert numbers.read_jpeg(file.getvalue()) == number


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_film(codec: Any) -> None:
    """A film carries its numbers, and is made once."""
    film = Film(
        name="numbers",
        width=320,
        height=180,
        fps=10,
        codec=codec,
        seconds=1,
        mbit=0.3,
        number=4000,
    )
    path = path_of(film)
    with av.open(str(path)) as container:
        shown = [
            numbers.read(np.asarray(frame.to_ndarray(format="gray"), np.uint8))
            for frame in container.decode(video=0)
        ]
    assert shown == list(range(4000, 4010))
    made = path.stat().st_mtime_ns
    assert path_of(film) == path
    assert path.stat().st_mtime_ns == made
    assert [p.name for p in path.parent.iterdir() if str(os.getpid()) in p.name] == []


def test_yard_never_repeats() -> None:
    """Two pictures of a yard in which nothing moves differ by their noise."""
    yard = Yard(320, 180)
    assert (yard.picture() != yard.picture()).mean() > 0.5


def test_journal() -> None:
    """What was taken is told once, with the numbers that are shown by now."""
    journal = Journal()
    journal[0] = 1.5
    journal.first = 1000
    journal[0] = 2.5
    journal[1] = 2.6
    assert journal.take() == [(0, 1.5), (1000, 2.5), (1001, 2.6)]
    assert journal.take() == []
    assert journal[1] == 2.6


def test_process_levels() -> None:
    """Memory, files and threads of this process are counted as the system does."""
    assert 10 < memory() < 100_000
    before, open_before = len(threads()), files()
    gate = threading.Event()
    thread = threading.Thread(target=gate.wait)
    thread.start()
    with Path("/dev/null").open(encoding="utf-8"):
        assert files() == open_before + 1
    assert len(threads()) >= before + 1
    gate.set()
    thread.join()


async def test_until_back() -> None:
    """What was given back is no more in use; what was not, is told."""
    now = Level.now()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        after = await until_back(now, 0.1)
        assert after.files == now.files + 2
    assert (await until_back(now, 5.0)).files == now.files


def test_memory_watch() -> None:
    """Growth is that from the first tenth to the last; the warm-up does not count."""
    now = 0.0
    watch = MemoryWatch(10.0, lambda: now)
    assert watch.growth == 0
    for second in range(50):
        now = float(second)
        watch.sample(900.0 if second < 10 else 100.0 + second)
    assert len(watch.samples) == 40
    assert watch.growth == pytest.approx(36.0)


def handed(number: int, got: float, claimed: float) -> Handed:
    """Return a frame that was handed on."""
    return Handed(number, got, claimed, "reset")


def test_ledger() -> None:
    """A frame is as old as the camera's picture, whatever it claims."""
    ledger = Ledger()
    ledger.hand(handed(7, 11.0, 10.9))
    ledger.check(ledger.handed(), [(7, 5.0), (7, 10.8), (7, 11.5), (8, 11.0)])
    assert (ledger.frames, ledger.faults) == (1, [])
    assert ledger.oldest == pytest.approx(0.2)
    assert ledger.optimism == pytest.approx(0.1)

    ledger.check([handed(8, 13.5, 13.4), handed(9, 14.0, 14.0)], [])
    assert len(ledger.faults) == 2
    assert (
        ledger.faults[0]
        == "a frame that was 2.50 s old, and claimed to be 0.10 (reset)"
    )
    assert ledger.faults[1] == "a frame that the camera never took (reset)"

    ledger.check([handed(FROZEN, 20.0, 20.0)], [])
    assert (ledger.frames, ledger.stuck) == (3, 1)


@pytest.mark.parametrize(
    ("message", "argument"),
    [
        ("got %s", "rtsp://host/hidden"),
        ("got %r", {"password": "p@ss word"}),
        ("got %s", "rtsp://u:p%40ss%20word@host"),
    ],
)
def test_log_watch(message: str, argument: object) -> None:
    """A secret is found in every form in which it can be logged."""
    watch = LogWatch(["/hidden", "p@ss word"])
    logger = logging.getLogger("demo.bench.test")
    logger.addHandler(watch)
    try:
        logger.warning("nothing to see")
        assert not watch.leaks
        logger.warning(message, argument)
    finally:
        logger.removeHandler(watch)
    assert watch.lines == 2
    assert watch.leaks == {"demo.bench.test (WARNING)": 1}


def test_log_watch_reads_tracebacks() -> None:
    """What an exception says is in the log as well."""
    watch = LogWatch(["hidden"])
    logger = logging.getLogger("demo.bench.test")
    logger.addHandler(watch)
    error = ValueError("hidden")
    logger.error("failed", exc_info=error)
    logger.removeHandler(watch)
    assert watch.leaks == {"demo.bench.test (ERROR)": 1}


type Breaker = Callable[..., Patient]


@pytest.fixture
async def patient() -> AsyncIterator[Breaker]:
    """Make a camera of the soak with its source, both in this process."""
    camera = LoopingCamera("h264", [(320, 180), (256, 144)])
    await asyncio.to_thread(camera.start)
    settings = CameraSettings(url=camera.url(), username=USER, password=PASSWORD)
    source = SteadySource(
        RtspReader(settings),
        asyncio.get_running_loop(),
        watch=WatchSettings(sensitivity="off"),
        fps=10,
        backoff=Backoff(0.05, 0.1),
    )

    async def tell(order: dict[str, Any]) -> None:
        assert order["name"] == "camera"
        match order["do"]:
            case "kick":
                camera.kick()
            case "resize":
                camera.resize()
            case "stop":
                await asyncio.to_thread(camera.stop)

    made: list[Patient] = []

    def make(bound: float, *faults: Fault) -> Patient:
        chance = random.Random(1)
        made.append(
            Patient(
                "camera",
                source,
                faults,
                tell,
                chance=chance,
                bound=bound,
                calm=(0.0, 0.1),
            )
        )
        return made[-1]

    source.start()
    yield make
    await source.stop()
    for one in made:
        one.ledger.check(one.ledger.handed(), camera.journal.take())
        assert one.ledger.frames > 0
        assert one.ledger.faults == []
    await asyncio.to_thread(camera.stop)


RESET = Fault(name="reset", begin=({"do": "kick"},))
RESIZE = Fault(name="resize", begin=({"do": "resize"}, {"do": "kick"}))
GONE = Fault(name="gone", begin=({"do": "stop"},))


async def test_patient_recovers(patient: Breaker) -> None:
    """Each fault happens, is noticed, and passes; every frame was young."""
    one = patient(20.0, RESET, RESIZE)
    taking = asyncio.create_task(one.take())
    while {episode.fault for episode in one.episodes} != {"reset", "resize"}:
        await one.suffer(time.monotonic() + 1.0)
    taking.cancel()
    assert one.failures == []
    for episode in one.episodes:
        assert episode.noticed is not None
        assert episode.back is not None
        assert episode.shown == {"Unreachable"}


async def test_patient_does_not_recover(patient: Breaker) -> None:
    """A camera that does not come back in time is a failure that is named."""
    one = patient(0.5, GONE)
    taking = asyncio.create_task(one.take())
    while not one.episodes:
        await one.suffer(time.monotonic() + 1.0)
    taking.cancel()
    assert one.failures[0] == "camera: no frame within 0.5 s after gone"


def found(patients: list[Patient], log: LogWatch, **how: Any) -> dict[str, Any]:
    """Return what a soak found, in which nothing else went wrong."""
    usual: dict[str, Any] = {
        "growth": 1.0,
        "growth_limit": 20.0,
        "memory": 100.0,
        "before": Level(("python",), 9),
        "after": Level(("python",), 9),
        "stopping": 0.5,
        "stopping_limit": 3.0,
    }
    report = soak_report.findings(patients, log, **usual | how)
    return report | {"seconds": 30.0, "seed": 1, "bound_s": 14.0}


async def test_soak_report() -> None:
    """What went well is told in numbers, what went wrong in words."""
    settings = CameraSettings(url="rtsp://127.0.0.1:9/live")
    source = SteadySource(RtspReader(settings), asyncio.get_running_loop())

    async def tell(order: dict[str, Any]) -> None:
        raise AssertionError(order)

    one = Patient("camera", source, (), tell, chance=random.Random(1), bound=5.0)
    one.ledger.check([handed(7, 11.0, 10.9)], [(7, 10.8)])
    one.episodes += [
        Episode("reset", noticed=0.1, back=1.5, shown={"Unreachable"}),
        Episode("reset", noticed=0.3, back=2.5, shown={"Picture"}),
        Episode("freeze"),
    ]
    log = LogWatch(["secret"])
    report = found([one], log)
    assert report["failures"] == []
    assert report["faults"]["reset"] == {
        "count": 2,
        "noticed_p50_s": 0.1,
        "noticed_max_s": 0.3,
        "back_p50_s": 1.5,
        "back_max_s": 2.5,
        "shown": ["Picture", "Unreachable"],
    }
    assert report["faults"]["freeze"]["back_max_s"] is None
    assert "Each fault was recovered from within 14 s" in soak_report.soak_text(report)

    log.leaks["logger (INFO)"] = 1
    one.failures.append("camera: something")
    report = found(
        [one],
        log,
        growth=21.0,
        after=Level(("camera", "python"), 10),
        stopping=4.0,
    )
    assert report["failures"] == [
        "camera: something",
        "memory has grown by 21.0 MB",
        "threads are left over: 1 camera",
        "1 files are left open",
        "stopping took 4.0 s",
        "a secret in the log of logger (INFO)",
    ]
    shown = soak_report.soak_text(report)
    assert all(f"- {failure}" in shown for failure in report["failures"])
    assert json.loads(json.dumps(report)) == report
