"""What the fault table is made with: it has to see what is wrong, or it proves nothing."""

import asyncio
import logging
import os
import threading
import time

import pytest

from custom_components.plate_gate.capture import Region
from custom_components.plate_gate.capture.jpeg import Size
from custom_components.plate_gate.capture.picture import JpegPicture, Shot
from custom_components.plate_gate.capture.slot import Slot
from demo.bench import numbers
from demo.bench.faults import show
from demo.bench.faults.case import Outcome, left_over
from demo.bench.faults.ears import Ears
from demo.bench.faults.judge import Judge
from demo.bench.faults.rows import cases
from demo.bench.faults.table import report_of, text
from tests.capture.conftest import until

SECRETS = ("open-sesame", "/hidden")


def failure() -> Exception:
    """Return an error that a secret is behind."""
    error = TimeoutError()
    error.__cause__ = OSError(SECRETS[1])
    return error


@pytest.mark.parametrize(
    "level", [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR]
)
def test_ears_hear_the_log(level: int) -> None:
    """What is logged is heard at every level, its arguments and its errors as well."""
    ears = Ears()
    logger = logging.getLogger("tests.ears")
    with ears.listening():
        logger.log(level, "Connecting to /hidden")
        logger.log(level, "%.4s", "open-sesame")
        logger.log(level, "It failed", exc_info=failure())
    logger.log(level, "/hidden")
    assert ears.count(SECRETS) == 3
    assert ears.lines >= 3


def test_ears_hear_libraries() -> None:
    """What is written past Python is heard, too."""
    ears = Ears()
    with ears.listening():
        os.write(2, b"rtsp://open-sesame@camera/hidden\n")
    assert ears.count(SECRETS) == 2


def test_ears_hear_what_is_shown() -> None:
    """So is what a thing says of itself, with the errors behind it."""
    ears = Ears()
    ears.show(failure())
    assert ears.count(SECRETS) == 1


def test_ears_give_back() -> None:
    """Afterwards, logging is as it was."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    with Ears().listening():
        assert root.level == logging.DEBUG
    assert (root.handlers, root.level) == before


@pytest.mark.parametrize(
    ("age", "is_old"), [(0.1, False), (1.9, False), (3.0, True), (None, True)]
)
async def test_judge(age: float | None, is_old: bool) -> None:
    """How old a picture is, only the camera knows; one that it never took is none."""
    now = time.monotonic()
    taken = {7: now - age} if age is not None else {}
    judge = Judge(taken.get)
    shot = Shot(JpegPicture(show.files()[7], Size(*show.SIZE)), now)
    slot = Slot(asyncio.get_running_loop())
    with judge.watching():
        slot.put(shot)
    slot.put(shot)
    assert len(judge.put) == 1
    assert judge.old() == is_old
    assert not judge.old(since=time.monotonic() + 1)
    judge.look((await slot.take()).develop(Region()))
    assert judge.old() == is_old


def test_pictures_have_numbers() -> None:
    """Each picture carries its own, also those of a camera that has moved."""
    assert [numbers.read_jpeg(file) for file in show.files()] == list(range(show.LOOP))
    assert len(show.clip(show.ELSEWHERE).packets) == show.LOOP - show.ELSEWHERE
    assert len(show.growing_clip().packets) == show.LOOP


async def test_threads() -> None:
    """A thread that is left counts, one that ends does not."""
    before = set(threading.enumerate())
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    assert await left_over(before, patience=0.1) == 1
    end.set()
    assert await left_over(before) == 0
    await until(lambda: not thread.is_alive())


def test_table() -> None:
    """The table has one row for each fault, and says what could not be helped."""
    outcome = Outcome(
        shown=("unreachable", "late"),
        noticed=0.04,
        back=1.26,
        handed_on=12,
        old=2,
        old_unnoticed=2,
        threads=0,
        secrets=0,
        heard=9,
    )
    assert outcome.is_good
    case = next(case for case in cases() if case.kind == "mjpeg")
    report = report_of([(case, outcome)])
    assert report["failures"] == 0
    _, row, *_ = text(report).splitlines()
    assert row.split("  ")[0] == case.row.name
    assert row.split()[-8:] == ["late", "0.0", "1.3", "12", "2", "*", "0", "0"]
