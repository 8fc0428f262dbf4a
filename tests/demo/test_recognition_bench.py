"""Measuring the recognition: what is counted and how, and small runs of the real service."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
import io
import json
import os
from pathlib import Path
import sys
import time
from types import ModuleType, SimpleNamespace
from typing import Any, override

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
import numpy as np
from PIL import Image
import pytest

from custom_components.plate_gate.models import Frame, PlateRead
from custom_components.plate_gate.recognition import CodeProjectBackend
from demo.bench import __main__ as command_line
from demo.bench.process import BenchError, Server, cpu_seconds, memory, peak
from demo.bench.recognition import accuracy, gauges, lanes, pictures, throughput
from demo.bench.recognition.flood import Flood
from demo.bench.recognition.orders import follow
from demo.bench.recognition.ours import Ours
from demo.bench.recognition.rule import as_ours, simple
from demo.bench.recognition.services import ours, plain_queue, running
from demo.bench.recognition.show import accuracy_text, markdown, throughput_text
from demo.bench.recognition.stock import Stock
from demo.bench.recognition.stock_server import StockService
from demo.bench.recognition.tally import Fate, Tally
from demo.bench.recognition.theirs import Theirs
from demo.bench.recognition.throughput import Row, wrong
from plate_gate_recognizer.geometry import Box
from tests.recognizer.scene import jpeg, yard

PICTURE = pictures.Picture(b"\xff\xd8picture\xff\xd9", 640, 360)
READS = {"success": True, "predictions": []}
PLACE = Box(150, 380, 330, 420)

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """Return a client."""
    async with ClientSession() as client:
        yield client


@pytest.fixture
async def answer_with() -> AsyncIterator[Callable[[Handler], Awaitable[str]]]:
    """Run a server that answers pictures as a test wants it; return its address."""
    servers = []

    async def run(handler: Handler) -> str:
        app = web.Application()
        app.router.add_post("/v1/vision/alpr", handler)
        servers.append(server := TestServer(app))
        await server.start_server()
        return str(server.make_url("")).rstrip("/")

    yield run
    for server in servers:
        await server.close()


# What is counted.


def test_tally() -> None:
    """Each picture has one fate; times are told of all, and of both ends."""
    tally = Tally()
    for _ in range(7):
        tally.take()
    for begun, took in ((0.5, 0.1), (1.5, 0.2), (2.5, 0.4)):
        tally.end(Fate.ANSWERED, begun, took)
    tally.end(Fate.DROPPED)
    tally.end(Fate.REFUSED, 2.0, 0.003)
    tally.end(Fate.LOST)
    assert tally.missing == 1
    tally.end(Fate.FAILED)
    assert tally.missing == 0
    assert tally.figures(3.0) == {
        "taken": 7,
        "answered": 3,
        "dropped": 1,
        "refused": 1,
        "failed": 1,
        "lost": 1,
        "ms": {"p50": 200.0, "p95": 400.0, "max": 400.0},
        "first_third_ms": {"p50": 100.0, "p95": 100.0, "max": 100.0},
        "last_third_ms": {"p50": 400.0, "p95": 400.0, "max": 400.0},
        "refused_ms": {"p50": 3.0, "p95": 3.0, "max": 3.0},
    }


def test_tally_of_nothing() -> None:
    """Where nothing was answered there are no times."""
    figures = Tally().figures(1.0)
    assert figures["answered"] == 0
    assert figures["ms"] is None


def test_process() -> None:
    """Time and memory of a process are those that the system counts."""
    used, own = cpu_seconds(os.getpid()), time.process_time()
    assert own - 0.2 < used < own + 0.2
    assert memory() - 1 < peak() == peak(os.getpid())


def test_gauges() -> None:
    """Of what the service tells only what has no labels is taken."""
    text = """# TYPE plate_gate_recognizer_waiting gauge
