"""Finds a vehicle by its plate, in an index of which nobody reads a plate."""

import hashlib
import hmac
from typing import override

from ...models import Plate


class PlateIndex:
    """Vehicle ids by the keyed digest of their plates (HMAC-SHA256, RFC 2104).

    Without the key nobody can try plates against it. With the key everybody can: there
    are so few plates that a digest hides none of them.
    """

    def __init__(self, key: bytes) -> None:
        """Take the key: 32 bytes."""
        self._key = key
        self._ids: dict[bytes, str] = {}

    @override
    def __repr__(self) -> str:
        """Show how many there are."""
        return f"PlateIndex({len(self._ids)} plates)"

    def __len__(self) -> int:
        """Return how many plates there are."""
        return len(self._ids)

    def digest(self, plate: Plate) -> bytes:
        """Return what a plate is found by, 32 bytes."""
        return hmac.digest(self._key, plate.reveal().encode(), hashlib.sha256)

    def get(self, plate: Plate) -> str | None:
        """Return the id of the vehicle that has a plate; None if none has."""
        return self._ids.get(self.digest(plate))

    def add(self, plate: Plate, vehicle_id: str) -> None:
        """Let a vehicle be found by its plate."""
        self._ids[self.digest(plate)] = vehicle_id

    def remove(self, plate: Plate) -> None:
        """Let it be found no more; nothing if it is not there."""
        self._ids.pop(self.digest(plate), None)
