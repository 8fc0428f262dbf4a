"""Draws what is looked at into the picture that the lane form shows."""

import io
from typing import Final

from PIL import Image, ImageDraw

from .capture import Region
from .errors import CameraPictureError

_SIZE: Final = 1280
"""Pixels of the longer side, at most: it is looked at in a dialog, perhaps far away."""

_OUTLINE: Final = (255, 193, 7)


def draw_preview(jpeg: bytes, region: Region) -> bytes:
    """Gray out, in a picture, what is not looked at.

    Args:
        jpeg: The picture of a camera.
        region: What is looked at.

    Returns:
        A JPEG file of the picture, smaller if it was large.

    Raises:
        CameraPictureError: The picture is damaged.

    """
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            image.thumbnail((_SIZE, _SIZE))
            shown = image.convert("RGB")
    except OSError, SyntaxError, ValueError:
        raise CameraPictureError from None
    # A picture of the night is no darker when it is darkened, so there is haze as well.
    hidden = shown.convert("L").point([value // 4 + 32 for value in range(256)])
    mask = Image.fromarray(region.mask(*shown.size))
    drawn = Image.composite(shown, hidden.convert("RGB"), mask)
    pen = ImageDraw.Draw(drawn)
    for polygon in filter(None, (region.polygon, *region.exclusions)):
        corners = [(x * shown.width, y * shown.height) for x, y in polygon]
        pen.line([*corners, corners[0]], fill=_OUTLINE, width=2)
    buffer = io.BytesIO()
    drawn.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