plate_gate_recognizer_waiting 3
plate_gate_recognizer_reading 1.0
plate_gate_recognizer_requests_total{code="200"} 7
plate_gate_recognizer_start_time_seconds 1.7e+09
process_waiting 9
"""
    assert gauges.parse(text) == {
        "waiting": 3,
        "reading": 1,
        "start_time_seconds": 1.7e9,
    }


# The pictures.


def test_drawn_pictures() -> None:
    """They are drawn as a camera of the demo would take them, and differ."""
    drawn = pictures.drawn()
    assert len({one.jpeg for one in drawn}) > 10
    with Image.open(io.BytesIO(drawn[0].jpeg)) as image:
        assert image.format == "JPEG"
        assert image.size == (drawn[0].width, drawn[0].height) == (1280, 720)


def test_pictures_of_a_folder(tmp_path: Path) -> None:
    """Every JPEG file below it is taken; without any, or with a false one, it is said."""
    with pytest.raises(BenchError, match="no JPEG"):
        pictures.of_folder(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.JPG").write_bytes(jpeg(yard()))
    (tmp_path / "notes.txt").write_text("nothing", "utf-8")
    (one,) = pictures.of_folder(tmp_path)
    assert (one.width, one.height) == (960, 540)
    (tmp_path / "2.jpeg").write_bytes(b"nothing")
    with pytest.raises(BenchError, match=r"2\.jpeg"):
        pictures.of_folder(tmp_path)


# Lanes, and clients that do not wait.


class Gated(CodeProjectBackend):
    """A backend that answers when it is told to."""

    def __init__(self) -> None:
        """Begin with nothing asked."""
        self.asked: asyncio.Queue[Frame] = asyncio.Queue()
        self.answers: asyncio.Queue[None] = asyncio.Queue()

    @override
    async def read(self, frame: Frame) -> list[PlateRead]:
        """Wait."""
        self.asked.put_nowait(frame)
        await self.answers.get()
        return []


async def test_lane_sends_the_newest() -> None:
    """While one is being read, each newer picture takes the place of the one before."""
    backend, tally = Gated(), Tally()
    lane = lanes._Lane(backend, tally, time.monotonic())
    sending = asyncio.create_task(lane._send())
    for number in range(3):
        lane._take(replace(PICTURE, jpeg=b"%d" % number))
        if number == 0:
            assert (await backend.asked.get()).jpeg == b"0"
    assert backend.asked.empty()
    assert tally.fates == {Fate.DROPPED: 1}
    backend.answers.put_nowait(None)
    assert (await backend.asked.get()).jpeg == b"2"
    lane._take(replace(PICTURE, jpeg=b"3"))
    lane._is_over = True
    for _ in range(2):
        backend.answers.put_nowait(None)
    await sending
    # The last one that the camera took is not forgotten.
    assert (await backend.asked.get()).jpeg == b"3"
    assert tally.fates == {Fate.DROPPED: 1, Fate.ANSWERED: 3}
    assert tally.missing == 0


async def test_lanes_do_not_share(
    session: ClientSession, answer_with: Callable[[Handler], Awaitable[str]]
) -> None:
    """Each lane has its own picture under way, and one only."""
    at_work = most = 0
    all_there = asyncio.Event()

    async def read(request: web.Request) -> web.Response:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        if at_work == 3:
            all_there.set()
        await request.read()
        # None would have an answer if they sent one after the other.
        await all_there.wait()
        at_work -= 1
        return web.json_response(READS)

    tally = await lanes.drive(
        session, await answer_with(read), [PICTURE], lanes=3, fps=100, seconds=0.1
    )
    assert most == 3
    assert tally.fates[Fate.ANSWERED] >= 3
    assert tally.missing == 0


@pytest.mark.parametrize(
    ("status", "headers", "fate"),
    [
        (503, {"Retry-After": "60"}, Fate.REFUSED),
        (429, {}, Fate.REFUSED),
        (500, {}, Fate.FAILED),
        (404, {}, Fate.FAILED),
    ],
)
async def test_lane_is_refused(
    session: ClientSession,
    answer_with: Callable[[Handler], Awaitable[str]],
    status: int,
    headers: dict[str, str],
    fate: Fate,
) -> None:
    """A refusal is no failure. Who asks to be left alone is left alone."""

    async def refuse(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({}, status=status, headers=headers)

    tally = await lanes.drive(
        session, await answer_with(refuse), [PICTURE], lanes=1, fps=50, seconds=0.2
    )
    assert tally.missing == 0
    assert tally.fates[fate] >= 1
    assert set(tally.fates) <= {fate, Fate.DROPPED}
    if headers:
        assert tally.fates[Fate.REFUSED] == 1


async def test_flood(
    session: ClientSession, answer_with: Callable[[Handler], Awaitable[str]]
) -> None:
    """Pictures are sent without waiting, and what becomes of each is counted."""
    answers = iter(range(6))
    sent = asyncio.Barrier(6)

    async def read(request: web.Request) -> web.StreamResponse:
        number = next(answers)
        await request.read()
        await sent.wait()
        match number:
            case 0:
                return web.json_response(READS)
            case 1:
                return web.json_response({"success": False})
            case 2:
                return web.json_response({}, status=503, headers={"Retry-After": "1"})
            case 3:
                return web.json_response({}, status=503)
            case 4:
                return web.json_response({}, status=413)
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    flood = Flood(session, await answer_with(read))
    await flood.send([PICTURE], per_second=1000, seconds=0.006, patience=30)
    assert flood.tally.fates == {
        Fate.ANSWERED: 1,
        Fate.FAILED: 2,
        Fate.REFUSED: 2,
        Fate.LOST: 1,
    }
    assert flood.tally.missing == 0
    assert flood.in_flight_max == 6
    assert flood.rude == 1


async def test_flood_has_no_patience(
    session: ClientSession, answer_with: Callable[[Handler], Awaitable[str]]
) -> None:
    """What has no answer in the end is lost."""
    never = asyncio.Event()

    async def wait(request: web.Request) -> web.Response:
        await never.wait()
        return web.Response()

    flood = Flood(session, await answer_with(wait))
    await flood.send([PICTURE], per_second=200, seconds=0.1, patience=0.05)
    never.set()
    assert flood.tally.fates == {Fate.LOST: flood.tally.taken}
    assert flood.in_flight_max == flood.tally.taken == 20


# The service.


async def test_throughput() -> None:
    """Small runs of the real service find nothing wrong, and are shown as a table."""
    said: list[str] = []
    report = await throughput.measure(
        [Row(lanes=2), Row(lanes=1, flood=True, workers=2), Row(lanes=4, peer=True)],
        [pictures.Picture(jpeg(yard(("AB12CDE", 40, (150, 380)))), 960, 540)],
        seconds=0.5,
        threads=2,
        peer=None,
        say=said.append,
    )
    assert report["failures"] == []
    few, flood = report["rows"]
    assert said == [few["name"], flood["name"]]
    for row in (few, flood):
        assert row["answered"] >= 1
        assert row["ms"]["p50"] <= row["ms"]["p95"] <= row["ms"]["max"]
        assert row["cpu_ms_per_answer"] > 0
        assert 50 < row["rss_mb"] < 4000
        assert row["waiting_max"] <= 4
    assert few["taken"] == few["answered"] + few["dropped"] + few["refused"]
    assert (few["threads"], flood["threads"]) == (2, 1)
    assert flood["in_flight_max"] >= 1
    assert json.loads(json.dumps(report)) == report
    shown = throughput_text(report)
    assert shown.count("| Plate Gate |") == 2
    assert "Every picture was answered" in shown


def test_wrong() -> None:
    """What must not be is told in words, of ours only; a time never is."""
    row = {
        "name": "Plate Gate",
        "peer": False,
        "workers": 1,
        "answered": 5,
        "missing": 0,
        "lost": 0,
        "failed": 0,
        "waiting_max": 4,
        "reading_max": 1,
        "ms": {"p50": 1e6},
    }
    assert wrong(row) == []
    bad = {
        "missing": 1,
        "lost": 2,
        "failed": 3,
        "rude": 4,
        "answered": 0,
        "waiting_max": 5,
        "reading_max": 2,
        "exit_status": 1,
    }
    assert wrong(row | bad | {"peer": True}) == []
    assert wrong(row | bad) == [
        "1 pictures are unaccounted for",
        "2 pictures have no answer",
        "3 pictures have an answer that is none",
        "4 refusals do not tell when to come again",
        "1 was the exit status of the service",
        "not one answer",
        "5 pictures waited at a time",
        "2 pictures were read at a time",
    ]
    assert wrong(row | {"waiting_max": None}) == [
        "it does not tell how many pictures wait"
    ]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('print(\'{"ready": false, "error": "no weights"}\')', "no weights"),
        ("print('ready')", "does not start"),
        ("pass", "does not start"),
    ],
)
async def test_service_does_not_start(code: str, message: str) -> None:
    """A service that does not become ready is said to be so."""
    with pytest.raises(BenchError, match=message):
        async with running([sys.executable, "-c", code]):
            pass


async def test_service_tells_its_versions() -> None:
    """What a service runs on is told by itself, since it may be another environment."""
    said = {"ready": True, "port": 9, "versions": {"rapidocr": "3.10.0"}}
    code = f"print({json.dumps(said)!r}, flush=True); input()"
    async with running([sys.executable, "-c", code]) as service:
        assert service.url == "http://127.0.0.1:9"
        assert service.versions == {"rapidocr": "3.10.0"}
        assert service.status is None
    # It was not asked for a line, so it ends with an error when its input does.
    assert service.status == 1


def test_commands() -> None:
    """The real services are run with what they are to use."""
    command = ours(2, 1)
    assert command[command.index("--workers") + 1] == "2"
    assert command[command.index("--threads") + 1] == "1"
    assert plain_queue(Path("python"), 2) == [
        "python",
        "-m",
        "demo.bench.recognition.stock_server",
        "2",
    ]


# rapidocr. It is not installed where the tests run: what takes its place answers alike.


class FakeRapidOCR:
    """Answers as rapidocr does."""

    def __init__(self, params: dict[str, Any]) -> None:
        """Take the settings."""
        self.params = params

    def __call__(self, picture: Any) -> SimpleNamespace:
        """Read nothing in a black picture, and the same in any other."""
        if not picture.any():
            return SimpleNamespace(boxes=None, txts=None, scores=None)
        box = np.array([[150, 380], [330, 382], [330, 420], [150, 418]], np.float32)
        return SimpleNamespace(
            boxes=np.stack([box, box + 100]),
            txts=("ab12-CDE", "!"),
            scores=(np.float32(0.75), 0.5),
        )


@pytest.fixture
def _rapidocr(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put it in the place of rapidocr."""
    module = ModuleType("rapidocr")
    module.RapidOCR = FakeRapidOCR  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "rapidocr", module)


