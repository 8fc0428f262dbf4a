"""Tells a clock, a date and other captions from a plate, by the signs between.

The reader knows colons and slashes, but plates are made of letters and digits only, so
`ctc` drops them, and of 15:13:09 remains a text that looks like a plate. A colon alone
says little: a seal between the groups of a plate is often read as one.
"""

import re
from typing import Final

_DATE: Final = r"(\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.](\d{4}|\d\d))"
"""Never three digits in a group, as plates of digits only have (12-345-67)."""
_TIME: Final = r"(\d\d?:\d\d(:\d\d)?)"

_CAPTION: Final = re.compile(
    # A clock, with or without the date: 7:41 PM, 2014-05-12 06:30:01.
    rf"\W*({_DATE}\W*)?{_TIME}\W*([ap]\.?m\.?)?\W*"
    rf"|\W*{_DATE}\W*"
    # A date whose beginning was cut off.
    r"|[-/.]\d\d?[-/.]\d{2,4}\W*"
    # A number with a decimal point: the size of an engine, a price.
    r"|\W*\d\.\d\W*"
    # Speeds, temperatures, prices, addresses.
    r"|.*(\d\s*(km/?h|mph|°|%)|[$€£@]|https?:|www\.|\.(com|net|org)\b).*",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)


def is_caption(text: str) -> bool:
    """Tell whether a text can only be a caption.

    Args:
        text: As the reader gives it, before anything is folded or dropped.

    """
    return bool(_CAPTION.fullmatch(text))
