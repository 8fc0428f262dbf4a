"""Files that are whole, on the disk, and for nobody else, whenever the power fails."""

from contextlib import suppress
import os
from pathlib import Path
from typing import Final

from ...errors import StoreNotSavedError

PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700

NEW: Final = ".new"
"""What the name of a file ends in while it is written."""


def make_folder(folder: Path) -> None:
    """Make a private folder, and those above it.

    Raises:
        StoreNotSavedError: It cannot be made.

    """
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        folder.chmod(PRIVATE_FOLDER)
    except OSError:
        raise StoreNotSavedError from None


def replace_file(path: Path, content: bytes) -> None:
    """Write a file as a whole: afterwards it is there, or the old one is.

    Raises:
        StoreNotSavedError: It could not be written; the old one is there.

    """
    new = path.with_name(path.name + NEW)
    try:
        # Left behind by a fall of the power, or something that is no file of ours.
        new.unlink(missing_ok=True)
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        try:
            write_all(file, content)
            os.fsync(file)
        finally:
            os.close(file)
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise StoreNotSavedError from None
    # It is there for all who look. Where the folder cannot be synced, as on some network
    # disks, it is so after a fall of the power, too, or the old file is.
    with suppress(OSError):
        sync_folder(path.parent)


def remove_file(path: Path) -> None:
    """Delete a file, if it is there.

    Raises:
        StoreNotSavedError: It cannot be deleted.

    """
    try:
        path.unlink(missing_ok=True)
    except OSError:
        raise StoreNotSavedError from None
    with suppress(OSError):
        path.with_name(path.name + NEW).unlink(missing_ok=True)
        sync_folder(path.parent)


def read_file(path: Path) -> bytes | None:
    """Return what is in a file, None if there is none.

    Raises:
        OSError: It is there and cannot be read.

    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def write_all(file: int, content: bytes) -> None:
    """Write all of it; a single call may write less.

    Raises:
        OSError: The disk is full, or cannot be written.

    """
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]


def sync_folder(folder: Path) -> None:
    """Let what was made, renamed or deleted in a folder outlive a fall of the power.

    Raises:
        OSError: It cannot.

    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