@pytest.mark.usefixtures("_rapidocr")
def test_stock() -> None:
    """Its answers become lines; it has as many threads as ours."""
    stock = Stock(2)
    assert stock.load_s > 0
    threads = "EngineConfig.onnxruntime.intra_op_num_threads"
    assert stock._read.params[threads] == 2
    assert stock.read(jpeg(yard())) == [
        ("ab12-CDE", 0.75, [150.0, 380.0, 330.0, 420.0]),
        ("!", 0.5, [250.0, 480.0, 430.0, 520.0]),
    ]
    assert stock.read(jpeg(Image.new("RGB", (64, 64)))) == []
    assert stock.read(b"nothing") is None


@pytest.mark.usefixtures("_rapidocr")
async def test_stock_service(session: ClientSession) -> None:
    """The integration's client understands the stand-in for what people run."""
    service = StockService(Stock(1))
    app = web.Application()
    app.router.add_post("/v1/vision/alpr", service.read)
    async with TestServer(app) as server:
        backend = CodeProjectBackend(session, str(server.make_url("")))
        content = jpeg(yard())
        frame = Frame(jpeg=content, width=960, height=540, taken=time.monotonic())
        (read,) = await backend.read(frame)
    await asyncio.to_thread(service.close)
    assert read.plate.reveal() == "AB12CDE"
    assert read.confidence == 0.75


