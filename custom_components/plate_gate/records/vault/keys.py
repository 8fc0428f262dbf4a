"""Where the master key is: beside the data, in somebody's head, or somewhere else.

The master key is random. A passphrase and the recovery code do not make it, they only
wrap it, so that either can be changed without sealing everything anew.
"""

import base64
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
import hashlib
import os
from pathlib import Path
import re
import secrets
from typing import Any, Final, NoReturn, override
import unicodedata

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
import orjson

from ...errors import (
    KeyMissingError,
    KeyWrongError,
    StoreDamagedError,
    StoreNotSavedError,
    VaultLockedError,
)
from .disk import NEW, make_folder, read_file, remove_file, replace_file
from .sealing import KEY_BYTES, Sealer, derive

_VERSION: Final = 1
_KEYS: Final = "keys.json"
_MADE: Final = "keys.json.made"
_KEY: Final = "key"

# RFC 9106, section 4, the second recommended choice, with one lane: what a small board
# can spare. About a quarter of a second on a server of 2024.
_MEMORY: Final = 65_536
"""KiB."""
_PASSES: Final = 3
_LANES: Final = 1
_SALT: Final = 16

PASSPHRASE_MIN: Final = 12
"""Characters. Whoever has the files can try as many as they have time for."""

_CODE_BYTES: Final = 16
_CHECK: Final = 4
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base32 as Crockford has it, without I, L, O and U, which are easily mistaken."""
_TYPED: Final = str.maketrans("OIL", "011")


class KeyMode(StrEnum):
    """Where the master key is."""

    FILE = "file"
    """In a file beside the data. This protects a data file that was copied alone, and
    nothing from whoever has the whole folder or a backup that is not encrypted."""
    PASSPHRASE = "passphrase"
    """Wrapped by a passphrase, which somebody types after each start. Until then no
    plate opens."""
    EXTERNAL = "external"
    """In a file somewhere else, such as on another disk."""


class MasterKey:
    """The key to everything, which does not leave by accident."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        """Take its 32 bytes.

        Raises:
            KeyWrongError: These are not 32 bytes.

        """
        if len(key) != KEY_BYTES:
            raise KeyWrongError
        self._key = key

    @override
    def __repr__(self) -> str:
        """Show that there is one, and nothing of it."""
        return "MasterKey(•••)"

    @override
    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse: what is pickled is kept."""
        raise TypeError("A key cannot be pickled")

    def derive(self, purpose: str, store_id: bytes) -> bytes:
        """Return the key for a purpose; see `sealing.derive`."""
        return derive(self._key, purpose, store_id)

    def wrapped(self, sealer: Sealer, about: bytes) -> bytes:
        """Return the key, sealed by another one."""
        return sealer.seal(self._key, about)

    def as_text(self) -> bytes:
        """Return the key as it stands in a key file."""
        return base64.b64encode(self._key) + b"\n"


