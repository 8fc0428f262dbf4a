"""Which plates of a list are so like another that people should be warned."""

from collections.abc import Iterable, Iterator
from itertools import product

from ..models import ALPHABET, Plate, Vehicle

_LOOK_ALIKES = {c: pair for pair in ("O0", "I1") for c in pair}


def similar_plates(plate: Plate, vehicles: Iterable[Vehicle]) -> list[Vehicle]:
    """Return the vehicles whose plates differ from a plate by next to nothing.

    That is: one character changed, added or left out; or any number of them, if the
    recognizer cannot tell them apart (Ö and O) or the user may have allowed to take
    one for the other (O and 0, I and 1). Such a pair is allowed. But the gate stays
    closed where a picture fits both and their rights differ, and a vehicle may be
    taken for the other.

    Args:
        plate: A plate, whether it is listed or not.
        vehicles: The list. A vehicle that has the very plate is left out.

    Returns:
        The vehicles, in the order of the list.

    """
    listed = [(v, _as_seen(v.plate)) for v in vehicles]
    others = "".join(text for _, text in listed if not text.isascii())
    near = set(_near(_as_seen(plate), sorted({*ALPHABET, *others})))
    return [v for v, text in listed if text in near and v.plate != plate]


def _as_seen(plate: Plate) -> str:
    """Return a plate as a reader sees it, as far as one can."""
    return plate.readable() or plate.reveal()


def _near(text: str, alphabet: Iterable[str]) -> Iterator[str]:
    """Make all texts that are similar to a text, and the text: about a thousand.

    Looking each plate up among them takes a hundredth of comparing it.
    """
    for place in range(len(text) + 1):
        before, after, rest = text[:place], text[place:], text[place + 1 :]
        yield before + rest
        for character in alphabet:
            yield before + character + after
            yield before + character + rest
    yield from map("".join, product(*(_LOOK_ALIKES.get(c, c) for c in text)))
