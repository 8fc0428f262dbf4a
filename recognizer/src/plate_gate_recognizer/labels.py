"""Labeled photographs in the layout of OpenALPR's benchmark.

Beside `X.jpg` stands `X.txt`: file name, x, y, width and height of the plate in pixels, and
its text, separated by tabs. Each further line is a further plate of the same picture.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
import logging
import math
from pathlib import Path
from typing import Final
import unicodedata

from .errors import BenchError
from .geometry import Box

_LOGGER = logging.getLogger(__name__)

_PICTURES: Final = frozenset({".jpg", ".jpeg", ".png"})
_LABEL: Final = ".txt"
_FIELDS: Final = 6


@dataclass(frozen=True, slots=True)
class Plate:
    """What a label says of one plate."""

    text: str = field(repr=False)
    """Capital letters and digits."""
    box: Box


@dataclass(frozen=True, slots=True)
class Example:
    """One labeled photograph."""

    picture: Path
    plates: tuple[Plate, ...]
    """At least one."""


def groups_of(folder: Path) -> dict[str, list[Example]]:
    """Return the examples of a folder and of those in it, however deep.

    What begins with a dot is left out, as are a label without a picture (any text may
    lie there) and a picture without a label, of which the log tells the number.

    Args:
        folder: Where to look.

    Returns:
        The examples of each folder that has some, by its path below `folder` with
        slashes; "" is `folder` itself.

    Raises:
        BenchError: This is no folder, there are none, or a label makes no sense.

    """
    if not folder.is_dir():
        raise BenchError("This is no folder")
    groups: dict[str, list[Example]] = {}
    unlabeled = 0
    for inner in _folders(folder):
        examples, left_out = _examples(inner)
        unlabeled += left_out
        if examples:
            name = inner.relative_to(folder).as_posix()
            groups["" if name == "." else name] = examples
    if not groups:
        raise BenchError("The folder holds no pictures with labels")
    if unlabeled:
        _LOGGER.warning("Pictures without a label, left out: %s", unlabeled)
    return groups


def _folders(folder: Path, above: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """Return a folder and those in it that are not hidden, in the order of names."""
    here = folder.resolve()
    if here in above:
        return  # A link leads back to where it is.
    yield folder
    for inner in sorted(folder.iterdir()):
        if inner.is_dir() and inner.name[0] != ".":
            yield from _folders(inner, above | {here})


def _examples(folder: Path) -> tuple[list[Example], int]:
    """Return the examples right in a folder, and how many pictures have no label."""
    pictures: dict[str, Path] = {}
    labels: dict[str, Path] = {}
    for file in sorted(folder.iterdir()):
        if file.name[0] == "." or not file.is_file():
            continue
        suffix = file.suffix.lower()
        if suffix == _LABEL:
            labels[file.stem] = file
        elif suffix in _PICTURES:
            if other := pictures.get(file.stem):
                raise BenchError(
                    f"{other.name} and {file.name} would share one label; rename one"
                )
            pictures[file.stem] = file
    examples = [
        Example(picture, _plates(labels[stem]))
        for stem, picture in pictures.items()
        if stem in labels
    ]
    return examples, len(pictures) - len(examples)


def _plates(label: Path) -> tuple[Plate, ...]:
    """Read a label.

    Raises:
        BenchError: It says nothing, or something else than where a plate is.

    """
    # Whoever wrote it: a mark at the start, or a file name in another encoding, is no
    # reason to give up.
    text = label.read_text("utf-8-sig", errors="replace")
    plates: tuple[Plate, ...] = ()
    with suppress(ValueError):
        plates = tuple(_plate(line) for line in text.splitlines() if line.strip())
    if not plates:
        raise BenchError(f"The label {label.name} cannot be understood")
    return plates


def _plate(line: str) -> Plate:
    """Take a line of a label apart.

    Raises:
        ValueError: It makes no sense.

    """
    fields = line.split("\t")
    if len(fields) < _FIELDS:
        fields = line.split(maxsplit=_FIELDS - 1)
    _, *place, text = fields[:_FIELDS]
    x, y, width, height = map(float, place)
    normal = "".join(
        c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum()
    )
    if not normal or not all(map(math.isfinite, (x, y, width, height))):
        raise ValueError
    return Plate(normal, Box(x, y, x + width, y + height))
