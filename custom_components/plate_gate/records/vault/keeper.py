"""Lets the event loop use a vault: off the loop, and one job at a time."""

from collections.abc import Awaitable, Callable
from pathlib import Path
import shutil
import threading
from typing import Any, override

from ...errors import StoreNotSavedError, VaultLockedError
from .keys import KeyMode, KeyStore
from .vault import Vault

type Runner = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Runs a job that blocks, in another thread, and returns what it returns."""


class VaultKeeper:
    """The vault of a site, whether it is open or not."""

    def __init__(self, folder: Path, run: Runner) -> None:
        """Take where it is; `open` opens it.

        Args:
            folder: Its folder, which need not be there yet.
            run: Runs what blocks.

        """
        self._folder = folder
        self._run = run
        self._vault: Vault | None = None
        # A caller may be canceled while its job goes on; the next one waits for that.
        self._lock = threading.Lock()

    @override
    def __repr__(self) -> str:
        """Tell whether it is open."""
        return f"VaultKeeper({'open' if self.is_open else 'closed'})"

    @property
    def is_open(self) -> bool:
        """Whether what is kept can be used."""
        return self._vault is not None

    async def open(self, passphrase: str | None = None) -> None:
        """Open the vault; where there is none and never was, make one.

        Once it is open this does nothing: a reload of the site asks for no passphrase.

        Raises:
            KeyMissingError: Its key is not where it should be.
            KeyWrongError: The key is another one, or this is not the passphrase.
            VaultLockedError: It takes the passphrase.
            StoreDamagedError: Its anchor is gone, or was changed.
            StoreNotSavedError: It could not be made.

        """

        def open_it() -> Vault:
            if KeyStore(self._folder).exists:
                return Vault.open(self._folder, passphrase)
            return Vault.create(self._folder)[0]

        await self._open_by(open_it)

    async def recover(self, code: str) -> None:
        """Open the vault by its recovery code, and put its key beside the data.

        Raises:
            KeyMissingError: There is no vault.
            KeyWrongError: This is not the code.
            StoreDamagedError: Its anchor is gone, or was changed.
            StoreNotSavedError: The key could not be written.

        """

        def recover() -> Vault:
            keys = KeyStore(self._folder)
            master = keys.unlock_by_recovery(code)
            keys.change(master, KeyMode.FILE)
            return Vault.open_with(self._folder, master)

        await self._open_by(recover)

    async def accept(self) -> None:
        """Take every file for the newest; see `Journal.accept`.

        Raises:
            StoreDamagedError: One of them was changed.
            RecordsError: As for `open`.

        """

        def accept() -> Vault:
            vault = self._vault or Vault.open(self._folder, accept=True)
            vault.accept()
            return vault

        await self._open_by(accept, again=True)

    async def do[ResultT](self, job: Callable[[Vault], ResultT]) -> ResultT:
        """Do something with the vault, off the event loop.

        Args:
            job: What to do; it may block.

        Returns:
            What it returns.

        Raises:
            VaultLockedError: The vault is not open.
            Exception: Whatever the job raises.

        """

        def locked() -> ResultT:
            with self._lock:
                if self._vault is None:
                    raise VaultLockedError
                return job(self._vault)

        result: ResultT = await self._run(locked)
        return result

    async def move_key(
        self,
        mode: KeyMode,
        *,
        passphrase: str | None = None,
        external: Path | None = None,
    ) -> None:
        """Put the key somewhere else; see `KeyStore.change`.

        Raises:
            VaultLockedError: The vault is not open.
            RecordsError: As for `KeyStore.change`.

        """
        await self.do(
            lambda vault: KeyStore(self._folder).change(
                vault.master, mode, passphrase=passphrase, external=external
            )
        )

    async def new_recovery_code(self) -> str:
        """Return another recovery code; the old one is worth nothing from now on.

        Raises:
            VaultLockedError: The vault is not open.
            RecordsError: As for `KeyStore.new_recovery_code`.

        """
        return await self.do(
            lambda vault: KeyStore(self._folder).new_recovery_code(vault.master)
        )

    async def remove(self) -> None:
        """Close the vault and delete all of it, the key first.

        Raises:
            StoreNotSavedError: Something could not be deleted.

        """

        def remove() -> None:
            with self._lock:
                self._vault = None
                try:
                    for name in ("key", "keys.json"):
                        (self._folder / name).unlink(missing_ok=True)
                    if self._folder.exists():
                        shutil.rmtree(self._folder)
                except OSError:
                    raise StoreNotSavedError from None

        await self._run(remove)

    async def _open_by(self, way: Callable[[], Vault], *, again: bool = False) -> None:
        def locked() -> None:
            with self._lock:
                if self._vault is None or again:
                    self._vault = way()

        await self._run(locked)
