"""What is known of every file of a vault: so that an old one is not taken for the newest.

A file can be intact and yet be the one of last week. So there is one more file, the
anchor, which holds the mark of each: how often it was written anew, how many rows it has,
and a digest of all of them. Before a file is changed, the anchor notes what it is about to
become, and afterwards that it has. If the power fails in between, the file is what it was
or what it was to become, and both are known; everything else is no accident.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import orjson

from ...errors import StoreDamagedError, StoreNotSavedError, StoreRolledBackError
from .disk import read_file, replace_file
from .sealing import Sealer

_ABOUT: Final = b"plate_gate anchor 1"


class Mark(NamedTuple):
    """A state of a file, which no other state of it has."""

    epoch: int
    """How often it was written anew, from 1."""
    rows: int
    """How many rows it has."""
    digest: bytes
    """A digest of all its rows, in their order."""

    @classmethod
    def read(cls, data: object) -> Self:
        """Read what `as_data` wrote.

        Raises:
            StoreDamagedError: This is something else.

        """
        match data:
            case [int(epoch), int(rows), str(digest)]:
                return cls(epoch, rows, bytes.fromhex(digest))
        raise StoreDamagedError

    def as_data(self) -> list[Any]:
        """Return it as JSON can hold it."""
        return [self.epoch, self.rows, self.digest.hex()]


class Anchor:
    """The marks of all files of a vault, in a file of its own."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Take where it is kept, and the key that seals it; `load` reads it."""
        self._path = path
        self._sealer = Sealer(key)
        self._marks: dict[str, Mark] = {}
        self._pending: dict[str, Mark | None] = {}

    def create(self) -> None:
        """Begin with no file at all.

        Raises:
            StoreNotSavedError: It could not be written.

        """
        self._marks, self._pending = {}, {}
        self._save(self._marks, self._pending)

    def load(self) -> None:
        """Read the marks.

        Raises:
            StoreDamagedError: It is gone, was changed, or is of another vault.

        """
        try:
            sealed = read_file(self._path)
        except OSError:
            sealed = None
        if sealed is None:
            raise StoreDamagedError
        data = orjson.loads(self._sealer.open(sealed, _ABOUT))
        self._marks = {name: Mark.read(mark) for name, mark in data["marks"].items()}
        self._pending = {
            name: None if mark is None else Mark.read(mark)
            for name, mark in data["pending"].items()
        }

    @property
    def names(self) -> tuple[str, ...]:
        """The files that there are, or were about to be."""
        return tuple(sorted({*self._marks, *self._pending}))

    def mark(self, name: str) -> Mark | None:
        """Return what a file was when it was last known for sure; None for none."""
        return self._marks.get(name)

    def is_open(self, name: str) -> bool:
        """Tell whether a change of a file was begun, and is not known to have ended."""
        return name in self._pending

    def check(self, name: str, found: Mark | None) -> None:
        """Compare a file with what it has to be.

        Args:
            name: Which file.
            found: What it is; None if it is not there.

        Raises:
            StoreRolledBackError: It is neither what it was, nor what it was about to
                become.

        """
        known = [self._marks.get(name)]
        if name in self._pending:
            known.append(self._pending[name])
        if found not in known:
            raise StoreRolledBackError

    def prepare(self, name: str, before: Mark | None, after: Mark | None) -> None:
        """Note what a file is about to become; None for that it is deleted.

        Args:
            name: Which file.
            before: What it is now.
            after: What it is about to become.

        Raises:
            StoreNotSavedError: That could not be written, so the file must not change.

        """
        marks = _with(self._marks, name, before)
        pending = {**self._pending, name: after}
        self._save(marks, pending)
        self._marks, self._pending = marks, pending

    def settle(self, name: str, now: Mark | None) -> None:
        """Note what a file has become.

        Where this cannot be written the change counts all the same: it was noted before.
        """
        self._marks = _with(self._marks, name, now)
        self._pending.pop(name, None)
        try:
            self._save(self._marks, self._pending)
        except StoreNotSavedError:
            # The next change of any file writes it, too.
            return

    def _save(
        self, marks: Mapping[str, Mark], pending: Mapping[str, Mark | None]
    ) -> None:
        data = {
            "marks": {name: mark.as_data() for name, mark in marks.items()},
            "pending": {
                name: None if mark is None else mark.as_data()
                for name, mark in pending.items()
            },
        }
        replace_file(self._path, self._sealer.seal(orjson.dumps(data), _ABOUT))


def _with(marks: Mapping[str, Mark], name: str, mark: Mark | None) -> dict[str, Mark]:
    """Return marks with one of them changed; None leaves it out."""
    changed = {known: value for known, value in marks.items() if known != name}
    if mark is not None:
        changed[name] = mark
    return changed
