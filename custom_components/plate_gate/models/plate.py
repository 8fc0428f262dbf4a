"""The text of a license plate, which says nothing of itself unless it is asked."""

from typing import Any, Final, NoReturn, Self, override

from ..errors import PlateInvalidError
from .plate_text import plate_text, readable_text

PLATE_MIN: Final = 2
PLATE_MAX: Final = 12


class Plate:
    """The text of a license plate, which does not leave by accident.

    It can be compared, hashed and asked for its text. It cannot be printed, formatted,
    logged, pickled or turned into JSON.
    """

    __slots__ = ("_text",)

    _text: str

    def __init__(self, text: str) -> None:
        """Take a plate as it is written: case, spaces and dashes do not matter.

        Nor does it matter in which script a letter was typed that Latin has as well;
        `plate_text` has the details.

        Args:
            text: The plate, as a person or a recognizer wrote it.

        Raises:
            PlateInvalidError: Fewer than 2 or more than 12 letters and digits are left.

        """
        normal = plate_text(text)
        if not PLATE_MIN <= len(normal) <= PLATE_MAX:
            raise PlateInvalidError
        object.__setattr__(self, "_text", normal)

    @override
    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: a plate does not change."""
        raise AttributeError("A plate does not change")

    @override
    def __eq__(self, other: object) -> bool:
        """Tell whether both are the same plate."""
        return isinstance(other, Plate) and self._text == other._text

    @override
    def __hash__(self) -> int:
        """Make it usable as a key, in this process only."""
        return hash((Plate, self._text))

    @override
    def __repr__(self) -> str:
        """Show that there is a plate, and nothing of it."""
        return "Plate(•••)"

    @override
    def __str__(self) -> str:
        """Show that there is a plate, and nothing of it."""
        return "•••"

    @override
    def __format__(self, format_spec: str) -> str:
        """Show that there is a plate, and nothing of it."""
        return "•••"

    @override
    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse: what is pickled is kept."""
        raise TypeError("A plate cannot be pickled")

    def __copy__(self) -> Self:
        """Return itself; it does not change."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return itself; it does not change."""
        return self

    def reveal(self) -> str:
        """Return the text: capital letters and digits, nothing else."""
        return self._text

    def readable(self) -> str | None:
        """Return the text as our recognizer would write it, in A to Z and 0 to 9.

        It knows no others: of GÖ-AB 123 it says GOAB123. So two plates that differ in
        nothing but such marks are one to it, and must not be told apart by it.

        Returns:
            At most 12 characters of `models.ALPHABET`; None if the plate has a letter
            that cannot be written so, such as Б, or comes out longer.

        """
        text = readable_text(self._text)
        return text if text.isascii() and len(text) <= PLATE_MAX else None

    def masked(self) -> str:
        """Return enough to recognize one's own plate by: `AB•••DE`."""
        shown = 2 if len(self._text) > 5 else 1 if len(self._text) > 3 else 0
        return f"{self._text[:shown]}•••{self._text[-shown:] if shown else ''}"