def test_simple_rule() -> None:
    """What looks like a plate counts, the clear and the large first."""
    large = Box(0, 0, 400, 90)
    lines = [
        ("KN18 RTX", 0.9, PLACE),
        ("ab-12-cde", 0.8, large),
        ("GARAGE", 1.0, large),
        ("2026-11-24", 1.0, large),
        ("1234567890", 1.0, large),
        ("A1", 1.0, large),
    ]
    assert simple(lines) == [("AB12CDE", large), ("KN18RTX", PLACE)]


def test_ranked_as_ours() -> None:
    """The recognizer's own order is applied to lines of another reader."""
    lines = [("X1234", 0.6, PLACE), ("AB-12-CDE", 0.95, PLACE), ("!", 1.0, PLACE)]
    assert as_ours(lines)[0] == ("AB12CDE", PLACE)


def test_readers(tmp_path: Path) -> None:
    """Ours tells its reads, and that a picture cannot be decoded."""
    content = jpeg(yard(("AB12CDE", 40, (150, 380))))
    (tmp_path / "1.jpg").write_bytes(content)
    (tmp_path / "2.jpg").write_bytes(b"nothing")
    reader = Ours()
    assert reader.load(threads=1)["load_s"] > 0
    told = reader.read(str(tmp_path / "1.jpg"))
    assert told["ms"] > 0
    assert told["lines"][0][0] == "AB12CDE"
    assert reader.read(str(tmp_path / "2.jpg")) == {"lines": []}
    assert reader.memory()["rss_mb"] > 50


