"""The stage as a whole: a picture, the real recognizer as a child, and the reads."""

from io import BytesIO
import sys

import aiohttp
import numpy as np
from PIL import Image, ImageDraw
import pytest

from custom_components.plate_gate.errors import BackendAuthError, BackendRejectedError
from custom_components.plate_gate.models import (
    ALPHABET,
    BLANK,
    Characters,
    Frame,
    Plate,
)
from custom_components.plate_gate.recognition import (
    BackendInfo,
    BuiltInBackend,
    CodeProjectBackend,
    OpenAlprBackend,
    built_in_available,
)
from custom_components.plate_gate.recognition.child import Child
from demo.plate_drawing import draw_plate

pytest.importorskip(
    "plate_gate_recognizer", reason="the recognizer is a package of its own"
)

PLACE = (400, 330)
"""Where the plate is in the picture, its top left corner."""


@pytest.fixture
def plate_picture() -> Image.Image:
    """Return a plate as it is seen from some distance."""
    return draw_plate("AB12CDE", 36)


@pytest.fixture
def yard(plate_picture: Image.Image) -> Frame:
    """Return a picture of a car, drawn simply, in a yard."""
    scene = Image.new("RGB", (960, 540), (140, 160, 185))
    draw = ImageDraw.Draw(scene)
    draw.rectangle((0, 260, 960, 540), fill=(105, 102, 98))
    draw.rounded_rectangle((300, 130, 660, 270), 50, fill=(45, 60, 95))
    draw.rounded_rectangle((340, 150, 620, 235), 30, fill=(20, 24, 30))
    draw.rounded_rectangle((270, 230, 690, 400), 30, fill=(50, 66, 104))
    draw.ellipse((290, 265, 350, 310), fill=(235, 235, 225))
    draw.ellipse((610, 265, 670, 310), fill=(235, 235, 225))
    draw.rectangle((290, 395, 350, 430), fill=(15, 15, 15))
    draw.rectangle((610, 395, 670, 430), fill=(15, 15, 15))
    scene.paste(plate_picture, PLACE)
    jpeg = BytesIO()
    scene.save(jpeg, "JPEG", quality=90)
    return Frame(jpeg=jpeg.getvalue(), width=960, height=540, taken=1.0)


def spelled(characters: Characters) -> str:
    """Return the text of the likeliest character at each step."""
    text = ""
    last = BLANK
    for column in characters.argmax(axis=1):
        if column not in (last, BLANK):
            text += ALPHABET[column - 1]
        last = column
    return text


async def test_plate_in_a_picture(
    session: aiohttp.ClientSession, yard: Frame, plate_picture: Image.Image
) -> None:
    """The built-in recognizer starts, reads a plate where it is, and ends."""
    assert built_in_available()
    backend = BuiltInBackend(session, threads=1)
    await backend.start()
    try:
        info = await backend.check()
        assert info.version
        reads = await backend.read(yard)
        (read,) = [read for read in reads if read.plate == Plate("AB12CDE")]
        assert read.confidence > 0.5

        assert read.box is not None
        x = (read.box.x_min + read.box.x_max) / 2
        y = (read.box.y_min + read.box.y_max) / 2
        assert PLACE[0] < x < PLACE[0] + plate_picture.width
        assert PLACE[1] < y < PLACE[1] + plate_picture.height

        assert read.characters is not None
        assert spelled(read.characters) == "AB12CDE"
        np.testing.assert_allclose(read.characters.sum(axis=1), 1, atol=1e-5)

        broken = Frame(jpeg=yard.jpeg[:300], width=960, height=540, taken=2.0)
        with pytest.raises(BackendRejectedError):
            await backend.read(broken)
        assert await backend.read(yard) == reads
    finally:
        await backend.stop()


COMMAND = (
    *(sys.executable, "-P", "-m", "plate_gate_recognizer", "serve"),
    *("--host", "127.0.0.1", "--port", "0", "--threads", "1", "--exit-with-stdin"),
)


async def test_both_protocols(session: aiohttp.ClientSession, yard: Frame) -> None:
    """The recognizer says the same to a client of either protocol that it speaks."""
    child = await Child.spawn(COMMAND, ready=60, leave=5)
    try:
        codeproject = CodeProjectBackend(session, child.url, token=child.token)
        openalpr = OpenAlprBackend(session, child.url, token=child.token)
        assert await openalpr.ping() == BackendInfo()
        assert await openalpr.check() == BackendInfo()

        reads = await codeproject.read(yard)
        assert Plate("AB12CDE") in [read.plate for read in reads]
        for one, other in zip(reads, await openalpr.read(yard), strict=True):
            assert one.plate == other.plate
            assert one.confidence == pytest.approx(other.confidence, abs=1e-3)
            assert one.box is not None
            assert other.box is not None
            # A box around the corners of a plate that is not quite level.
            assert other.box == pytest.approx(one.box, abs=3)
            assert one.characters is not None
            assert other.characters is not None
            np.testing.assert_array_equal(one.characters, other.characters)

        broken = Frame(jpeg=yard.jpeg[:300], width=960, height=540, taken=2.0)
        with pytest.raises(BackendRejectedError):
            await openalpr.read(broken)
        for token in (None, "wrong"):
            stranger = OpenAlprBackend(session, child.url, token=token)
            with pytest.raises(BackendAuthError):
                await stranger.ping()
            with pytest.raises(BackendAuthError):
                await stranger.read(yard)
    finally:
        await child.stop()