class KeyStore:
    """The keys of one vault, in its folder: `keys.json`, and `key` if that is the mode."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of the vault; it need not be there yet."""
        self._folder = folder

    @property
    def exists(self) -> bool:
        """Whether there are keys, be they usable or not."""
        return (self._folder / _KEYS).exists()

    @property
    def store_id(self) -> bytes:
        """What tells this vault from every other one, 16 bytes; no secret.

        Raises:
            KeyMissingError: There is no vault, or its keys cannot be understood.

        """
        return bytes.fromhex(self._read()["store_id"])

    @property
    def made_store_id(self) -> bytes:
        """The `store_id` of keys that were created and do not count yet.

        Raises:
            KeyMissingError: There are none.

        """
        return bytes.fromhex(self._read(_MADE)["store_id"])

    @property
    def mode(self) -> KeyMode:
        """Where the master key is.

        Raises:
            KeyMissingError: There is no vault, or its keys cannot be understood.

        """
        return KeyMode(self._read()["mode"])

    @property
    def external(self) -> Path | None:
        """Where the external key file is; None in another mode.

        Raises:
            KeyMissingError: There is no vault, or its keys cannot be understood.

        """
        path = self._read().get("external")
        return None if path is None else Path(path)

    def create(
        self,
        mode: KeyMode,
        *,
        passphrase: str | None = None,
        external: Path | None = None,
    ) -> tuple[MasterKey, str]:
        """Make a new master key, where there is none and nothing that is sealed.

        The keys count once `confirm` has been called: until then another `create` may
        follow, so that a fall of the power in between leaves nothing half done.

        Args:
            mode: Where it shall be.
            passphrase: At least 12 characters, in the mode PASSPHRASE.
            external: The key file, in the mode EXTERNAL. One that is there is used.

        Returns:
            The key, and the recovery code, which is kept nowhere.

        Raises:
            KeyMissingError: There is something sealed already, so that a new key would be
                the wrong one.
            KeyWrongError: The passphrase is too short, or the file holds no key.
            StoreNotSavedError: It could not be written.

        """
        if self.exists or any(self._folder.glob("*.sealed")):
            raise KeyMissingError
        make_folder(self._folder)
        master = MasterKey(secrets.token_bytes(KEY_BYTES))
        if mode is KeyMode.EXTERNAL and external is not None and external.exists():
            master = _from_file(external)
        code, recovery = _wrap_by_code(master)
        keys = {
            "version": _VERSION,
            "store_id": secrets.token_hex(16),
            "recovery": recovery,
        }
        self._place(master, keys, mode, passphrase, external)
        return master, code

    def confirm(self) -> None:
        """Let the keys that were created count.

        Raises:
            StoreNotSavedError: It could not be written.

        """
        new = self._folder / _MADE
        content = read_file(new)
        if content is None:
            raise StoreNotSavedError
        replace_file(self._folder / _KEYS, content)
        remove_file(new)

    def unlock(self, passphrase: str | None = None) -> MasterKey:
        """Return the master key.

        Raises:
            KeyMissingError: It is not where it should be.
            KeyWrongError: It is another one, or this is not the passphrase.
            VaultLockedError: It takes the passphrase.

        """
        keys = self._read()
        try:
            match KeyMode(keys["mode"]):
                case KeyMode.PASSPHRASE:
                    if passphrase is None:
                        raise VaultLockedError
                    master = _unwrap_by_passphrase(passphrase, keys["passphrase"])
                case KeyMode.EXTERNAL:
                    master = _from_file(Path(keys["external"]))
                case KeyMode.FILE:
                    master = _from_file(self._folder / _KEY)
            if _check(master, bytes.fromhex(keys["store_id"])) != keys["check"]:
                raise KeyWrongError
        except KeyError, TypeError, ValueError:
            # What says where the key is was changed.
            raise KeyWrongError from None
        self._tidy(KeyMode(keys["mode"]))
        return master

    def unlock_by_recovery(self, code: str) -> MasterKey:
        """Return the master key, by the code that was shown once.

        Raises:
            KeyMissingError: There is no vault.
            KeyWrongError: This is not the code.

        """
        keys = self._read()
        secret = _read_code(code)
        try:
            wrap = keys["recovery"]
            sealer = _sealer_of_code(secret, bytes.fromhex(wrap["salt"]))
            return _unwrap(sealer, wrap["sealed"])
        except KeyError, TypeError, ValueError:
            raise KeyWrongError from None

    def change(
        self,
        master: MasterKey,
        mode: KeyMode,
        *,
        passphrase: str | None = None,
        external: Path | None = None,
    ) -> None:
        """Put the master key somewhere else; the recovery code stays.

        Whoever has a copy of the old key file can open what is sealed now and later.

        Raises:
            KeyMissingError: There is no vault.
            KeyWrongError: The passphrase is too short, or there is another key there.
            StoreNotSavedError: It could not be written, and all is as it was.

        """
        keys = self._read()
        kept = {name: keys[name] for name in ("version", "store_id", "recovery")}
        self._place(master, kept, mode, passphrase, external, made=_KEYS)
        if mode is not KeyMode.FILE:
            remove_file(self._folder / _KEY)

    def new_recovery_code(self, master: MasterKey) -> str:
        """Return another recovery code; the old one is worth nothing from now on.

        Raises:
            KeyMissingError: There is no vault.
            StoreNotSavedError: It could not be written, and the old one counts.

        """
        keys = self._read()
        code, keys["recovery"] = _wrap_by_code(master)
        replace_file(self._folder / _KEYS, orjson.dumps(keys))
        return code

    def _place(
        self,
        master: MasterKey,
        keys: Mapping[str, Any],
        mode: KeyMode,
        passphrase: str | None,
        external: Path | None,
        *,
        made: str = _MADE,
    ) -> None:
        """Write the key where it shall be, then what says where that is."""
        store_id = bytes.fromhex(keys["store_id"])
        placed = {**keys, "mode": mode.value, "check": _check(master, store_id)}
        match mode:
            case KeyMode.PASSPHRASE:
                placed["passphrase"] = _wrap_by_passphrase(master, passphrase or "")
            case KeyMode.EXTERNAL:
                if external is None:
                    raise KeyMissingError
                placed["external"] = str(external)
                if external.exists():
                    # Of somebody else, or of another site: it is not overwritten.
                    if _from_file(external).as_text() != master.as_text():
                        raise KeyWrongError
                else:
                    replace_file(external, master.as_text())
            case KeyMode.FILE:
                replace_file(self._folder / _KEY, master.as_text())
        replace_file(self._folder / made, orjson.dumps(placed))

    def _tidy(self, mode: KeyMode) -> None:
        """Delete what a fall of the power has left behind of keys that do not count.

        A key beside the data would make a passphrase worthless, and old wraps an old
        recovery code worth something. Where they cannot be deleted, the next start tries.
        """
        stale = [_MADE, *(name + NEW for name in (_MADE, _KEYS, _KEY))]
        if mode is not KeyMode.FILE:
            stale.append(_KEY)
        for name in stale:
            path = self._folder / name
            if path.exists():
                with suppress(StoreNotSavedError):
                    remove_file(path)

    def _read(self, name: str = _KEYS) -> dict[str, Any]:
        try:
            content = read_file(self._folder / name)
            keys = orjson.loads(content or b"")
            known = keys["version"] == _VERSION and KeyMode(keys["mode"])
            bytes.fromhex(keys["store_id"])
        except OSError, ValueError, KeyError, TypeError:
            raise KeyMissingError from None
        if not known:
            raise KeyMissingError
        return dict(keys)


