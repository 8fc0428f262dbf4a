"""Stage 5: what is kept, and nothing of anyone who is not on the list."""

from .allowlist import Allowlist, AllowlistStorage, VehicleChange
from .counters import DayCount
from .ledger import Ledger, LedgerStorage, Use

__all__ = [
    "Allowlist",
    "AllowlistStorage",
    "DayCount",
    "Ledger",
    "LedgerStorage",
    "Use",
    "VehicleChange",
]
