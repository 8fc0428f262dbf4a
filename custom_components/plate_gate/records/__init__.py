"""Stage 5: what is kept, and nothing of anyone who is not on the list."""

from .allowlist import Allowlist, AllowlistStorage, VehicleChange
from .counters import DayCount
from .ledger import Ledger, LedgerStorage, Use
from .sealed import SealedAllowlist, SealedData
from .vault import PASSPHRASE_MIN, KeyMode, VaultKeeper

__all__ = [
    "PASSPHRASE_MIN",
    "Allowlist",
    "AllowlistStorage",
    "DayCount",
    "KeyMode",
    "Ledger",
    "LedgerStorage",
    "SealedAllowlist",
    "SealedData",
    "Use",
    "VaultKeeper",
    "VehicleChange",
]
