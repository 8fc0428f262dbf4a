"""The picture in which the lane form shows what is looked at."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image
import pytest

from custom_components.plate_gate.capture.view.region import Region
from custom_components.plate_gate.errors import CameraPictureError
from custom_components.plate_gate.lane_preview import draw_preview


def jpeg_of(color: tuple[int, int, int], width: int = 640, height: int = 360) -> bytes:
    """Return a picture of one color as a JPEG file."""
    jpeg = BytesIO()
    Image.new("RGB", (width, height), color).save(jpeg, "JPEG", quality=95)
    return jpeg.getvalue()


def pixels_of(jpeg: bytes) -> NDArray[np.int_]:
    """Return the pixels of a JPEG file, shape (height, width, 3)."""
    with Image.open(BytesIO(jpeg)) as image:
        assert image.format == "JPEG"
        return np.asarray(image.convert("RGB"), int)


@pytest.mark.parametrize("color", [(200, 120, 40), (3, 3, 3), (250, 250, 250)])
def test_what_is_looked_at_stays_as_it_is(color: tuple[int, int, int]) -> None:
    """The rest can be told from it by day and by night, and has no color."""
    region = Region.from_text("25,25 75,75", ["40,40 60,60"])
    drawn = pixels_of(draw_preview(jpeg_of(color), region))

    assert drawn.shape == (360, 640, 3)
    for y, x in ((110, 320), (180, 200), (250, 450)):
        assert drawn[y, x] == pytest.approx(color, abs=4)
    for y, x in ((40, 320), (180, 320), (340, 40)):
        assert np.ptp(drawn[y, x]) <= 4
        assert np.abs(drawn[y, x] - color).max() > 20


def test_region_and_exclusions_have_an_outline() -> None:
    """A line follows their borders, also that from the last corner to the first."""
    region = Region.from_text("25,25 75,25 75,75 25,75", ["40,40 60,40 60,60 40,60"])
    drawn = pixels_of(draw_preview(jpeg_of((90, 90, 90)), region))

    for y, x in ((90, 320), (180, 160), (270, 320), (144, 320), (180, 256)):
        assert np.ptp(drawn[y - 2 : y + 3, x - 2 : x + 3], axis=2).max() > 60, (y, x)


def test_large_pictures_become_smaller() -> None:
    """A dialog needs no 4K picture; the shape stays."""
    region = Region.from_text("0,50 100,100", [])
    drawn = pixels_of(draw_preview(jpeg_of((200, 200, 200), 3840, 2160), region))
    assert drawn.shape == (720, 1280, 3)
    assert drawn[:350].mean() == pytest.approx(82, abs=3)
    assert drawn[370:].mean() == pytest.approx(200, abs=3)


def test_damaged_picture() -> None:
    """It cannot be drawn into, which is told."""
    jpeg = jpeg_of((90, 90, 90))
    with pytest.raises(CameraPictureError):
        draw_preview(jpeg[:600], Region.from_text("0,50 100,100", []))
