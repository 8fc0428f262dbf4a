"""Looks for plates where none must be: in files, databases, logs and backups.

Many plates are looked for at once, in the forms in which a plate gets out: as it is, in
small letters, spaced or dashed anywhere, in UTF-16, in base64 and as SHA-256. Archives are
unpacked. What is found is told by file and form, and never by plate.
"""

import base64
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
import gzip
import hashlib
import io
from pathlib import Path
import tarfile
from typing import IO, Final, NamedTuple, cast, override
import zlib

import numpy as np
from numpy.typing import NDArray

from ..models import Plate

_CHUNK: Final = 4 * 2**20
_OVERLAP: Final = 4096
"""Bytes that two chunks share: more than any form is long, with room for spaces."""

_DEPTH: Final = 4
"""How many archives may lie within each other."""

_KEY: Final = 12
"""How many bytes of a form are hashed, at most; all of it is compared then."""

_PRIME: Final = np.uint64(1_099_511_628_211)
"""Of the hash that finds candidates; each of them is compared as it is."""


class Form(StrEnum):
    """How a plate was written that was found."""

    TEXT = "text"
    """As it is, in small letters, or with spaces, dashes, dots or NULs between."""
    BASE64 = "base64"
    SHA256 = "sha256"


class Hit(NamedTuple):
    """That a plate was found."""

    place: str
    """The file, and the member of an archive after a `!`."""
    form: Form
    times: int
    """How often. What lies in an archive that is not compressed is told of both."""


class _Unzipped(gzip.GzipFile):
    """What can be unpacked of a file that may be cut, or only begin like one."""

    @override
    def read(self, size: int | None = -1) -> bytes:
        try:
            return super().read(size)
        except EOFError, zlib.error, gzip.BadGzipFile:
            return b""


class _Patterns:
    """Byte strings that are looked for together."""

    def __init__(self, texts: Iterable[tuple[bytes, Form]]) -> None:
        wanted = sorted(texts)
        self._key = min([_KEY, *(len(text) for text, _ in wanted)])
        self._wanted: dict[bytes, list[tuple[bytes, Form]]] = {}
        for text, form in wanted:
            self._wanted.setdefault(text[: self._key], []).append((text, form))
        keys = np.frombuffer(b"".join(self._wanted), np.uint8)
        self._hashes = np.unique(_hashes(keys, self._key)[:: self._key])

    def count(self, data: NDArray[np.uint8], found: Counter[Form], sign: int) -> None:
        """Count what is in the data.

        Args:
            data: Where to look.
            found: Where it is counted.
            sign: 1, or -1 to take back what was counted before.

        """
        if len(data) < self._key:
            return
        hashes = _hashes(data, self._key)
        places = np.searchsorted(self._hashes, hashes)
        places[places == len(self._hashes)] = 0
        for at in np.flatnonzero(self._hashes[places] == hashes):
            for text, form in self._wanted.get(data[at : at + self._key].tobytes(), ()):
                if data[at : at + len(text)].tobytes() == text:
                    found[form] += sign


class Scanner:
    """Looks for a set of plates."""

    def __init__(self, plates: Iterable[Plate]) -> None:
        """Take the plates. Those with fewer than 4 characters are found in any text.

        Raises:
            ValueError: There is no plate to look for.

        """
        texts = {plate.reveal() for plate in plates}
        if not texts:
            raise ValueError("No plate to look for")
        self._count = len(texts)
        written = {form for text in texts for form in (text, text.lower())}
        self._folded = _Patterns(
            {
                *((text.encode(), Form.TEXT) for text in texts),
                *((_digest(text), Form.SHA256) for text in written),
            }
        )
        self._exact = _Patterns(
            (encoded, Form.BASE64)
            for text in written
            for encoded in _base64(text.encode())
        )

    @override
    def __repr__(self) -> str:
        """Show how many are looked for."""
        return f"Scanner({self._count} plates)"

    def scan(self, paths: Iterable[Path]) -> list[Hit]:
        """Look into files, and into all that is in folders.

        Args:
            paths: Files and folders. What is no file, such as a pipe, is left out.

        Returns:
            What was found, sorted by place.

        Raises:
            OSError: A file cannot be read: nobody knows what is in it.

        """
        hits: list[Hit] = []
        for path in paths:
            inside = path.rglob("*") if path.is_dir() else [path]
            for one in sorted(inside):
                if one.is_file() and not one.is_symlink():
                    with one.open("rb") as file:
                        hits += self._stream(file, str(one), _DEPTH)
        return hits

    def scan_bytes(self, content: bytes, place: str) -> list[Hit]:
        """Look into what is at hand, such as what a process has printed."""
        return self._stream(io.BytesIO(content), place, _DEPTH)

    def _stream(self, file: IO[bytes], place: str, depth: int) -> list[Hit]:
        """Look into a file as it is, and into what is packed in it."""
        found: Counter[Form] = Counter()
        head = b""
        rest = b""
        while chunk := file.read(_CHUNK):
            head = head or chunk[:512]
            # What lies in the part that two chunks share as a whole would come twice.
            self._look(rest, found, -1)
            self._look(rest + chunk, found, 1)
            rest = (rest + chunk)[-_OVERLAP:]
        hits = [Hit(place, form, times) for form, times in found.items() if times > 0]
        if depth:
            file.seek(0)
            hits += self._unpacked(file, head, place, depth - 1)
        return hits

    def _unpacked(
        self, file: IO[bytes], head: bytes, place: str, depth: int
    ) -> Iterator[Hit]:
        if head[:2] == b"\x1f\x8b":
            unzipped = cast(IO[bytes], _Unzipped(fileobj=file))
            yield from self._stream(unzipped, f"{place}!", depth)
        elif head[257:262] == b"ustar":
            try:
                with tarfile.open(fileobj=file, mode="r:") as archive:
                    for member in archive:
                        if member.isfile() and (inner := archive.extractfile(member)):
                            name = f"{place}!{member.name}"
                            yield from self._stream(inner, name, depth)
            except tarfile.TarError:
                return  # What could be unpacked was looked into.

    def _look(self, content: bytes, found: Counter[Form], sign: int) -> None:
        data = np.frombuffer(content, np.uint8)
        self._exact.count(data, found, sign)
        folded = _FOLD[data]
        self._folded.count(folded[folded != 0], found, sign)


def _digest(text: str) -> bytes:
    """Return the SHA-256 of a text, in capitals as everything that is folded."""
    return hashlib.sha256(text.encode()).hexdigest().upper().encode()


def _base64(text: bytes) -> Iterator[bytes]:
    """Return what of a text is in base64, wherever in the encoded bytes it begins."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + text)
        begin = -(-before * 8 // 6)
        end = (before + len(text)) * 8 // 6
        yield encoded[begin:end]


def _hashes(data: NDArray[np.uint8], length: int) -> NDArray[np.uint64]:
    """Return the hash of what begins at each place, with wrap-around at 2**64."""
    count = len(data) - length + 1
    wide = data.astype(np.uint64)
    found = np.zeros(count, np.uint64)
    for at in range(length):
        found *= _PRIME
        found += wide[at : at + count]
    return found


def _fold() -> NDArray[np.uint8]:
    """Return what each byte is taken for: itself, a capital, or nothing (0)."""
    table = np.arange(256, dtype=np.uint8)
    table[ord("a") : ord("z") + 1] -= np.uint8(32)
    for separator in b"\0 -._\xb7\xc2":
        table[separator] = 0
    return table


_FOLD: Final = _fold()
