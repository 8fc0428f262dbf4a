"""A view of a yard that looks to an encoder as a real one does: texture, noise, motion."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from . import numbers

_NOISE: Final = 2.0
"""Standard deviation of the sensor's noise, in steps of brightness: a fair day."""

_MARGIN: Final = 64
"""Pixels by which the noise is moved about, at most: no two pictures are the same."""


class Yard:
    """Draws pictures of one yard, with a car that drives through it or without."""

    def __init__(self, width: int, height: int, seed: int = 1) -> None:
        """Draw what does not change.

        Args:
            width: Of the pictures in pixels.
            height: Likewise.
            seed: Another one is another yard.

        """
        self._chance = np.random.default_rng(seed)
        self._yard = self._texture(width, height, 110)
        self._car = self._texture(width // 5, height // 4, 170)
        noise = self._chance.normal(0, _NOISE, (height + _MARGIN, width + _MARGIN))
        self._noise = np.rint(noise).astype(np.int16)

    def picture(
        self, place: float | None = None, number: int | None = None
    ) -> numbers.Picture:
        """Draw a picture.

        Args:
            place: Where the car is on its way from left to right, from 0 to 1; None if
                there is none.
            number: What the picture carries; None for a picture without a number.

        """
        height, width, _ = self._yard.shape
        view = self._yard.copy()
        if place is not None:
            tall, long, _ = self._car.shape
            left, top = int(place % 1 * (width - long)), height // 2
            view[top : top + tall, left : left + long] = self._car
        down, right = self._chance.integers(0, _MARGIN, 2)
        view += self._noise[down : down + height, right : right + width, np.newaxis]
        picture = np.clip(view, 0, 255).astype(np.uint8)
        if number is not None:
            numbers.write(picture, number)
        return picture

    def _texture(self, width: int, height: int, brightness: int) -> NDArray[np.int16]:
        """Return a surface with as much detail in the small as in the large."""
        surface = np.full((height, width, 3), float(brightness))
        for cells in (4, 12, 36, 108):
            field = self._chance.integers(
                0, 256, (cells * 9 // 16 + 1, cells, 3), np.uint8
            )
            scaled = Image.fromarray(field).resize(
                (width, height), Image.Resampling.BICUBIC
            )
            surface += (np.asarray(scaled, np.float32) - 128) * 0.2
        whole: NDArray[np.int16] = np.rint(surface).astype(np.int16)
        return whole