def _check(master: MasterKey, store_id: bytes) -> str:
    """Return what tells the right key from a wrong one, and nothing else of it."""
    return master.derive("check", store_id).hex()


def _from_file(path: Path) -> MasterKey:
    try:
        text = read_file(path)
    except OSError:
        text = None
    if text is None:
        raise KeyMissingError
    try:
        return MasterKey(base64.b64decode(text.strip(), validate=True))
    except ValueError:
        raise KeyWrongError from None


def _wrap_by_passphrase(master: MasterKey, passphrase: str) -> dict[str, Any]:
    if len(passphrase) < PASSPHRASE_MIN:
        raise KeyWrongError
    salt = os.urandom(_SALT)
    sealer = _sealer_of_passphrase(passphrase, salt, _MEMORY, _PASSES, _LANES)
    return {
        "salt": salt.hex(),
        "memory": _MEMORY,
        "passes": _PASSES,
        "lanes": _LANES,
        "sealed": master.wrapped(sealer, b"passphrase").hex(),
    }


def _unwrap_by_passphrase(passphrase: str, wrap: Mapping[str, Any]) -> MasterKey:
    # What asks for more than this was not made here, and must not fill the memory.
    sealer = _sealer_of_passphrase(
        passphrase,
        bytes.fromhex(wrap["salt"]),
        min(int(wrap["memory"]), 4 * _MEMORY),
        min(int(wrap["passes"]), 4 * _PASSES),
        min(int(wrap["lanes"]), 4),
    )
    return _unwrap(sealer, wrap["sealed"], b"passphrase")


def _sealer_of_passphrase(
    passphrase: str, salt: bytes, memory: int, passes: int, lanes: int
) -> Sealer:
    # The same characters typed on another keyboard may be other code points.
    text = unicodedata.normalize("NFKC", passphrase).encode()
    return Sealer(
        Argon2id(
            salt=salt,
            length=KEY_BYTES,
            iterations=passes,
            lanes=lanes,
            memory_cost=memory,
        ).derive(text)
    )


def _wrap_by_code(master: MasterKey) -> tuple[str, dict[str, str]]:
    secret = secrets.token_bytes(_CODE_BYTES)
    salt = os.urandom(_SALT)
    sealed = master.wrapped(_sealer_of_code(secret, salt), b"recovery")
    return _write_code(secret), {"salt": salt.hex(), "sealed": sealed.hex()}


def _sealer_of_code(secret: bytes, salt: bytes) -> Sealer:
    # 128 random bits need no slow function: there is nothing to guess.
    return Sealer(derive(secret, "recovery", salt))


def _unwrap(sealer: Sealer, sealed: str, about: bytes = b"recovery") -> MasterKey:
    try:
        return MasterKey(sealer.open(bytes.fromhex(sealed), about))
    except StoreDamagedError, ValueError:
        raise KeyWrongError from None


def _write_code(secret: bytes) -> str:
    """Return the code in groups of five, the last four characters of it a check."""
    number = int.from_bytes(secret)
    text = ""
    for _ in range(26):
        number, digit = divmod(number, 32)
        text = _ALPHABET[digit] + text
    text += _check_of_code(text)
    return "-".join(text[at : at + 5] for at in range(0, len(text), 5))


def _read_code(code: str) -> bytes:
    """Return what a code stands for; case, spaces, dashes and O for 0 do not matter.

    Raises:
        KeyWrongError: It was typed wrongly, or is no code.

    """
    text = re.sub(r"[\s-]", "", code).upper().translate(_TYPED)
    body, check = text[:-_CHECK], text[-_CHECK:]
    known = all(character in _ALPHABET for character in body)
    if not known or len(body) != 26 or check != _check_of_code(body):
        raise KeyWrongError
    number = 0
    for character in body:
        number = number * 32 + _ALPHABET.index(character)
    if number >= 1 << (8 * _CODE_BYTES):
        raise KeyWrongError
    return number.to_bytes(_CODE_BYTES)


def _check_of_code(text: str) -> str:
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in (0, 5, 10, 15))
