"""PINs: kept as a digest, compared slowly.

A PIN of four digits is one of ten thousand, so no digest protects it from whoever has
the file: it keeps a PIN that is used elsewhere, too, from being read in passing. What
protects the gate is that few can be tried; see `confirmation.PinThrottle`.
"""

import os
import re
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from ..errors import PinInvalidError

# The first choice of OWASP's Password Storage Cheat Sheet: much memory, one pass.
_MEMORY: Final = 47_104
"""KiB."""
_PASSES: Final = 1
_LANES: Final = 1
_SALT: Final = 16
_LENGTH: Final = 32

_MEMORY_MAX: Final = 262_144
_PASSES_MAX: Final = 10
_LANES_MAX: Final = 4
"""A digest that asks for more was not made here, and must not fill the memory."""

_PIN: Final = re.compile(r"[0-9]{4,8}")
_DIGEST: Final = re.compile(
    r"\$argon2id\$v=19\$m=([0-9]{1,7}),t=([0-9]{1,3}),p=([0-9]{1,3})"
    r"\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}"
)


def hash_pin(pin: str) -> str:
    """Return the digest of a PIN, with a salt of its own: no two are alike.

    This is Argon2id (RFC 9106), by the package `cryptography` that Home Assistant
    brings along. It takes 46 MiB, and 55 ms on one core of a server of 2024; several
    times as long on a small board. So it belongs into the executor.

    Args:
        pin: 4 to 8 digits.

    Returns:
        A text in the format of the Password Hashing Competition: `$argon2id$v=19$...`.

    Raises:
        PinInvalidError: It is anything else.

    """
    if not _PIN.fullmatch(pin):
        raise PinInvalidError
    return Argon2id(
        salt=os.urandom(_SALT),
        length=_LENGTH,
        iterations=_PASSES,
        lanes=_LANES,
        memory_cost=_MEMORY,
    ).derive_phc_encoded(pin.encode())


def check_pin(pin: str, digest: str) -> bool:
    """Tell whether a PIN is the one that a digest was made of.

    The digests are compared in constant time. It costs what `hash_pin` does, so it
    belongs into the executor, too.

    Args:
        pin: What somebody typed.
        digest: What `hash_pin` returned; anything else is nobody's PIN.

    """
    found = _DIGEST.fullmatch(digest)
    if found is None or not _PIN.fullmatch(pin):
        return False
    memory, passes, lanes = (int(number) for number in found.groups())
    if memory > _MEMORY_MAX or passes > _PASSES_MAX or lanes > _LANES_MAX:
        return False
    try:
        Argon2id.verify_phc_encoded(pin.encode(), digest)
    except InvalidKey, ValueError:
        return False
    return True
