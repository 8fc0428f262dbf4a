"""The picture by which a backend shows that it can read.

A gray picture of 160 by 120 pixels: small enough to cost little, large enough for
services that scale down, and in color, since some expect three channels.
"""

from base64 import b64decode
from typing import Final

from ..models import Frame

CHECK_FRAME: Final = Frame(
    jpeg=b64decode(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////"
        "////////////////////////////////////////////2wBDAVVaWnhpeOuCguv/////////////"
        "////////////////////////////////////////////////////////////wAARCAB4AKADASIA"
        "AhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAUAQEA"
        "AAAAAAAAAAAAAAAAAAAA/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AAAAAAAAA"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "/9k="
    ),
    width=160,
    height=120,
    taken=0.0,
)
"""A valid frame without a plate."""
