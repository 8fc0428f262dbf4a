"""How the text of a plate is written, whoever wrote it.

The same plate comes from keyboards of several scripts and from recognizers that were
trained on others. What means the same is made the same here: case, spaces, dashes and
dots, capitals that look alike in Latin, Cyrillic and Greek, and the digits of other
scripts. Letters that a country really tells apart stay: an Ö is no O, a Č is no C.
"""

import re
from typing import Final
import unicodedata

_LABEL: Final = re.compile(r"\s*plate\s*[:：]", re.IGNORECASE)
"""What CodeProject.AI puts before a plate. The colon is part of it: PLATE1 is a plate."""

_TWINS: Final = {
    # Cyrillic: the letters of plates in Russia, Belarus, Ukraine, Bulgaria and others,
    # which were chosen because Latin has them, and two that Serbia and Macedonia have.
    **str.maketrans("АВЕКМНОРСТУХІЈЅ", "ABEKMHOPCTYXIJS"),
    # Greek: the fourteen letters of plates in Greece, chosen likewise.
    **str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
    # The capital of i on a Turkish keyboard, which no plate of Turkey tells from I.
    **str.maketrans("İ", "I"),
}
"""Capitals that are one letter in print, though not to a computer."""

_STROKES: Final = str.maketrans(
    {"Đ": "D", "Ð": "D", "Ø": "O", "Ł": "L", "Ħ": "H", "Ŧ": "T", "Æ": "AE", "Œ": "OE"}
)
"""Letters whose sign is no mark of its own, and the letters that a reader sees."""


def plate_text(text: str) -> str:
    """Return the capital letters and digits of a text, as a plate has them.

    Args:
        text: Any text; `Plate: ` before it is no part of it.

    Returns:
        Letters as composed capitals (NFC), the digits 0 to 9, and nothing else. Doing
        it again changes nothing. It may be empty.

    """
    if label := _LABEL.match(text):
        text = text[label.end() :]
    if text.isascii():
        text = text.upper()
        return text if text.isalnum() else "".join(filter(str.isalnum, text))
    # A ß has no place on a plate. As SS, which it is in capitals, it would be another.
    capital = unicodedata.normalize("NFKC", text).replace("ß", "ẞ").upper()
    return "".join(map(_kept, unicodedata.normalize("NFC", capital))).translate(_TWINS)


def _kept(character: str) -> str:
    """Return a letter as it is, a digit as one of 0 to 9, and nothing of the rest.

    Letters that only modify others (Lm) go, too. Some are in use as dashes: the Arabic
    tatweel, and the mark that makes a Japanese vowel long.
    """
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return character if category in {"Lu", "Ll", "Lt", "Lo"} else ""


def readable_text(text: str) -> str:
    """Return a text as readers of A to Z and 0 to 9 see it: an Ö is an O with dots.

    Args:
        text: As `plate_text` returns it.

    Returns:
        The text with the base letter in place of each letter that has one. It may hold
        further characters: those that have none stay.

    """
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text.translate(_STROKES))
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    # Some Cyrillic letters with a mark have a base that looks Latin, such as Ї.
    return unicodedata.normalize("NFC", bare).translate(_TWINS)