@pytest.mark.usefixtures("_rapidocr")
def test_orders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reader does what it is told, line by line."""
    (tmp_path / "1.jpg").write_bytes(jpeg(yard()))
    (tmp_path / "2.jpg").write_bytes(b"nothing")
    orders: list[dict[str, object]] = [{"do": "load", "threads": 1}]
    orders += [{"do": "read", "file": str(tmp_path / f"{n}.jpg")} for n in (1, 2)]
    orders += [{"do": "memory"}]
    typed = "".join(json.dumps(order) + "\n" for order in orders)
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    theirs = Theirs()
    follow({task.__name__: task for task in (theirs.load, theirs.read, theirs.memory)})
    loaded, read, damaged, used = map(json.loads, capsys.readouterr().out.splitlines())
    assert "onnxruntime" in loaded["versions"]
    assert read["lines"][0][0] == "ab12-CDE"
    assert damaged == {"lines": []}
    assert used["rss_mb"] > 50


class Readers(Server):
    """Takes the place of `Server`: ours is real, rapidocr's answers are given."""

    def __init__(self, module: str, python: Path | None = None) -> None:
        """Start ours."""
        self._is_ours = python is None
        if self._is_ours:
            super().__init__(module)

    @override
    def ask(self, **order: object) -> Any:
        """Answer for rapidocr."""
        if self._is_ours:
            return super().ask(**order)
        match order["do"]:
            case "load":
                return {"load_s": 2.0, "versions": {"rapidocr": "3.10.0"}}
            case "memory":
                return {"rss_mb": 500.0}
        if str(order["file"]).endswith("3.jpg"):
            return {"lines": []}
        lines = [["GARAGE", 1.0, [600, 0, 900, 90]], ["AB12CDE", 0.9, list(PLACE)]]
        return {"ms": 400.0, "lines": lines}

    @override
    def close(self) -> None:
        """Let ours end."""
        if self._is_ours:
            super().close()


