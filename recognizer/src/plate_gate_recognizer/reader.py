"""Reads one line of text that was cut out of a picture."""

from dataclasses import dataclass, field
import math
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from .captions import is_caption
from .ctc import Fold, decode
from .devices import CPU, Device
from .geometry import Box, Quad, box_around, size_of
from .picture import Picture
from .sessions import Floats, Network

_HEIGHT: Final = 48
_WIDTH_MIN: Final = 320
"""Narrower lines are padded on the right to this; unpadded they are read worse."""
_WIDTH_CROP_MIN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read in one place. Its text shows in no log and no traceback."""

    text: str = field(repr=False)
    """Capital letters and digits; any number of them, also none."""
    confidence: float
    """From 0 to 1: the mean likelihood of the characters."""
    quad: Quad = field(repr=False)
    characters: Floats = field(repr=False)
    """Likelihoods of shape (steps, 37), see `ctc`."""
    caption: bool = False
    """Whether it can only be a clock or another caption, see `captions`."""
    whole: bool = True
    """Whether it was read in one place; else it was put together of two."""

    @property
    def box(self) -> Box:
        """The upright rectangle around it, in pixels of the picture."""
        return box_around(self.quad)

    @property
    def height(self) -> float:
        """How tall the line is, in pixels of the picture."""
        return size_of(self.quad)[1]


class Reader:
    """Reads lines of text with PP-OCR's recognizer."""

    def __init__(
        self, weights: Path, classes: Path, threads: int, device: Device = CPU
    ) -> None:
        """Load the network.

        Args:
            weights: The network, a file in the ONNX format.
            classes: Its characters, a file in UTF-8 with one a line.
            threads: How many threads it may use.
            device: What it runs on.

        """
        self._network = Network(weights, threads, device)
        # Not splitlines: some of the characters count as ends of a line themselves.
        characters = classes.read_text("utf-8").removesuffix("\n")
        self._classes = ["", *characters.split("\n"), " "]
        self._fold = Fold(self._classes)

    def read(self, line: Picture, quad: Quad) -> Read:
        """Read a line of text.

        One at a time: together they took no less time for each on a processor.

        Args:
            line: As it was cut out.
            quad: Where it was cut out of.

        """
        (likelihood,) = self._network(_prepare(line))
        characters = self._fold(likelihood)
        text, confidence = decode(characters)
        return Read(
            text=text,
            confidence=confidence,
            quad=quad,
            characters=characters,
            caption=is_caption(self._with_signs(likelihood)),
        )

    def _with_signs(self, likelihood: Floats) -> str:
        """Return the likeliest text with all that `Fold` drops."""
        best = likelihood.argmax(axis=1)
        begins = (best > 0) & (np.diff(best, prepend=0) != 0)
        return "".join(self._classes[column] for column in best[begins])


def _prepare(line: Picture) -> Floats:
    """Return a batch of one line: 48 pixels tall, from -1 to 1, padded with 0."""
    height, width = line.shape[:2]
    wide = max(_WIDTH_CROP_MIN, math.ceil(_HEIGHT * width / height))
    scaled = cv2.resize(
        line,
        (wide, _HEIGHT),
        interpolation=cv2.INTER_LINEAR if height >= _HEIGHT else cv2.INTER_CUBIC,
    )
    padded = np.zeros((1, 3, _HEIGHT, max(_WIDTH_MIN, wide)), np.float32)
    padded[0, :, :, :wide] = scaled.astype(np.float32).transpose(2, 0, 1) / 127.5 - 1
    return padded
