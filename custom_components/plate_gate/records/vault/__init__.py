"""What seals everything that is kept, and notices whatever is done to it."""

from .index import PlateIndex
from .journal import Journal
from .keeper import VaultKeeper
from .keys import PASSPHRASE_MIN, KeyMode, KeyStore, MasterKey
from .vault import SealedFile, Vault

__all__ = [
    "PASSPHRASE_MIN",
    "Journal",
    "KeyMode",
    "KeyStore",
    "MasterKey",
    "PlateIndex",
    "SealedFile",
    "Vault",
    "VaultKeeper",
]