def test_accuracy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read the same pictures, and one scale judges them."""
    monkeypatch.setattr(accuracy, "Server", Readers)
    for number, text in ((1, "AB12CDE"), (2, "KN18RTX")):
        scene = yard((text, 40, (150, 380)))
        (tmp_path / f"{number}.jpg").write_bytes(jpeg(scene))
        label = f"{number}.jpg\t150\t380\t180\t40\t{text}\n"
        (tmp_path / f"{number}.txt").write_text(label, "utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "3.jpg").write_bytes(b"nothing")
    (tmp_path / "sub" / "3.txt").write_text("3.jpg\t1\t1\t1\t1\tA1", "utf-8")

    said: list[str] = []
    report = accuracy.measure(tmp_path, 1, Path("peer"), said.append)
    assert said == ["loading", "2 pictures", "1 pictures sub"]
    readers = report["readers"]
    assert list(readers) == ["Plate Gate", "rapidocr", "rapidocr, ranked as ours"]
    keys = {"load_s", "rss_mb", "all", "sub"}
    assert all(set(reader) == keys for reader in readers.values())
    own, theirs = readers["Plate Gate"], readers["rapidocr"]
    assert [one["all"]["n"] for one in readers.values()] == [3, 3, 3]
    assert own["all"]["exact"] == pytest.approx(2 / 3, abs=1e-4)
    assert theirs["all"]["exact"] == pytest.approx(1 / 3, abs=1e-4)
    assert theirs["all"]["detected"] == pytest.approx(2 / 3, abs=1e-4)
    assert (theirs["all"]["ms_p50"], theirs["sub"]["n"]) == (400.0, 1)
    assert (theirs["load_s"], theirs["rss_mb"]) == (2.0, 500.0)
    assert report["machine"]["versions"]["rapidocr"] == {"rapidocr": "3.10.0"}
    assert json.loads(json.dumps(report)) == report
    shown = accuracy_text(report)
    assert "| 66.7 % |" in shown
    assert "rapidocr 3.10.0" in shown


def test_accuracy_quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To be quick, some pictures are left out."""
    monkeypatch.setattr(accuracy, "Server", Readers)
    for number in range(5):
        (tmp_path / f"{number}.jpg").write_bytes(jpeg(yard()))
        label = f"{number}.jpg\t1\t1\t9\t9\tA1"
        (tmp_path / f"{number}.txt").write_text(label, "utf-8")
    out = tmp_path / "report.json"
    typed = ["recognizer", str(tmp_path), "--quick", "--json", str(out)]
    assert command_line.main([*typed, "--peer-python", sys.executable]) == 0
    report = json.loads(out.read_text("utf-8"))
    assert [one["all"]["n"] for one in report["readers"].values()] == [2, 2, 2]


def test_accuracy_without_pictures(tmp_path: Path) -> None:
    """Where there is nothing to measure, that is said."""
    with pytest.raises(BenchError, match="no pictures with labels"):
        accuracy.measure(tmp_path, 1, Path("peer"), lambda _: None)


# The command line.


def test_markdown() -> None:
    """Texts stand to the left, numbers to the right."""
    assert markdown([["who", "n"], ["we", "10"], ["they", "-"]]) == (
        "| who  |   n |\n| ---- | --: |\n| we   |  10 |\n| they |   - |"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["recognize", "--seconds", "0"],
        ["recognize", "--threads", "0"],
        ["recognizer", "DIR"],
        ["recognizer", "--peer-python", sys.executable],
        ["recognizer", "DIR", "--peer-python", "absent"],
    ],
)
def test_arguments_refused(arguments: list[str]) -> None:
    """What makes no sense is refused."""
    with pytest.raises(SystemExit):
        command_line.main(arguments)


@pytest.mark.parametrize(
    ("arguments", "rows", "seconds"),
    [
        ([], throughput.ALL, 15.0),
        (["--quick"], throughput.QUICK, 4.0),
        (["--quick", "--seconds", "1.5"], throughput.QUICK, 1.5),
    ],
)
@pytest.mark.parametrize("failures", [[], ["1 pictures have no answer"]])
def test_command_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    rows: tuple[Row, ...],
    seconds: float,
    failures: list[str],
) -> None:
    """The arguments arrive, the report is kept, and the status tells of failures."""
    (tmp_path / "1.jpg").write_bytes(jpeg(yard()))
    asked: dict[str, Any] = {}

    async def measure(*what: Any, **how: Any) -> dict[str, Any]:
        asked.update(how, rows=what[0], pictures=len(what[1]))
        facts = {"cpu": "one", "cores": 2, "load": 0.0, "versions": {}}
        return {
            "rows": [],
            "seconds": how["seconds"],
            "fps": 10.0,
            "threads": 2,
            "pictures": 1,
            "machine": facts,
            "failures": failures,
        }

    monkeypatch.setattr(throughput, "measure", measure)
    out = tmp_path / "report.json"
    status = command_line.main(
        ["recognize", str(tmp_path), *arguments, "--json", str(out)]
    )
    assert status == bool(failures)
    assert (asked["rows"], asked["seconds"], asked["pictures"]) == (rows, seconds, 1)
    assert asked["peer"] is None
    assert json.loads(out.read_text("utf-8"))["failures"] == failures
    assert ("WRONG" in capsys.readouterr().out) == bool(failures)
