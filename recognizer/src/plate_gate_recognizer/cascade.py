"""From a picture to the plates in it: a quick look, and more looks where it is unsure.

1. A tiny detector on the whole picture; each line that it finds is read.
2. If no plate is certain: a better detector on the surroundings of the most hopeful
   lines, which hits the edges of a plate more closely, and the line cut out a little
   larger, smaller and narrower. The most confident read counts.
3. If there is still no good one: the better detector on the whole picture.

Two of three pictures end after the first step. The numbers are those that were
measured, see docs/recognizer.md.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Self

import cv2
import numpy as np

from . import weights
from .ctc import characters_in, text_of
from .detector import Detector, Line
from .devices import CPU, Device
from .geometry import cut_out, same_place, size_of, stretch_upright
from .joining import joined
from .picture import Picture
from .ranking import CERTAIN, hope, is_certain, is_possible, ranked, weight
from .reader import Read, Reader
from .respell import respell

_WHOLE: Final = 960
"""Long side of the whole picture for the detectors, in pixels."""
_SURROUNDINGS: Final = 384
"""Long side of the surroundings of a line."""
_HEIGHT_BESIDE: Final = 0.5
"""How tall another line must be beside a certain plate, in heights of that: a vehicle
twice as far away is not at the gate, and what is smaller is mostly print."""
_GOOD: Final = 0.9
"""A plate less confident than this makes the third step worth its time."""
_SETTLED: Final = 0.95
"""A second look that is this confident needs no variants."""
_LINES_QUICK: Final = 6
_LINES_THOROUGH: Final = 8
_SECOND_LOOKS: Final = 2
_TEXT_WHOLE: Final = 4
"""A text shorter than this is rather a part of a plate."""


class Cascade:
    """Finds and reads plates. Several threads may use it at a time."""

    def __init__(
        self,
        quick: Detector,
        thorough: Detector,
        reader: Reader,
        *,
        formats: bool = True,
    ) -> None:
        """Put the parts together.

        Args:
            quick: Looks at every picture.
            thorough: Looks where it is worth the time.
            reader: Reads lines.
            formats: Whether series of plates decide where the reader cannot, see
                `respell`.

        """
        self._quick = quick
        self._thorough = thorough
        self._reader = reader
        self._formats = formats

    @classmethod
    def load(
        cls, threads: int = 2, device: Device = CPU, *, formats: bool = True
    ) -> Self:
        """Load the networks and run each once, since the first run takes longer.

        Args:
            threads: How many threads a picture may use, at least 1.
            device: What the networks run on.
            formats: As for the constructor.

        Raises:
            WeightsError: The weights are absent or other ones.
            DeviceError: The networks do not run on that device.

        """
        cv2.setNumThreads(threads)
        cascade = cls(
            Detector(weights.TINY_DETECTOR.locate(), threads, device),
            Detector(weights.SMALL_DETECTOR.locate(), threads, device),
            Reader(
                weights.SMALL_READER.locate(), weights.CLASSES.locate(), threads, device
            ),
            formats=formats,
        )
        cascade._warm_up()
        return cascade

    def read(self, picture: Picture) -> list[Read]:
        """Find the plates in a picture.

        Returns:
            What can be a plate, 2 to 12 capital letters and digits each, the likeliest
            first; an empty list if there is nothing.

        """
        reads = list(self._read_lines(picture, self._quick, _LINES_QUICK))
        reads += joined(reads)
        if not any(is_certain(read) for read in reads):
            reads = self._look_again(picture, reads)
            if not _is_good(reads):
                lines = self._read_lines(picture, self._thorough, _LINES_THOROUGH)
                reads += self._look_again(picture, list(lines))
            reads += joined(reads)
        reads = ranked(_one_for_each_place(reads))
        return [_respelled(read) for read in reads] if self._formats else reads

    def _warm_up(self) -> None:
        """Run everything on a gray picture and read a gray line."""
        gray = np.full((540, 960, 3), 128, np.uint8)
        self.read(gray)
        quad = np.array([[0, 0], [160, 0], [160, 40], [0, 40]], np.float32)
        self._reader.read(cut_out(gray, quad), quad)

    def _read_lines(
        self, picture: Picture, detector: Detector, most: int
    ) -> Iterator[Read]:
        """Read the largest and clearest lines of the whole picture.

        Once there is a certain plate, lines much smaller than it are passed over.
        """
        lines = [
            line
            for line in detector.find(picture, _WHOLE, sparing=True)
            if _may_be_plate(line)
        ]
        lines.sort(key=lambda line: line.score * size_of(line.quad)[1], reverse=True)
        height_min = 0.0
        for line in lines[:most]:
            if size_of(line.quad)[1] < height_min:
                continue
            read = self._reader.read(cut_out(picture, line.quad), line.quad)
            if is_certain(read):
                height_min = max(height_min, _HEIGHT_BESIDE * read.height)
            yield read

    def _look_again(self, picture: Picture, reads: list[Read]) -> list[Read]:
        """Replace the most hopeful reads by what a second look gives."""
        hopeful = sorted(
            (number for number, read in enumerate(reads) if hope(read)),
            key=lambda number: hope(reads[number]),
            reverse=True,
        )[:_SECOND_LOOKS]
        if not hopeful:
            # Nothing looks like a plate: then the largest clear text gets its chance.
            legible = [n for n, read in enumerate(reads) if _may_hide_plate(read)]
            legible.sort(key=lambda n: reads[n].confidence * reads[n].height)
            hopeful = legible[-1:]
        result = list(reads)
        for number in hopeful:
            if reads[number].whole and reads[number].confidence < CERTAIN:
                result[number] = self._look_closer(picture, reads[number])
                if is_certain(result[number]):
                    break
        return result

    def _look_closer(self, picture: Picture, read: Read) -> Read:
        """Read a line in several ways and return the most confident one."""
        looks = [read]
        closer = self._find_closer(picture, read)
        if closer is not None:
            looks.append(self._reader.read(cut_out(picture, closer.quad), closer.quad))
        if max(look.confidence for look in looks) < _SETTLED:
            looks += [
                self._reader.read(line, read.quad) for line in _variants(picture, read)
            ]
        return max(looks, key=_trust)

    def _find_closer(self, picture: Picture, read: Read) -> Line | None:
        """Find the line again in its own surroundings."""
        box = read.box
        height, width = picture.shape[:2]
        left = int(max(0, box.x_min - 0.35 * box.width))
        top = int(max(0, box.y_min - 0.8 * box.height))
        right = int(min(width, box.x_max + 0.35 * box.width))
        bottom = int(min(height, box.y_max + 0.8 * box.height))
        if left >= right or top >= bottom:
            return None
        corner = np.array([left, top], np.float32)
        lines = [
            Line(quad=line.quad + corner, score=line.score)
            for line in self._thorough.find(
                picture[top:bottom, left:right], _SURROUNDINGS
            )
        ]
        return max(
            (line for line in lines if _is_part_of(line, read)),
            key=lambda line: size_of(line.quad)[1],
            default=None,
        )


def _may_be_plate(line: Line) -> bool:
    """Tell whether a line has a size and form in which a plate is legible."""
    width, height = size_of(line.quad)
    return width >= 24 and height >= 7 and 1.1 < width / height < 12


def _may_hide_plate(read: Read) -> bool:
    """Tell whether a text is long enough to be worth a second look, and no clock."""
    return len(read.text) >= 3 and not read.caption and is_possible(read.text)


def _is_part_of(line: Line, read: Read) -> bool:
    """Tell whether a line is large enough to be what was read before."""
    width, height = size_of(line.quad)
    box = read.box
    return (
        height > 0.35 * box.height
        and width > 0.35 * box.width
        and 1.1 < width / height < 12
    )


def _is_good(reads: list[Read]) -> bool:
    """Tell whether the likeliest plate, that is no clock, was read well."""
    plates = [read for read in reads if hope(read) and not read.text.isdigit()]
    return bool(plates) and max(plates, key=weight).confidence >= _GOOD


def _respelled(read: Read) -> Read:
    """Let the formats of plates decide where the reader cannot."""
    text, confidence = text_of(respell(read.characters, characters_in(read.characters)))
    return replace(read, text=text, confidence=confidence)


def _variants(picture: Picture, read: Read) -> Iterator[Picture]:
    """Cut a line out a little taller, a little flatter, and squeezed."""
    yield cut_out(picture, stretch_upright(read.quad, 1.12))
    yield cut_out(picture, stretch_upright(read.quad, 0.9))
    line = cut_out(picture, read.quad)
    width = max(1, round(line.shape[1] * 0.85))
    squeezed = cv2.resize(line, (width, line.shape[0]), interpolation=cv2.INTER_AREA)
    yield np.asarray(squeezed, np.uint8)


def _trust(read: Read) -> float:
    """Return the confidence of a read that is long enough to be whole."""
    return read.confidence if len(read.text) >= _TEXT_WHOLE else 0.0


def _one_for_each_place(reads: list[Read]) -> list[Read]:
    """Return the likeliest plate of each place.

    By weight, not by confidence: many plates name their town in small, clear print.
    """
    kept: list[Read] = []
    for read in sorted(reads, key=weight, reverse=True):
        if not any(same_place(read.box, other.box) for other in kept):
            kept.append(read)
    return kept
