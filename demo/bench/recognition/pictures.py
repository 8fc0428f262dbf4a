"""What the cameras show while the service is measured."""

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from demo import scene
from demo.bench.process import BenchError

_QUALITY: Final = 90
"""As in the capture."""

_MOMENTS: Final = (0.5, 3.0, 5.0, 6.0, 7.0, 8.5, 10.0, 13.5)
"""Seconds of the drawn clip: the yard is empty, a car comes near, stands, and leaves."""
_PLATES: Final = ("KN18RTX", "AB12CDE")

_MOST: Final = 500
"""Pictures of a folder; more would only take memory."""
_JPEG: Final = (".jpg", ".jpeg")


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG file."""

    jpeg: bytes = field(repr=False)
    width: int
    height: int


def drawn() -> list[Picture]:
    """Draw some, of 1280x720: empty and with a car, far and near."""
    pictures = []
    for moment in _MOMENTS:
        for plate in _PLATES:
            file = BytesIO()
            image = Image.fromarray(scene.frame_at(moment, plate))
            image.save(file, "JPEG", quality=_QUALITY)
            pictures.append(Picture(file.getvalue(), image.width, image.height))
    return pictures


def of_folder(folder: Path) -> list[Picture]:
    """Take the JPEG files of a folder and of the folders in it.

    Raises:
        BenchError: There are none, or one of them is none.

    """
    files = sorted(f for f in folder.rglob("*") if f.suffix.lower() in _JPEG)
    pictures = []
    for file in files[:_MOST]:
        content = file.read_bytes()
        try:
            with Image.open(BytesIO(content)) as image:
                pictures.append(Picture(content, image.width, image.height))
        except OSError:
            raise BenchError(f"{file.name} cannot be understood") from None
    if not pictures:
        raise BenchError("The folder holds no JPEG files")
    return pictures
