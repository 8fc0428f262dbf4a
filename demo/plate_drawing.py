"""Draws license plates that no vehicle carries, for the demo and the tests."""

from PIL import Image, ImageDraw, ImageFont

WHITE = (244, 244, 238)
YELLOW = (250, 206, 60)
DARK = (22, 22, 26)

_DETAIL = 4
"""Drawn this many times larger, then made smaller, so that edges are smooth."""


def draw_plate(
    text: str, height: int = 96, ground: tuple[int, int, int] = WHITE
) -> Image.Image:
    """Draw a plate as one line of bold characters in a dark border.

    It looks European without being any country's plate. Only Pillow's own font is
    used, so that it looks the same on every machine.

    Args:
        text: What stands on it, drawn as it is given; spaces are kept.
        height: Height in pixels, border included, at least 16. The width follows the
            text: about 4.5 times the height for seven characters.
        ground: Color of the plate (red, green, blue), for instance `YELLOW`.

    Returns:
        An RGB picture of the plate, seen from the front.

    Raises:
        ValueError: The text is empty or the height too small to be legible.

    """
    if not text.strip():
        raise ValueError("A plate needs at least one character")
    if height < 16:
        raise ValueError("A plate needs a height of at least 16 pixels")
    tall = height * _DETAIL
    font = ImageFont.load_default(size=tall * 0.78)
    bold = round(tall * 0.022)
    gap = round(tall * 0.09)
    # Each character is set by itself: with the gap the reader never takes two for one.
    advances = [round(font.getlength(c)) + gap for c in text]
    margin = round(tall * 0.26)
    wide = sum(advances) - gap + 2 * margin

    plate = Image.new("RGB", (wide, tall), ground)
    draw = ImageDraw.Draw(plate)
    draw.rectangle((0, 0, wide - 1, tall - 1), outline=DARK, width=round(tall * 0.035))
    x = margin
    for character, advance in zip(text, advances, strict=True):
        draw.text(
            (x, tall / 2),
            character,
            font=font,
            fill=DARK,
            anchor="lm",
            stroke_width=bold,
            stroke_fill=DARK,
        )
        x += advance
    size = (round(wide / _DETAIL), height)
    return plate.resize(size, Image.Resampling.LANCZOS)
