"""Draws the pictures that the recognizer's tests read."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

from demo.plate_drawing import DARK, WHITE, draw_plate
from plate_gate_recognizer.picture import Picture

SIZE = (960, 540)


def yard(*plates: tuple[str, int, tuple[int, int]]) -> Image.Image:
    """Draw a yard with plates in it.

    Args:
        plates: Text, height in pixels and place of the top left corner of each.

    """
    scene = Image.new("RGB", SIZE, (142, 160, 184))
    draw = ImageDraw.Draw(scene)
    draw.rectangle((0, 250, *SIZE), fill=(104, 102, 98))
    for text, height, (x, y) in plates:
        plate = draw_plate(text, height)
        # A bumper around it, because no plate hangs in the air.
        across, down = plate.width // 2, height * 2
        body = (x - across, y - down, x + plate.width + across, y + height + down // 3)
        draw.rounded_rectangle(body, height // 2, fill=(52, 66, 100))
        scene.paste(plate, (x, y))
    return scene


def two_lines(upper: str, lower: str, height: int) -> Image.Image:
    """Draw a square plate of two lines.

    Args:
        upper: The upper line.
        lower: The lower line.
        height: Height of the plate in pixels, border included.

    """
    lines = [draw_plate(text, height // 2) for text in (upper, lower)]
    # Without the borders that they have as plates of their own.
    rim = max(2, round(height * 0.03))
    lines = [
        line.crop((rim, rim, line.width - rim, line.height - rim)) for line in lines
    ]
    width = max(line.width for line in lines) + 2 * rim
    plate = Image.new("RGB", (width, height), WHITE)
    for line, y in zip(lines, (rim, height // 2), strict=True):
        plate.paste(line, ((width - line.width) // 2, y))
    ImageDraw.Draw(plate).rectangle(
        (0, 0, width - 1, height - 1), outline=DARK, width=rim
    )
    return plate


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    """Return an image as a JPEG file."""
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def png(image: Image.Image) -> bytes:
    """Return an image as a PNG file."""
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def pixels(image: Image.Image) -> Picture:
    """Return an image as the recognizer holds it: blue, green, red."""
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])
