"""Seals bytes, so that nobody reads them and no change to them goes unnoticed.

AES-256-GCM (NIST SP 800-38D) with a random nonce for each seal, under keys that
HKDF-SHA256 (RFC 5869) derives from the master key, one for each purpose.
"""

import os
from typing import Final, override

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ...errors import StoreDamagedError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
OVERHEAD: Final = NONCE_BYTES + TAG_BYTES
"""By how many bytes what is sealed is longer than what it holds."""


def derive(master: bytes, purpose: str, store_id: bytes) -> bytes:
    """Return the key for a purpose.

    Args:
        master: The key to derive from, 32 bytes.
        purpose: What the new key is for; another purpose gives another key.
        store_id: The store, so that no two stores have a key in common.

    Returns:
        32 bytes, of which nothing can be told without the master key.

    """
    return HKDF(
        algorithm=SHA256(),
        length=KEY_BYTES,
        salt=store_id,
        info=b"plate_gate " + purpose.encode(),
    ).derive(master)


class Sealer:
    """Seals and opens with one key."""

    def __init__(self, key: bytes) -> None:
        """Take the key: 32 bytes.

        The random nonces limit a key to 2**32 seals (SP 800-38D, section 8.3). Here, no
        key seals more than the rows of one file until that is written anew.
        """
        self._aead = AESGCM(key)

    @override
    def __repr__(self) -> str:
        """Show nothing of the key."""
        return "Sealer()"

    def seal(self, plain: bytes, about: bytes) -> bytes:
        """Return the nonce, followed by what is sealed and its tag.

        Args:
            plain: What nobody shall read.
            about: What it has to be opened with; this is not secret.

        """
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            StoreDamagedError: It was sealed with another key, about something else, or
                has changed since.

        """
        if len(sealed) < OVERHEAD:
            raise StoreDamagedError
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
        except InvalidTag:
            raise StoreDamagedError from None
