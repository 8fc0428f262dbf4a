"""A sealed file of rows, which grows at its end and can be written anew.

The file is a head (8 bytes that say what it is, and its epoch as 8 bytes) and then frame
after frame: the length in 4 bytes, and a row as `Sealer` seals it, about the name of the
file, its epoch, the number of the row and a digest of all rows before it. So no row can be
changed, moved, left out, doubled or taken from another file or another day of this one.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
import hashlib
import os
from pathlib import Path
import struct
from typing import Final, NamedTuple, override

from ...errors import StoreDamagedError, StoreNotSavedError, StoreRolledBackError
from .anchor import Anchor, Mark
from .disk import PRIVATE_FILE, read_file, remove_file, replace_file, write_all
from .sealing import OVERHEAD, Sealer, derive

_MAGIC: Final = b"PGATEv01"
_HEAD: Final = struct.Struct(">8sQ")
_LENGTH: Final = struct.Struct(">I")
_PLACE: Final = struct.Struct(">QQ")

ROW_MAX: Final = 16 * 2**20
"""Bytes of a row: what is larger belongs into several."""

_NOTHING: Final = bytes(32)


class _Found(NamedTuple):
    """What a file was found to hold, as far as it can be opened."""

    epoch: int
    rows: list[bytes]
    digests: list[bytes]
    """Of the first rows, from none of them to all."""
    ends: list[int]
    """Where these rows end in the file."""
    whole: bool
    """Whether nothing is left behind them."""

    def mark(self, count: int) -> Mark:
        return Mark(self.epoch, count, self.digests[count])


class Journal:
    """One sealed file. Load it before anything else."""

    def __init__(
        self, path: Path, name: str, key: bytes, store_id: bytes, anchor: Anchor
    ) -> None:
        """Describe the file.

        Args:
            path: Where it is.
            name: What it is called in the anchor; it is sealed into every row.
            key: 32 bytes. Each epoch is sealed with a key of its own made of it.
            store_id: The store.
            anchor: Where its mark is kept.

        """
        self._path = path
        self._name = name
        self._key = key
        self._store_id = store_id
        self._anchor = anchor
        self._mark: Mark | None = None
        self._size = 0
        self._loaded = False

    @override
    def __repr__(self) -> str:
        """Show how many rows there are, and nothing of them."""
        return f"Journal({self.count} rows)"

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._mark.rows if self._mark else 0

    @property
    def exists(self) -> bool:
        """Whether there is a file, be it without a row."""
        return self._mark is not None

    @property
    def is_loaded(self) -> bool:
        """Whether it is known what is there, so that it can be changed."""
        return self._loaded

    def load(self) -> list[bytes]:
        """Read all rows, the oldest first; none if there is no file and never was.

        Rows of an append that a fall of the power has cut short were never acknowledged,
        and are dropped.

        Raises:
            StoreDamagedError: It was changed, or cannot be read. It stays as it is.
            StoreRolledBackError: It is intact, and not the newest.

        """
        self._loaded = False
        found = self._read()
        if found is None:
            self._anchor.check(self._name, None)
            self._take(None, 0)
            return []
        count = self._counted(found)
        if not found.whole or count < len(found.rows):
            try:
                self._cut(found.ends[count])
            except OSError:
                # It cannot be written; the anchor remembers that a change is open.
                self._mark, self._size = found.mark(count), found.ends[count]
                self._loaded = True
                return found.rows[:count]
        self._take(found.mark(count), found.ends[count])
        return found.rows[:count]

    def accept(self) -> list[bytes]:
        """Take the file for the newest, though it is not, or for gone if it is gone.

        For a person who knows why, as after a backup was restored.

        Raises:
            StoreDamagedError: It was changed. Nobody can accept that.

        """
        found = self._read()
        if found is None:
            self._anchor.settle(self._name, None)
            self._take(None, 0)
            return []
        if not found.whole:
            raise StoreDamagedError
        mark = found.mark(len(found.rows))
        self._anchor.settle(self._name, mark)
        self._take(mark, found.ends[-1])
        return found.rows

    def append(self, rows: Sequence[bytes]) -> None:
        """Add rows at the end; they are on the disk when this returns.

        Raises:
            StoreNotSavedError: They could not be written, and none of them is there
                (unless the disk would not even take them back: then the next start may
                find them); or the file was not loaded.

        """
        self._check_loaded()
        before = self._mark
        if before is None:
            self.rewrite(rows)
            return
        if not rows:
            return
        frames, after = self._sealed(rows, before)
        self._anchor.prepare(self._name, before, after)
        try:
            self._write_at_end(frames)
        except OSError:
            with suppress(OSError):
                self._cut(self._size)
                self._anchor.settle(self._name, before)
            raise StoreNotSavedError from None
        self._mark = after
        self._size += len(frames)
        self._anchor.settle(self._name, after)

    def rewrite(self, rows: Iterable[bytes], *, key: bytes | None = None) -> None:
        """Write the file anew, with these rows only; at once or not at all.

        Args:
            rows: All rows from now on.
            key: Another key from now on.

        Raises:
            StoreNotSavedError: It could not be written, and is as it was; or it was not
                loaded.

        """
        self._check_loaded()
        old_key, before = self._key, self._mark
        self._key = key or old_key
        empty = Mark(before.epoch + 1 if before else 1, 0, _NOTHING)
        frames, after = self._sealed(rows, empty)
        content = _HEAD.pack(_MAGIC, after.epoch) + frames
        try:
            self._anchor.prepare(self._name, before, after)
            replace_file(self._path, content)
        except StoreNotSavedError:
            self._key = old_key
            raise
        self._mark, self._size = after, len(content)
        self._anchor.settle(self._name, after)

    def overwrite(self, rows: Iterable[bytes]) -> None:
        """Begin with these rows, whatever is there, be it damaged or not the newest.

        For a person who gives up what is there.

        Raises:
            StoreNotSavedError: It could not be written, and is as it was.

        """
        self._mark = self._anchor.mark(self._name)
        self._loaded = True
        try:
            self.rewrite(rows)
        except StoreNotSavedError:
            self._loaded = False
            raise

    def remove(self) -> None:
        """Delete the file.

        Raises:
            StoreNotSavedError: It cannot be deleted, or was not loaded.

        """
        self._check_loaded()
        if self._mark is None:
            return
        self._anchor.prepare(self._name, self._mark, None)
        remove_file(self._path)
        self._mark, self._size = None, 0
        self._anchor.settle(self._name, None)

    def _counted(self, found: _Found) -> int:
        """Return how many of the rows count.

        Raises:
            StoreDamagedError: Something is there that nobody of us has written.
            StoreRolledBackError: It is intact, and not the newest.

        """
        every = len(found.rows)
        if found.whole:
            try:
                self._anchor.check(self._name, found.mark(every))
            except StoreRolledBackError:
                if not self._anchor.is_open(self._name):
                    raise
            else:
                return every
        sure = self._anchor.mark(self._name)
        if (
            self._anchor.is_open(self._name)
            and sure is not None
            and sure.rows <= every
            and found.mark(sure.rows) == sure
        ):
            return sure.rows
        if found.whole:
            raise StoreRolledBackError
        raise StoreDamagedError

    def _take(self, mark: Mark | None, size: int) -> None:
        if self._anchor.is_open(self._name):
            self._anchor.settle(self._name, mark)
        self._mark, self._size = mark, size
        self._loaded = True

    def _read(self) -> _Found | None:
        """Read the file, as far as it can be opened; None if there is none."""
        try:
            content = read_file(self._path)
        except OSError:
            raise StoreDamagedError from None
        if content is None:
            return None
        if len(content) < _HEAD.size:
            raise StoreDamagedError
        magic, epoch = _HEAD.unpack_from(content)
        if magic != _MAGIC:
            raise StoreDamagedError
        sealer = self._sealer(epoch)
        found = _Found(epoch, [], [_NOTHING], [_HEAD.size], whole=True)
        view = memoryview(content)
        while (at := found.ends[-1]) < len(content):
            end = at + _LENGTH.size
            if end > len(content):
                return found._replace(whole=False)
            (length,) = _LENGTH.unpack_from(content, at)
            if length < OVERHEAD or end + length > len(content):
                return found._replace(whole=False)
            sealed = bytes(view[end : end + length])
            before = found.digests[-1]
            try:
                row = sealer.open(sealed, self._about(epoch, len(found.rows), before))
            except StoreDamagedError:
                return found._replace(whole=False)
            found.rows.append(row)
            found.digests.append(_digest(before, sealed))
            found.ends.append(end + length)
        return found

    def _sealed(self, rows: Iterable[bytes], after: Mark) -> tuple[bytes, Mark]:
        """Return the frames of rows that follow a mark, and the mark behind them."""
        epoch, count, digest = after
        sealer = self._sealer(epoch)
        frames = bytearray()
        for row in rows:
            if len(row) > ROW_MAX:
                raise StoreNotSavedError
            sealed = sealer.seal(row, self._about(epoch, count, digest))
            frames += _LENGTH.pack(len(sealed))
            frames += sealed
            count, digest = count + 1, _digest(digest, sealed)
        return bytes(frames), Mark(epoch, count, digest)

    def _sealer(self, epoch: int) -> Sealer:
        return Sealer(derive(self._key, f"{self._name}/{epoch}", self._store_id))

    def _about(self, epoch: int, number: int, before: bytes) -> bytes:
        return self._name.encode() + b"\0" + _PLACE.pack(epoch, number) + before

    def _write_at_end(self, frames: bytes) -> None:
        file = os.open(self._path, os.O_WRONLY, PRIVATE_FILE)
        try:
            # What an append left behind that could not be undone then.
            os.ftruncate(file, self._size)
            os.lseek(file, 0, os.SEEK_END)
            write_all(file, frames)
            os.fsync(file)
        finally:
            with suppress(OSError):
                os.close(file)

    def _cut(self, size: int) -> None:
        file = os.open(self._path, os.O_WRONLY, PRIVATE_FILE)
        try:
            os.ftruncate(file, size)
            os.fsync(file)
        finally:
            os.close(file)

    def _check_loaded(self) -> None:
        if not self._loaded:
            raise StoreNotSavedError


def _digest(before: bytes, sealed: bytes) -> bytes:
    return hashlib.sha256(before + sealed).digest()
