"""The vault of a site: everything that is kept, sealed, in one folder."""

from pathlib import Path
import re
from typing import Final, Self, override

from ...errors import KeyMissingError, StoreDamagedError
from .anchor import Anchor
from .disk import make_folder
from .journal import Journal
from .keys import KeyMode, KeyStore, MasterKey

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_SUFFIX: Final = ".sealed"


class Vault:
    """The sealed files of a site, which share a master key and an anchor.

    All of this blocks, and none of it is made for two threads at a time: the caller sees
    to both.
    """

    def __init__(self, folder: Path, master: MasterKey, store_id: bytes) -> None:
        """Take where it is, and its keys; `create` and `open` are the ways in."""
        self._folder = folder
        self._master = master
        self._store_id = store_id
        self._anchor = Anchor(folder / "anchor", self.derive("anchor"))
        self._journals: dict[str, Journal] = {}

    @override
    def __repr__(self) -> str:
        """Show nothing of it."""
        return "Vault()"

    @classmethod
    def create(
        cls,
        folder: Path,
        mode: KeyMode = KeyMode.FILE,
        *,
        passphrase: str | None = None,
        external: Path | None = None,
    ) -> tuple[Self, str]:
        """Make a vault, where there is none.

        Args:
            folder: Where; it is made.
            mode: Where the master key shall be.
            passphrase: In the mode PASSPHRASE.
            external: The key file, in the mode EXTERNAL.

        Returns:
            The vault, and its recovery code, which is kept nowhere.

        Raises:
            KeyMissingError: There is something sealed already.
            KeyWrongError: The passphrase is too short, or the file holds no key.
            StoreNotSavedError: It could not be written.

        """
        keys = KeyStore(folder)
        master, code = keys.create(mode, passphrase=passphrase, external=external)
        vault = cls(folder, master, keys.made_store_id)
        vault._anchor.create()
        # The last step: a vault that lacks its anchor would look like one that lost it.
        keys.confirm()
        return vault, code

    @classmethod
    def open(
        cls, folder: Path, passphrase: str | None = None, *, accept: bool = False
    ) -> Self:
        """Open a vault.

        Args:
            folder: Where it is.
            passphrase: In the mode PASSPHRASE.
            accept: Whether to do without its anchor if that is gone or was changed, for
                `accept` to make a new one.

        Raises:
            KeyMissingError: There is none, or its key is not where it should be.
            KeyWrongError: The key is another one, or this is not the passphrase.
            VaultLockedError: It takes the passphrase.
            StoreDamagedError: Its anchor is gone, or was changed.

        """
        keys = KeyStore(folder)
        if not keys.exists:
            raise KeyMissingError
        return cls.open_with(folder, keys.unlock(passphrase), accept=accept)

    @classmethod
    def open_with(
        cls, folder: Path, master: MasterKey, *, accept: bool = False
    ) -> Self:
        """Open a vault with a key that is at hand, as from a recovery code.

        Args:
            folder: Where it is.
            master: The key.
            accept: See `open`.

        Raises:
            KeyMissingError: There is none.
            StoreDamagedError: The key is that of another vault, or the anchor is gone.

        """
        make_folder(folder)
        vault = cls(folder, master, KeyStore(folder).store_id)
        try:
            vault._anchor.load()
        except StoreDamagedError:
            if not accept:
                raise
            vault._anchor.create()
        return vault

    @property
    def master(self) -> MasterKey:
        """The master key, for whoever puts it somewhere else."""
        return self._master

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self._folder

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all files that there are, or were about to be."""
        return self._anchor.names

    def derive(self, purpose: str) -> bytes:
        """Return a key for a purpose, 32 bytes."""
        return self._master.derive(purpose, self._store_id)

    def journal(self, name: str, key: bytes | None = None) -> Journal:
        """Return a file of rows, to be loaded by whoever asks for it first.

        Args:
            name: Small letters, digits and dashes.
            key: The key that seals it, 32 bytes; None for one made for this name.

        """
        if not _NAME.fullmatch(name):
            raise ValueError("No name of a sealed file")
        if key is None and name in self._journals:
            return self._journals[name]
        journal = Journal(
            self._folder / (name + _SUFFIX),
            name,
            self.derive(f"file {name}") if key is None else key,
            self._store_id,
            self._anchor,
        )
        if key is None:
            self._journals[name] = journal
        return journal

    def accept(self) -> None:
        """Take what is there for the newest, file by file, and what is gone for gone.

        For a person who knows why it is not, as after a backup was restored.

        Raises:
            StoreDamagedError: A file was changed. Nobody can accept that.

        """
        there = (path.name.removesuffix(_SUFFIX) for path in self._sealed())
        for name in sorted({*there, *self.names}):
            self.journal(name).accept()

    def _sealed(self) -> list[Path]:
        return list(self._folder.glob("*" + _SUFFIX))

    def file(self, name: str) -> SealedFile:
        """Return a file that is written as a whole; see `journal`."""
        return SealedFile(self.journal(name))


class SealedFile:
    """Bytes that are kept as a whole."""

    def __init__(self, journal: Journal) -> None:
        """Take the journal whose only row they are."""
        self._journal = journal

    def load(self) -> bytes | None:
        """Return what was saved last; None if nothing ever was.

        Raises:
            StoreDamagedError: It was changed, or is not the newest.

        """
        rows = self._journal.load()
        return rows[0] if rows else None

    def accept(self) -> bytes | None:
        """Take what is there for the newest; see `Journal.accept`.

        Raises:
            StoreDamagedError: It was changed.

        """
        rows = self._journal.accept()
        return rows[0] if rows else None

    def save(self, content: bytes) -> None:
        """Save; return once it is on the disk.

        Raises:
            StoreNotSavedError: It could not be written, and is as it was.
            StoreDamagedError: What is there was changed, so it is not overwritten.

        """
        if not self._journal.is_loaded:
            self._journal.load()
        self._journal.rewrite([content])

    def overwrite(self, content: bytes) -> None:
        """Save, whatever is there; see `Journal.overwrite`.

        Raises:
            StoreNotSavedError: It could not be written, and is as it was.

        """
        self._journal.overwrite([content])

    def remove(self) -> None:
        """Delete it.

        Raises:
            StoreNotSavedError: It cannot be deleted, or was not loaded.

        """
        self._journal.remove()
